// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/clock.h"
#include "sim/schedule_costs.h"

namespace neuron::sim {

/// The clock of the tensor engine. It runs at half speed until a window of 3413.328 ns has seen
/// 3072 streamed columns; each window decides the next one. The rule replays all 50 switches of
/// public Trn2 traces. Where the windows lie against a program is not known of hardware; unless
/// told, they start with the program, so that the same program always takes the same time.
class Throttle {
 public:
  Throttle(double full_ghz, bool throttles, const Clock& clock)
      : full_ghz_(full_ghz), throttles_(throttles), clock_(clock) {}

  /// Full speed in GHz, or a share of it, at `now`; times never go back.
  double ghz_at(Ps now);
  /// Streams `columns` from `begin` on; the end, with the clock of every window on the way.
  Ps stream(Ps begin, double columns);
  /// Every change of clock so far.
  const std::vector<ThrottleTime>& changes() const { return changes_; }

 private:
  void advance(std::uint64_t window);
  void follow(Ps now);
  /// The next moment at which the clock may change.
  Ps boundary(Ps now) const;

  double full_ghz_;
  bool throttles_;
  const Clock& clock_;
  double share_ = 0.5;  ///< of full speed
  std::uint64_t window_ = 0;
  double streamed_ = 0;  ///< columns in this window
  std::vector<ThrottleTime> changes_;
};

}  // namespace neuron::sim
