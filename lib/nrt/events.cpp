// SPDX-License-Identifier: Apache-2.0
#include "nrt/events.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>

#include "nrt/model.h"

namespace neuron::nrt::events {
namespace {

struct Row {
  const char* name;
  const char* group;
};
constexpr Row kRows[] = {
#define NRT_EVENT(name, group) {#name, #group},
#include "nrt/events.def"
#undef NRT_EVENT
};
static_assert(kTypes <= 64, "a mask holds a bit for each type");

struct Event {
  Type type;
  bool is_start;
  std::uint32_t core, model;
  std::uint64_t tracking_id, timestamp_ns, bytes;
  std::int64_t thread;
};

struct Recorder {
  std::mutex guard;
  Config config;
  bool is_running = false;
  std::map<std::uint32_t, std::deque<Event>> events;  ///< by core
};
Recorder& recorder() {
  static Recorder* const one = new Recorder;  // threads may record while the process ends
  return *one;
}

std::uint64_t now_ns() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

Json json_of(const Event& e) {
  Json data{{"nc_idx", e.core}, {"tid", e.thread}};
  const bool on_core = std::string_view(kRows[static_cast<std::size_t>(e.type)].group) ==
                       std::string_view("hardware");
  if (on_core) data["nc_timestamp_ns"] = e.timestamp_ns;
  if (on_core) data["cpu_timestamp_ns"] = e.timestamp_ns;
  if (e.model) data["model_id"] = e.model;
  if (e.bytes) data["size"] = e.bytes;
  return {{"event_type", name_of(e.type)},
          {"phase", e.is_start ? "start" : "stop"},
          {"tracking_id", e.tracking_id},
          {"timestamp_ns", e.timestamp_ns},
          {"data", std::move(data)}};
}

}  // namespace

std::atomic<std::uint64_t> recorded_types{0};

const char* name_of(Type type) { return kRows[static_cast<std::size_t>(type)].name; }

std::vector<Type> types_named(const std::string& name) {
  std::vector<Type> out;
  for (std::size_t i = 0; i < kTypes; ++i)
    if (name == kRows[i].name || name == kRows[i].group) out.push_back(static_cast<Type>(i));
  return out;
}

std::vector<std::string> all_names() {
  std::vector<std::string> out;
  for (const Row& row : kRows) out.emplace_back(row.name);
  return out;
}

Result<> start(const Config& config) {
  Recorder& r = recorder();
  std::lock_guard lock(r.guard);
  if (r.is_running) return fail(Code::BadUsage, "events are already being recorded");
  r.config = config;
  r.is_running = true;
  r.events.clear();
  recorded_types.store(config.types, std::memory_order_relaxed);
  return {};
}

Result<> stop() {
  Recorder& r = recorder();
  std::lock_guard lock(r.guard);
  if (!r.is_running) return fail(Code::BadUsage, "no events are being recorded");
  recorded_types.store(0, std::memory_order_relaxed);
  r.is_running = false;
  return {};
}

bool is_recording() {
  Recorder& r = recorder();
  std::lock_guard lock(r.guard);
  return r.is_running;
}

std::uint64_t next_tracking_id() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

void record(Type type, bool is_start, std::uint32_t core, std::uint64_t tracking_id,
            const nrt_model* model, std::uint64_t bytes) {
  const Event event{type,        is_start, core,  model ? model->id : 0,
                    tracking_id, now_ns(), bytes, ::gettid()};
  Recorder& r = recorder();
  std::lock_guard lock(r.guard);
  if (!r.is_running || r.config.without_cores.count(core)) return;
  auto& events = r.events[core];
  if (events.size() >= r.config.max_per_core && !events.empty()) events.pop_front();
  if (r.config.max_per_core > 0) events.push_back(event);
}

Json fetch(std::int64_t core, std::uint64_t most) {
  std::vector<Event> taken;
  {
    Recorder& r = recorder();
    std::lock_guard lock(r.guard);
    for (auto& [index, events] : r.events) {
      if (core >= 0 && index != static_cast<std::uint64_t>(core)) continue;
      const auto count = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(most, events.size()));
      taken.insert(taken.end(), events.begin(), events.begin() + count);
      events.erase(events.begin(), events.begin() + count);
    }
  }
  std::stable_sort(taken.begin(), taken.end(),
                   [](const Event& a, const Event& b) { return a.timestamp_ns < b.timestamp_ns; });
  Json out{{"events", Json::array()}};
  for (const Event& event : taken) out["events"].push_back(json_of(event));
  return out;
}

}  // namespace neuron::nrt::events
