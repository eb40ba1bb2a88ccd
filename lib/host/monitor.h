// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <regex>

#include "base/json.h"
#include "host/usage.h"

/// neuron-monitor: which metric groups to look at and how often, and the reports.
///   auto config = TRY(host::parse_monitor_config(bytes));
///   auto monitor = TRY(host::Monitor::start(box, std::move(config)));
///   for (;;) { sleep_until(monitor.due()); auto report = TRY(monitor.report()); }
namespace neuron::host {

enum class Group {
#define NEURON_GROUP(name, where) name,
#include "host/groups.def"
#undef NEURON_GROUP
};
const char* name_of(Group group);

struct WantedGroup {
  Group group;
  std::chrono::nanoseconds period;
};
struct MonitorConfig {
  struct Runtimes {
    std::regex tags;  ///< runtimes whose tag matches in full
    std::vector<WantedGroup> groups;
  };
  std::vector<Runtimes> runtimes;
  std::vector<WantedGroup> system;
  std::optional<std::chrono::nanoseconds> k8s_period;
};
/// All groups of all runtimes, each five seconds.
MonitorConfig default_monitor_config();
/// The documented configuration file. Malformed names the member and what it may be.
Result<MonitorConfig> parse_monitor_config(ByteView text);

/// What a report says of a group, without period and error.
Json group_of(Group group, const Interval& interval, const ProcessView* process);

class Monitor {
 public:
  using Clock = std::chrono::steady_clock;
  static Result<Monitor> start(const Box& box, MonitorConfig config);
  /// When the next group wants an update.
  Clock::time_point due() const;
  /// Updates the groups that are due; the report holds all groups, the others as they last were.
  Result<Json> report();
  /// The moment of the last report, or of the start.
  const Moment& now() const { return *now_; }

 private:
  struct Entry;  ///< a group of a runtime or of the system, as it last was
  Monitor() = default;
  void update(Json& place, const WantedGroup& wanted, const ProcessView* process);

  Box box_;
  MonitorConfig config_;
  std::shared_ptr<const Moment> now_;
  /// By period: the moment of the last update and when the next is due.
  struct Tick {
    std::shared_ptr<const Moment> moment;
    Clock::time_point due;
  };
  std::map<std::chrono::nanoseconds, Tick> ticks_;
  Json report_;
};

}  // namespace neuron::host
