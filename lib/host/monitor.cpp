// SPDX-License-Identifier: Apache-2.0
#include "host/monitor.h"

#include <algorithm>

#include "host/devices.h"

namespace neuron::host {
namespace {

Json instance_info(const Box& box) {
  return {{"instance_name", box.name},
          {"instance_id", box.id},
          {"instance_type", box.instance->type},
          {"instance_availability_zone", box.zone},
          {"instance_availability_zone_id", box.zone_id},
          {"instance_region", box.region},
          {"ami_id", box.ami},
          {"subnet_id", box.subnet},
          {"error", ""}};
}

Json hardware_info(const Box& box) {
  const GenerationNames names = names_of(*box.instance, box.lnc);
  return {{"neuron_device_type", names.device_type},
          {"neuron_device_version", names.device_version},
          {"neuroncore_version", names.core_version},
          {"neuron_device_count", box.instance->devices},
          {"neuron_device_memory_size", box.instance->device_memory_bytes},
          {"neuroncore_per_device_count", box.instance->cores_per_device / box.lnc},
          {"logical_neuroncore_config", box.lnc},
          {"error", ""}};
}

template <class Visit>
void for_each_period(const MonitorConfig& config, Visit visit) {
  for (const auto& runtimes : config.runtimes)
    for (const WantedGroup& wanted : runtimes.groups) visit(wanted.period);
  for (const WantedGroup& wanted : config.system) visit(wanted.period);
  if (config.k8s_period) visit(*config.k8s_period);
}

/// The entry of a process in the last report, or an empty one.
Json entry_of(const Json& report, const ProcessView& process) {
  for (const Json& entry : report["neuron_runtime_data"])
    if (entry["pid"] == process.pid) return entry;
  return {{"pid", process.pid},
          {"address", ""},
          {"neuron_runtime_tag", process.tag},
          {"error", ""},
          {"report", Json::object()}};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "; ") + line;
  return out;
}

}  // namespace

Result<Monitor> Monitor::start(const Box& box, MonitorConfig config) {
  Monitor monitor;
  monitor.box_ = box;
  monitor.config_ = std::move(config);
  auto moment = TRY(take_moment(box));
  monitor.now_ = std::make_shared<Moment>(std::move(moment));
  const auto now = Clock::now();
  for_each_period(monitor.config_, [&](std::chrono::nanoseconds period) {
    monitor.ticks_[period] = {monitor.now_, now + period};
  });
  if (monitor.ticks_.empty())
    return fail(Code::BadUsage, "the configuration asks for no metric group");
  monitor.report_ = {{"neuron_runtime_data", Json::array()},
                     {"system_data", Json::object()},
                     {"instance_info", instance_info(box)},
                     {"neuron_hardware_info", hardware_info(box)}};
  return monitor;
}

Monitor::Clock::time_point Monitor::due() const {
  auto first = Clock::time_point::max();
  for (const auto& [period, tick] : ticks_) first = std::min(first, tick.due);
  return first;
}

void Monitor::update(Json& place, const WantedGroup& wanted, const ProcessView* process) {
  const Interval interval{*ticks_.at(wanted.period).moment, *now_};
  Json group{{"period", interval.seconds()}};
  group.update(group_of(wanted.group, interval, process));
  group["error"] = joined(now_->snapshot.oddities);
  place[name_of(wanted.group)] = std::move(group);
}

Result<Json> Monitor::report() {
  auto moment = TRY(take_moment(box_));
  now_ = std::make_shared<Moment>(std::move(moment));
  const auto now = Clock::now();
  const auto is_due = [&](const WantedGroup& w) { return ticks_.at(w.period).due <= now; };

  Json runtimes = Json::array();
  for (const ProcessView& process : now_->snapshot.processes) {
    Json entry = entry_of(report_, process);
    bool is_wanted = false;
    for (const auto& wanted : config_.runtimes) {
      if (!std::regex_match(process.tag, wanted.tags)) continue;
      is_wanted = true;
      for (const WantedGroup& group : wanted.groups)
        if (is_due(group)) update(entry["report"], group, &process);
    }
    if (is_wanted) runtimes.push_back(std::move(entry));
  }
  report_["neuron_runtime_data"] = std::move(runtimes);
  for (const WantedGroup& group : config_.system)
    if (is_due(group)) update(report_["system_data"], group, nullptr);
  if (config_.k8s_period && ticks_.at(*config_.k8s_period).due <= now)
    report_["neuron_k8s_info"] = {
        {"period", Interval{*ticks_.at(*config_.k8s_period).moment, *now_}.seconds()},
        {"neuroncores_k8s_info", Json::object()},
        {"neurondevices_k8s_info", Json::object()},
        {"error", "the simulated instance is no node of a Kubernetes cluster"}};

  for (auto& [period, tick] : ticks_) {
    if (tick.due > now) continue;
    tick.moment = now_;
    tick.due += period;
    if (tick.due <= now) tick.due = now + period;  // we were too slow: no burst to catch up
  }
  return report_;
}

}  // namespace neuron::host
