// SPDX-License-Identifier: Apache-2.0
#include "ntff/clock.h"

#include <algorithm>
#include <limits>

namespace neuron::ntff {
namespace {

__extension__ using Wide = __int128;

// Larger factors than any device has; they keep the product inside 128 bits.
constexpr std::uint64_t kMaxFactor = std::uint64_t{1} << 40;

bool makes_sense(const Clock& c) {
  return c.a != 0 && c.b != 0 && c.a <= kMaxFactor && c.b <= kMaxFactor;
}

Wide picoseconds(const Clock& c, std::uint64_t ticks) {
  Wide product = (Wide{ticks} - Wide{c.base}) * Wide{c.b};
  const Wide a = c.a;
  if (product < 0) product -= a - 1;  // round down on both sides of zero
  return product / a;
}

/// Calls `visit(time, clock)` for every record of a core.
template <class Visit>
void each_time(CoreTrace& core, const Clocks& clocks, Visit visit) {
  static const Clock none;
  for (auto& r : core.instructions)
    visit(r.time_ps, r.engine < clocks.engines.size() ? clocks.engines[r.engine] : none);
  for (auto& r : core.events) visit(r.time_ps, clocks.engines[4]);
  for (auto& r : core.dma)
    visit(r.time_ps, clocks.dma.empty() ? none : clocks.dma[r.engine % clocks.dma.size()]);
  for (auto& r : core.throttles) visit(r.time_ps, clocks.throttle);
  for (auto& r : core.collectives) visit(r.time_ps, none);
}

bool repair(Clocks& clocks) {
  bool sound = true;
  auto check = [&](Clock& c) {
    if (makes_sense(c)) return;
    c = {};
    sound = false;
  };
  std::for_each(clocks.engines.begin(), clocks.engines.end(), check);
  std::for_each(clocks.dma.begin(), clocks.dma.end(), check);
  check(clocks.throttle);
  return sound;
}

}  // namespace

bool are_plain(const Clocks& clocks) {
  const auto plain = [](const Clock& c) { return c.base == 0 && c.a == c.b; };
  return plain(clocks.throttle) &&
         std::all_of(clocks.engines.begin(), clocks.engines.end(), plain) &&
         std::all_of(clocks.dma.begin(), clocks.dma.end(), plain);
}

void calibrate(Trace& trace, const std::vector<Clocks>& given) {
  std::vector<Clocks> clocks = given;
  bool sound = true;
  for (Clocks& c : clocks) sound = repair(c) && sound;
  if (!sound) trace.oddities.push_back("a clock has no usable factors; its times stay as they are");
  if (std::all_of(clocks.begin(), clocks.end(), are_plain)) return;

  Wide least = 0;
  for (std::size_t i = 0; i < trace.cores.size(); ++i)
    each_time(trace.cores[i], clocks[i], [&](std::uint64_t& time, const Clock& c) {
      least = std::min(least, picoseconds(c, time));
    });
  constexpr Wide most = std::numeric_limits<std::uint64_t>::max();
  for (std::size_t i = 0; i < trace.cores.size(); ++i)
    each_time(trace.cores[i], clocks[i], [&](std::uint64_t& time, const Clock& c) {
      time = static_cast<std::uint64_t>(std::min(picoseconds(c, time) - least, most));
    });
}

}  // namespace neuron::ntff
