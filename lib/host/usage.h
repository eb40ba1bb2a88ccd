// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "host/proc.h"

/// What happened between two moments, in numbers that neuron-top and neuron-monitor both show.
namespace neuron::host {

struct Interval {
  const Moment& before;
  const Moment& after;
  const Box& box() const { return after.snapshot.box; }
  double seconds() const {
    return static_cast<double>(after.snapshot.at_ns - before.snapshot.at_ns) / 1e9;
  }
};

/// One logical core.
struct CoreUsage {
  double percent = 0;            ///< of the time that it executed, mean of its physical cores
  double flops = 0;              ///< per second
  std::vector<double> physical;  ///< percent of each physical core
};
/// Of the cores that `process` owns, by logical core of the box.
std::map<std::uint32_t, CoreUsage> core_usage(const Interval& interval, const ProcessView& process);

/// Executions that ended in the interval, by how, and their latencies in seconds at each of
/// kPercentiles; empty when none ended.
inline constexpr int kPercentiles[] = {0, 1, 25, 50, 75, 99, 100};
struct ExecutionUsage {
  std::array<std::uint64_t, kStatuses> statuses{};
  std::vector<double> total_latency, device_latency;
};
ExecutionUsage execution_usage(const Interval& interval, const ProcessView& process);
/// All executions that `process` has ended, by how.
std::array<std::uint64_t, kStatuses> executions_of(const ProcessView& process);

/// Memory in the categories of the tools.
struct HostBytes {
  std::uint64_t application_memory = 0, constants = 0, dma_buffers = 0, tensors = 0;
  std::uint64_t sum() const { return application_memory + constants + dma_buffers + tensors; }
};
struct DeviceBytes {
  std::uint64_t constants = 0, model_code = 0, model_shared_scratchpad = 0, runtime_memory = 0,
                tensors = 0;
  std::uint64_t sum() const {
    return constants + model_code + model_shared_scratchpad + runtime_memory + tensors;
  }
};
HostBytes host_bytes(const MemoryUse& use);
DeviceBytes device_bytes(const MemoryUse& use);
void add(DeviceBytes& sum, const DeviceBytes& more);
void add(HostBytes& sum, const HostBytes& more);
HostBytes host_bytes(const Moment& moment, const ProcessView& process);
DeviceBytes device_bytes(const CoreCells& core);

/// Percent of all vCPUs.
struct CpuUsage {
  double user = 0, system = 0;
};
CpuUsage process_cpu(const Interval& interval, const ProcessView& process);
CpuUsage system_cpu(const Interval& interval);

/// The process of `moment` that is `process`, or null.
const ProcessView* same_process(const Moment& moment, const ProcessView& process);

}  // namespace neuron::host
