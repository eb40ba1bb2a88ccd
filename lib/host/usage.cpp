// SPDX-License-Identifier: Apache-2.0
#include "host/usage.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace neuron::host {
namespace {

/// Counters only grow; a reader that sees one of two cells older must not see time run backwards.
std::uint64_t grown(std::uint64_t before, std::uint64_t after) {
  return after > before ? after - before : 0;
}

double percent_of(double part, double whole) {
  return whole > 0 ? std::clamp(100 * part / whole, 0.0, 100.0) : 0;
}

using Histogram = std::uint64_t[kBuckets];

/// Seconds at each percentile of what came into the histogram. A bucket stands for its middle.
std::vector<double> percentiles(const Histogram* before, const Histogram& after) {
  std::vector<std::uint64_t> counts(kBuckets);
  for (std::size_t b = 0; b < kBuckets; ++b) counts[b] = grown(before ? (*before)[b] : 0, after[b]);
  const std::uint64_t all = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  std::vector<double> seconds;
  if (all == 0) return seconds;
  for (const int percentile : kPercentiles) {
    const double exact = std::ceil(static_cast<double>(all) * percentile / 100);
    const auto rank = std::max<std::uint64_t>(static_cast<std::uint64_t>(exact), 1);
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while ((seen += counts[bucket]) < rank) ++bucket;
    const auto middle = bucket_begin(bucket) + bucket_begin(bucket + 1);
    seconds.push_back(static_cast<double>(middle) / 2e9);
  }
  return seconds;
}

}  // namespace

const ProcessView* same_process(const Moment& moment, const ProcessView& process) {
  for (const ProcessView& p : moment.snapshot.processes)
    if (p.pid == process.pid && p.started_unix_ns == process.started_unix_ns) return &p;
  return nullptr;
}

std::map<std::uint32_t, CoreUsage> core_usage(const Interval& interval,
                                              const ProcessView& process) {
  const ProcessView* before = same_process(interval.before, process);
  const double ns = interval.seconds() * 1e9;
  const std::uint32_t lnc = interval.box().lnc;
  std::map<std::uint32_t, CoreUsage> usage;
  for (std::uint32_t c = 0; c < process.count; ++c) {
    const CoreCells none{};
    const CoreCells& old = before ? before->cores[c] : none;
    const std::uint64_t busy = grown(busy_ns(old, interval.before.snapshot.at_ns),
                                     busy_ns(process.cores[c], interval.after.snapshot.at_ns));
    const std::uint32_t core = process.first + c;
    CoreUsage& sum = usage[core / lnc];
    sum.physical.resize(lnc);
    sum.physical[core % lnc] = percent_of(static_cast<double>(busy), ns);
    sum.percent += sum.physical[core % lnc] / lnc;
    if (ns > 0)
      sum.flops +=
          static_cast<double>(grown(old.flop_count, process.cores[c].flop_count)) / ns * 1e9;
  }
  return usage;
}

std::array<std::uint64_t, kStatuses> executions_of(const ProcessView& process) {
  std::array<std::uint64_t, kStatuses> sums{};
  for (std::size_t s = 0; s < kStatuses; ++s) {
    sums[s] = process.cells->rejected[s];
    for (const CoreCells& core : process.cores) sums[s] += core.led[s];
  }
  return sums;
}

ExecutionUsage execution_usage(const Interval& interval, const ProcessView& process) {
  const ProcessView* before = same_process(interval.before, process);
  ExecutionUsage usage;
  usage.statuses = executions_of(process);
  if (before) {
    const auto old = executions_of(*before);
    for (std::size_t s = 0; s < kStatuses; ++s)
      usage.statuses[s] = grown(old[s], usage.statuses[s]);
  }
  const ProcessCells& now = *process.cells;
  usage.total_latency =
      percentiles(before ? &before->cells->total_latency : nullptr, now.total_latency);
  usage.device_latency =
      percentiles(before ? &before->cells->device_latency : nullptr, now.device_latency);
  return usage;
}

DeviceBytes device_bytes(const MemoryUse& use) {
  DeviceBytes bytes;
#define NEURON_DEVICE_MEMORY(name, category) \
  bytes.category += use.device[static_cast<std::size_t>(DeviceMemory::name)];
#include "host/counters.def"
  return bytes;
}

HostBytes host_bytes(const MemoryUse& use) {
  HostBytes bytes;
#define NEURON_HOST_MEMORY(name, category) \
  bytes.category += use.host[static_cast<std::size_t>(HostMemory::name)];
#include "host/counters.def"
  return bytes;
}

DeviceBytes device_bytes(const CoreCells& core) {
  MemoryUse use;
  for (std::size_t k = 0; k < kDeviceMemories; ++k) use.device[k] = core.device[k].total;
  return device_bytes(use);
}

HostBytes host_bytes(const Moment& moment, const ProcessView& process) {
  MemoryUse use;
  for (std::size_t k = 0; k < kHostMemories; ++k) use.host[k] = process.cells->host[k].total;
  HostBytes bytes = host_bytes(use);
  // What the process holds beside these. Simulated device memory is host memory too: it is not the
  // application's.
  std::uint64_t known = bytes.sum();
  for (const CoreCells& core : process.cores) known += device_bytes(core).sum();
  const auto at = moment.processes.find(process.pid);
  if (at != moment.processes.end())
    bytes.application_memory += grown(known, at->second.resident_bytes);
  return bytes;
}

void add(DeviceBytes& sum, const DeviceBytes& more) {
  sum.constants += more.constants;
  sum.model_code += more.model_code;
  sum.model_shared_scratchpad += more.model_shared_scratchpad;
  sum.runtime_memory += more.runtime_memory;
  sum.tensors += more.tensors;
}

void add(HostBytes& sum, const HostBytes& more) {
  sum.application_memory += more.application_memory;
  sum.constants += more.constants;
  sum.dma_buffers += more.dma_buffers;
  sum.tensors += more.tensors;
}

CpuUsage system_cpu(const Interval& interval) {
  const CpuTicks &a = interval.before.all_cpus, &b = interval.after.all_cpus;
  const auto all = static_cast<double>(grown(a.sum(), b.sum()));
  return {percent_of(static_cast<double>(grown(a.user + a.nice, b.user + b.nice)), all),
          percent_of(static_cast<double>(grown(a.system, b.system)), all)};
}

CpuUsage process_cpu(const Interval& interval, const ProcessView& process) {
  const auto a = interval.before.processes.find(process.pid);
  const auto b = interval.after.processes.find(process.pid);
  if (b == interval.after.processes.end()) return {};
  const ProcessTicks none, &old = a == interval.before.processes.end() ? none : a->second;
  const auto all =
      static_cast<double>(grown(interval.before.all_cpus.sum(), interval.after.all_cpus.sum()));
  return {percent_of(static_cast<double>(grown(old.user, b->second.user)), all),
          percent_of(static_cast<double>(grown(old.system, b->second.system)), all)};
}

}  // namespace neuron::host
