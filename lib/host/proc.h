// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "host/snapshot.h"

/// What the kernel says about the host and its processes.
namespace neuron::host {

/// Ticks of a vCPU since boot, by use, in the names of neuron-monitor.
struct CpuTicks {
  std::uint64_t user = 0, nice = 0, system = 0, idle = 0, io_wait = 0, irq = 0, soft_irq = 0;
  std::uint64_t sum() const { return user + nice + system + idle + io_wait + irq + soft_irq; }
};
struct HostMemoryFacts {
  std::uint64_t total = 0, used = 0, swap_total = 0, swap_used = 0;  ///< bytes
};
struct ProcessTicks {
  std::uint64_t user = 0, system = 0;
  std::uint64_t resident_bytes = 0;
};

/// The box and the host at one moment; what tools show is the difference of two.
struct Moment {
  Snapshot snapshot;
  CpuTicks all_cpus;
  std::vector<CpuTicks> cpus;
  std::uint64_t context_switches = 0;
  HostMemoryFacts memory;
  std::map<std::uint64_t, ProcessTicks> processes;  ///< by pid, of the snapshot's
};
Result<Moment> take_moment(const Box& box);

// Parsers of /proc/stat, /proc/meminfo and /proc/PID/stat.
void parse_stat(const std::string& text, Moment& moment);
HostMemoryFacts parse_meminfo(const std::string& text);
ProcessTicks parse_process_stat(const std::string& text);

}  // namespace neuron::host
