// SPDX-License-Identifier: Apache-2.0
#include "nrt/async.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "nrt/failure.h"

namespace neuron::nrt::async {
namespace {

constexpr std::size_t kDepth = 1024;
constexpr int kNumberBits = 48;
constexpr int kQueues[] = {2, 1, 3};  // by Unit

struct Request {
  std::uint64_t sequence;
  Work work;
  Done done;
};

struct Queue {
  std::deque<Request> waiting;
  std::uint64_t completed = 0;
  int event_fd = -1;
  bool stops = false;
  std::condition_variable changed;
  std::thread thread;
};

/// A unit of a core: its numbers, and which are still out.
struct UnitState {
  std::uint64_t issued = 0;
  std::set<std::uint64_t> out;
  std::vector<std::unique_ptr<Queue>> queues;  ///< made when first used
};

struct State {
  std::mutex guard;
  std::condition_variable completed;
  std::map<std::uint32_t, UnitState> units;   ///< by id
  std::multimap<std::uint64_t, int> waiters;  ///< eventfds by sequence
};
State& state() {
  static State* const one = new State;
  return *one;
}

std::uint32_t id_of(std::uint32_t core, Unit unit) {
  return core * 4 + static_cast<std::uint32_t>(unit);
}

void signal(int fd) {
  const std::uint64_t one = 1;
  if (fd >= 0 && ::write(fd, &one, sizeof one) < 0) return;  // the client's descriptor, its matter
}

/// What a queue's thread does until it is told to stop and has nothing left.
void serve(Queue& queue, UnitState& unit) {
  State& s = state();
  std::unique_lock lock(s.guard);
  for (;;) {
    queue.changed.wait(lock, [&] { return queue.stops || !queue.waiting.empty(); });
    if (queue.waiting.empty()) return;
    Request request = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    lock.unlock();
    const NRT_STATUS status = request.work();
    request.done(request.sequence, status);
    lock.lock();
    unit.out.erase(request.sequence);
    queue.completed = request.sequence;
    const auto [from, to] = s.waiters.equal_range(request.sequence);
    for (auto at = from; at != to; ++at) signal(at->second);
    s.waiters.erase(from, to);
    signal(queue.event_fd);
    s.completed.notify_all();
  }
}

Result<> check_queue(Unit unit, int queue) {
  const int count = kQueues[static_cast<std::size_t>(unit)];
  if (queue >= 0 && queue < count) return {};
  return fail(Code::BadUsage, "queue is {}, expected 0 to {}", queue, count - 1);
}

UnitState& unit_of(State& s, std::uint32_t core, Unit unit) {
  UnitState& found = s.units[id_of(core, unit)];
  found.queues.resize(static_cast<std::size_t>(kQueues[static_cast<std::size_t>(unit)]));
  return found;
}

/// The unit that gave out a number.
Result<UnitState*> unit_with(State& s, std::uint64_t sequence) {
  const auto at = s.units.find(static_cast<std::uint32_t>(sequence >> kNumberBits));
  const std::uint64_t number = sequence & ((std::uint64_t{1} << kNumberBits) - 1);
  if (at == s.units.end() || number == 0 || number > at->second.issued)
    return fail(Code::BadUsage, "no request has number {:#x}", sequence);
  return &at->second;
}

}  // namespace

Result<std::uint64_t> schedule(std::uint32_t core, Unit unit, int queue, Work work, Done done) {
  TRY(check_queue(unit, queue));
  State& s = state();
  std::lock_guard lock(s.guard);
  UnitState& u = unit_of(s, core, unit);
  auto& q = u.queues[static_cast<std::size_t>(queue)];
  if (!q) q = std::make_unique<Queue>();
  if (q->waiting.size() >= kDepth)
    return status_error(NRT_QUEUE_FULL, Code::NoResource,
                        "{} requests wait already; complete some first", q->waiting.size());
  const std::uint64_t sequence =
      (static_cast<std::uint64_t>(id_of(core, unit)) << kNumberBits) | ++u.issued;
  u.out.insert(sequence);
  q->waiting.push_back({sequence, std::move(work), std::move(done)});
  if (!q->thread.joinable())
    q->thread = std::thread([queue_ptr = q.get(), unit_ptr = &u] { serve(*queue_ptr, *unit_ptr); });
  q->changed.notify_one();
  return sequence;
}

Result<bool> is_completed(std::uint64_t sequence) {
  State& s = state();
  std::lock_guard lock(s.guard);
  const UnitState* unit = TRY(unit_with(s, sequence));
  return unit->out.count(sequence) == 0;
}

Result<std::uint64_t> last_completed(std::uint32_t core, Unit unit, int queue) {
  TRY(check_queue(unit, queue));
  State& s = state();
  std::lock_guard lock(s.guard);
  const auto& q = unit_of(s, core, unit).queues[static_cast<std::size_t>(queue)];
  const auto none = static_cast<std::uint64_t>(id_of(core, unit)) << kNumberBits;
  return q && q->completed ? q->completed : none;
}

Result<> notify(std::uint64_t sequence, int fd) {
  State& s = state();
  std::lock_guard lock(s.guard);
  const UnitState* unit = TRY(unit_with(s, sequence));
  if (fd < 0)
    s.waiters.erase(sequence);
  else if (unit->out.count(sequence))
    s.waiters.emplace(sequence, fd);
  else
    signal(fd);
  return {};
}

Result<> notify_queue(std::uint32_t core, Unit unit, int queue, int fd) {
  TRY(check_queue(unit, queue));
  State& s = state();
  std::lock_guard lock(s.guard);
  auto& q = unit_of(s, core, unit).queues[static_cast<std::size_t>(queue)];
  if (!q) q = std::make_unique<Queue>();
  q->event_fd = fd;
  return {};
}

Result<> drain(std::uint32_t core) {
  State& s = state();
  std::unique_lock lock(s.guard);
  s.completed.wait(lock, [&] {
    return std::all_of(s.units.begin(), s.units.end(), [&](const auto& unit) {
      return unit.first / 4 != core || unit.second.out.empty();
    });
  });
  return {};
}

void stop_all() {
  State& s = state();
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(s.guard);
    for (auto& [id, unit] : s.units)
      for (auto& queue : unit.queues) {
        if (!queue || !queue->thread.joinable()) continue;
        queue->stops = true;
        queue->changed.notify_one();
        threads.push_back(std::move(queue->thread));
      }
  }
  for (std::thread& thread : threads) thread.join();
  std::lock_guard lock(s.guard);
  for (auto& [id, unit] : s.units)  // numbers go on, so that old ones stay known
    for (auto& queue : unit.queues)
      if (queue) queue->stops = false;
}

}  // namespace neuron::nrt::async
