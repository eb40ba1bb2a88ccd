// SPDX-License-Identifier: Apache-2.0
// The metric groups as JSON. Names and shapes are those of the user guide of neuron-monitor.
#include <cmath>

#include "host/devices.h"
#include "host/monitor.h"

namespace neuron::host {
namespace {

/// Two decimals, as reports show percents.
double rounded(double percent) { return std::round(percent * 100) / 100; }

Json json_of(const HostBytes& bytes) {
  return {{"application_memory", bytes.application_memory},
          {"constants", bytes.constants},
          {"dma_buffers", bytes.dma_buffers},
          {"tensors", bytes.tensors}};
}

Json json_of(const DeviceBytes& bytes) {
  return {{"constants", bytes.constants},
          {"model_code", bytes.model_code},
          {"model_shared_scratchpad", bytes.model_shared_scratchpad},
          {"runtime_memory", bytes.runtime_memory},
          {"tensors", bytes.tensors}};
}

Json cores_in_use(const Interval& interval, const ProcessView& process) {
  Json cores = Json::object();
  const Box& box = interval.box();
  const std::string version = names_of(*box.instance, box.lnc).core_version;
  for (const auto& [core, usage] : core_usage(interval, process)) {
    Json entry{{"neuroncore_utilization", rounded(usage.percent)},
               {"flops", static_cast<std::uint64_t>(usage.flops)}};
    if (box.lnc == 2)
      for (std::size_t p = 0; p < usage.physical.size(); ++p)
        entry[version][fmt::format("nc_v3.{}", core * 2 + p)] = {
            {"neuroncore_utilization", rounded(usage.physical[p])}};
    cores[std::to_string(core)] = std::move(entry);
  }
  return {{"neuroncores_in_use", std::move(cores)}};
}

Json latency(const std::vector<double>& seconds) {
  if (seconds.empty()) return nullptr;
  Json out = Json::object();
  for (std::size_t i = 0; i < seconds.size(); ++i)
    out[fmt::format("p{}", kPercentiles[i])] = seconds[i];
  return out;
}

Json executions(const Interval& interval, const ProcessView& process) {
  const ExecutionUsage usage = execution_usage(interval, process);
  Json errors, summary;
  for (const char* name : {"generic", "numerical", "transient", "model", "runtime", "hardware"})
    errors[name] = 0;
  for (const char* name : {"completed", "completed_with_err", "completed_with_num_err", "timed_out",
                           "incorrect_input", "failed_to_queue"})
    summary[name] = 0;
  const auto count = [](Json& counts, const char* name, std::uint64_t more) {
    if (*name) counts[name] = counts[name].get<std::uint64_t>() + more;
  };
#define NEURON_STATUS(name, execution, error, ...)                           \
  count(summary, execution, usage.statuses[CoreCells::index(Status::name)]); \
  count(errors, error, usage.statuses[CoreCells::index(Status::name)]);
#include "host/counters.def"
  return {{"error_summary", std::move(errors)},
          {"execution_summary", std::move(summary)},
          {"latency_stats",
           {{"total_latency", latency(usage.total_latency)},
            {"device_latency", latency(usage.device_latency)}}}};
}

Json subgraph_of(const LoadedPart& part, const Box& box) {
  const HostBytes host = host_bytes(part.memory);
  const DeviceBytes device = device_bytes(part.memory);
  return {{"memory_used_bytes",
           {{"host", host.sum()},
            {"neuron_device", device.sum()},
            {"usage_breakdown", {{"host", json_of(host)}, {"neuron_device", json_of(device)}}}}},
          {"neuroncore_index", part.core / box.lnc},
          {"neuron_device_index", part.core / box.instance->cores_per_device}};
}

Json loaded_models(const ProcessView& process, const Box& box) {
  Json models = Json::array();
  for (const LoadedPart& part : process.parts) {
    if (models.empty() || models.back()["model_id"] != part.model)
      models.push_back({{"name", part.name},
                        {"uuid", part.uuid},
                        {"model_id", part.model},
                        {"is_running", false},
                        {"subgraphs", Json::object()}});
    Json& model = models.back();
    model["is_running"] = model["is_running"].get<bool>() || part.is_running;
    model["subgraphs"][part.subgraph] = subgraph_of(part, box);
  }
  return models;
}

Json memory(const Interval& interval, const ProcessView& process) {
  const Box& box = interval.box();
  const HostBytes host = host_bytes(interval.after, process);
  std::map<std::uint32_t, DeviceBytes> by_core;
  DeviceBytes all;
  for (std::uint32_t c = 0; c < process.count; ++c) {
    const DeviceBytes bytes = device_bytes(process.cores[c]);
    add(by_core[(process.first + c) / box.lnc], bytes);
    add(all, bytes);
  }
  Json cores = Json::object();
  for (const auto& [core, bytes] : by_core) cores[std::to_string(core)] = json_of(bytes);
  return {{"neuron_runtime_used_bytes",
           {{"host", host.sum()},
            {"neuron_device", all.sum()},
            {"usage_breakdown",
             {{"host", json_of(host)}, {"neuroncore_memory_usage", std::move(cores)}}}}},
          {"loaded_models", loaded_models(process, box)}};
}

Json ecc_events(const Interval& interval) {
  Json devices = Json::array();
  for (std::uint32_t d = 0; d < interval.box().instance->devices; ++d)
    devices.push_back({{"neuron_device_index", d},
                       {"mem_ecc_corrected", 0},
                       {"mem_ecc_uncorrected", 0},
                       {"sram_ecc_uncorrected", 0},
                       {"sram_ecc_corrected", 0}});
  return {{"neuron_devices", std::move(devices)}};
}

Json cpu_shares(const CpuTicks& before, const CpuTicks& after) {
  const auto grown = [](std::uint64_t a, std::uint64_t b) { return b > a ? b - a : 0; };
  const auto all = static_cast<double>(grown(before.sum(), after.sum()));
  const auto share = [&](std::uint64_t CpuTicks::*kind) {
    const auto part = static_cast<double>(grown(before.*kind, after.*kind));
    return all > 0 ? rounded(100 * part / all) : 0;
  };
  return {{"user", share(&CpuTicks::user)},        {"nice", share(&CpuTicks::nice)},
          {"system", share(&CpuTicks::system)},    {"idle", share(&CpuTicks::idle)},
          {"io_wait", share(&CpuTicks::io_wait)},  {"irq", share(&CpuTicks::irq)},
          {"soft_irq", share(&CpuTicks::soft_irq)}};
}

Json vcpus(const Interval& interval) {
  const Moment &before = interval.before, &after = interval.after;
  Json each = Json::object();
  for (std::size_t c = 0; c < after.cpus.size(); ++c)
    each[std::to_string(c)] =
        cpu_shares(c < before.cpus.size() ? before.cpus[c] : CpuTicks{}, after.cpus[c]);
  return {{"average_usage", cpu_shares(before.all_cpus, after.all_cpus)},
          {"usage_data", std::move(each)},
          {"context_switch_count", after.context_switches - before.context_switches}};
}

Json host_memory(const Interval& interval) {
  const HostMemoryFacts& facts = interval.after.memory;
  return {{"memory_total_bytes", facts.total},
          {"memory_used_bytes", facts.used},
          {"swap_total_bytes", facts.swap_total},
          {"swap_used_bytes", facts.swap_used}};
}

}  // namespace

Json group_of(Group group, const Interval& interval, const ProcessView* process) {
  switch (group) {
    case Group::neuroncore_counters:
      return cores_in_use(interval, *process);
    case Group::execution_stats:
      return executions(interval, *process);
    case Group::memory_used:
      return memory(interval, *process);
    case Group::neuron_runtime_vcpu_usage: {
      const CpuUsage usage = process_cpu(interval, *process);
      return {{"vcpu_usage", {{"user", rounded(usage.user)}, {"system", rounded(usage.system)}}}};
    }
    case Group::neuron_hw_counters:
      return ecc_events(interval);
    case Group::vcpu_usage:
      return vcpus(interval);
    case Group::memory_info:
      return host_memory(interval);
  }
  return Json::object();
}

}  // namespace neuron::host
