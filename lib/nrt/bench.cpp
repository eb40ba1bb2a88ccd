// SPDX-License-Identifier: Apache-2.0
#include "nrt/bench.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <deque>
#include <mutex>
#include <thread>

namespace neuron::nrt {
namespace {

using Clock = std::chrono::steady_clock;

/// What the threads of a measurement share.
struct Shared {
  const BenchOptions& options;
  std::vector<std::atomic<std::uint64_t>> left;  ///< by package
  std::atomic<std::uint64_t> done{0};
  std::atomic<bool> stops{false};
  std::atomic<int> warming;
  Clock::time_point begin, end;
  std::mutex guard;
  Result<> failure;
  std::vector<Measured> executions;

  Shared(const BenchOptions& o, std::size_t packages)
      : options(o), left(packages), warming(o.threads * static_cast<int>(packages)) {
    for (auto& count : left) count = o.executions;
  }
  /// Answers whether one more execution of a package shall begin.
  bool takes_one(std::uint32_t package) {
    if (stops) return false;
    if (options.seconds > 0) return Clock::now() < end;
    auto count = left[package].load();
    while (count > 0 && !left[package].compare_exchange_weak(count, count - 1)) continue;
    return count > 0;
  }
};

/// One thread: a lane for each execution that may be in flight.
class Worker {
 public:
  Worker(Shared& shared, std::vector<Lane> lanes, std::uint32_t package, std::uint32_t thread)
      : shared_(shared), lanes_(std::move(lanes)), package_(package), thread_(thread) {}

  void run() {
    auto result = measure();
    std::lock_guard lock(shared_.guard);
    shared_.executions.insert(shared_.executions.end(), own_.begin(), own_.end());
    if (result) return;
    shared_.stops = true;
    if (shared_.failure) shared_.failure = std::move(result);
  }

 private:
  Result<> measure() {
    Result<> warm;
    for (std::uint64_t i = 0; i < shared_.options.warm_up && warm; ++i) warm = lanes_[0].execute();
    wait_for_others();
    if (!warm) return warm;
    return lanes_.size() == 1 ? one_by_one() : queued();
  }

  /// All threads begin to measure together.
  void wait_for_others() {
    if (shared_.warming.fetch_sub(1) == 1) {
      shared_.begin = Clock::now();
      shared_.end = shared_.begin + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(shared_.options.seconds));
      shared_.warming.store(-1);
      shared_.warming.notify_all();
    }
    for (int still = shared_.warming.load(); still >= 0; still = shared_.warming.load())
      shared_.warming.wait(still);
  }

  void keep_rate(std::uint64_t count) const {
    if (shared_.options.rate <= 0) return;
    const std::chrono::duration<double> at(static_cast<double>(count) / shared_.options.rate);
    std::this_thread::sleep_until(shared_.begin + std::chrono::duration_cast<Clock::duration>(at));
  }

  void note(Clock::time_point begin) {
    const auto now = Clock::now();
    own_.push_back({(begin - shared_.begin).count(), (now - begin).count(), package_, thread_});
    shared_.done.fetch_add(1, std::memory_order_relaxed);
  }

  Result<> one_by_one() {
    Lane& lane = lanes_[0];
    for (std::uint64_t i = 0; shared_.takes_one(package_); ++i) {
      keep_rate(i);
      const auto begin = Clock::now();
      if (shared_.options.moves_tensors) TRY(lane.move_inputs());
      TRY(lane.execute());
      if (shared_.options.moves_tensors) TRY(lane.move_outputs());
      note(begin);
    }
    return {};
  }

  Result<> queued() {
    std::deque<std::pair<std::size_t, Clock::time_point>> flying;
    const auto land = [&]() -> Result<> {
      const auto [lane, begin] = flying.front();
      flying.pop_front();
      TRY(lanes_[lane].wait());
      if (shared_.options.moves_tensors) TRY(lanes_[lane].move_outputs());
      note(begin);
      return {};
    };
    for (std::uint64_t i = 0; shared_.takes_one(package_); ++i) {
      keep_rate(i);
      if (flying.size() == lanes_.size()) TRY(land());
      const std::size_t lane = i % lanes_.size();
      flying.emplace_back(lane, Clock::now());
      if (shared_.options.moves_tensors) TRY(lanes_[lane].move_inputs());
      TRY(lanes_[lane].schedule());
    }
    while (!flying.empty()) {
      TRY(land());
    }
    return {};
  }

  Shared& shared_;
  std::vector<Lane> lanes_;
  std::uint32_t package_, thread_;
  std::vector<Measured> own_;
};

Result<std::vector<std::unique_ptr<Worker>>> workers_of(const std::vector<Session>& sessions,
                                                        Shared& shared) {
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::size_t p = 0; p < sessions.size(); ++p)
    for (int t = 0; t < shared.options.threads; ++t) {
      std::vector<Lane> lanes;
      for (int i = 0; i < shared.options.in_flight; ++i) {
        auto lane = TRY(Lane::of(sessions[p]));
        lanes.push_back(std::move(lane));
      }
      workers.push_back(std::make_unique<Worker>(
          shared, std::move(lanes), static_cast<std::uint32_t>(p), static_cast<std::uint32_t>(t)));
    }
  return workers;
}

}  // namespace

std::vector<std::int64_t> BenchResult::latencies(std::uint32_t package) const {
  std::vector<std::int64_t> out;
  for (const Measured& m : executions)
    if (m.package == package) out.push_back(m.latency_ns);
  std::sort(out.begin(), out.end());
  return out;
}

std::int64_t percentile(const std::vector<std::int64_t>& sorted, double percent) {
  if (sorted.empty()) return 0;
  const double rank = std::ceil(percent / 100 * static_cast<double>(sorted.size()));
  const auto at = static_cast<std::size_t>(std::max(1.0, rank)) - 1;
  return sorted[std::min(at, sorted.size() - 1)];
}

Result<BenchResult> bench(const std::vector<Session>& sessions, const BenchOptions& options,
                          const Progress& progress) {
  Shared shared(options, sessions.size());
  const auto workers = TRY(workers_of(sessions, shared));
  std::vector<std::thread> threads;
  std::atomic<std::size_t> running{workers.size()};
  for (const auto& worker : workers)
    threads.emplace_back([&] {
      worker->run();
      running.fetch_sub(1);
    });
  const std::uint64_t total = options.seconds > 0 ? 0 : options.executions * sessions.size();
  while (progress && running > 0) {
    progress("executing", shared.done, total);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (std::thread& thread : threads) thread.join();
  if (progress) progress("executing", 1, 1);
  TRY(std::move(shared.failure));
  BenchResult result;
  result.executions = std::move(shared.executions);
  for (const Measured& m : result.executions)
    result.wall_ns = std::max(result.wall_ns, m.begin_ns + m.latency_ns);
  std::sort(result.executions.begin(), result.executions.end(),
            [](const Measured& a, const Measured& b) { return a.begin_ns < b.begin_ns; });
  return result;
}

}  // namespace neuron::nrt
