// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "ntff/ntff.h"

/// The clocks of an old device differ from engine to engine; these rows make them one.
namespace neuron::ntff {

/// picoseconds = (ticks - base) * b / a. The default is the clock that needs no correction.
struct Clock {
  std::uint64_t base = 0, a = 1, b = 1;
  bool operator==(const Clock&) const = default;
};
/// The clocks of one core, by engine as records number them.
struct Clocks {
  std::array<Clock, 5> engines;
  Clock throttle;
  std::vector<Clock> dma;  ///< by engine modulo their number; none: picoseconds
};

/// Whether times are picoseconds of one clock as they stand.
bool are_plain(const Clocks& clocks);
/// Rewrites the times of all records of `trace` (`clocks[i]` is core i's) as picoseconds of one
/// clock, shifted as a whole when any would be negative. Adds an oddity for a clock without sense.
void calibrate(Trace& trace, const std::vector<Clocks>& clocks);

}  // namespace neuron::ntff
