// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/sim.h"

/// What is known of the tensor engine's clock, which devices throttle.
namespace neuron::sim {

struct Clock {
  /// Picoseconds from the begin of a window of the throttle to the first instruction. Of a device
  /// it is not known beforehand, and differs from run to run.
  std::uint64_t phase_ps = 0;
  /// The changes that a device has made, in order, from the first instruction on; then no rule is
  /// asked.
  std::optional<std::vector<ThrottleTime>> changes;
};
inline constexpr std::uint64_t kThrottleWindowPs = 3'413'328;  ///< 4096 cycles of 1.2 GHz
Result<Schedule> schedule(const Loaded& loaded, const Clock& clock);

/// The clock of every schedule(loaded) from now on. Unless called: the rule, from phase 0.
void ask_clock(Clock clock);

}  // namespace neuron::sim
