// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "isa/what_if.h"
#include "sim/sim.h"

/// What a schedule is asked to go by in the place of rules and tables.
namespace neuron::sim {

struct Clock {
  /// Picoseconds from the begin of a window of the tensor engine's throttle to the first
  /// instruction. Of a device it is not known beforehand, and differs from run to run.
  std::uint64_t phase_ps = 0;
  /// The changes of the tensor engine's clock that a device has made, in order, from the first
  /// instruction on; then no rule is asked.
  std::optional<std::vector<ThrottleTime>> changes = {};
  /// Constants that differ from the tables (what_if.h).
  std::vector<isa::Constant> constants = {};
};
inline constexpr std::uint64_t kThrottleWindowPs = 3'413'328;  ///< 4096 cycles of 1.2 GHz
Result<Schedule> schedule(const Loaded& loaded, const Clock& clock);

}  // namespace neuron::sim
