// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <memory>

#include "view/program.h"

namespace neuron::view {

/// Picoseconds after which no record is believed: 53 days. Differences then fit in 63 bits.
inline constexpr std::uint64_t kLatestTime = std::uint64_t{1} << 62;

/// The number of rows whose pages stay in memory while new ones are made.
inline constexpr std::size_t kNearRows = 1 << 17;

/// The interval of device time that a timeline shows.
struct TimeWindow {
  std::uint64_t begin_ps = 0, end_ps = 0;
  bool show_outside = false;
  bool holds(std::uint64_t begin, std::uint64_t end) const {
    return show_outside || (begin >= begin_ps && end <= end_ps);
  }
  std::int64_t from_begin(std::uint64_t time) const {
    return static_cast<std::int64_t>(time - begin_ps);
  }
};

/// Programs of one core by engine; a null pointer where the trace holds no image.
using Programs = std::array<std::unique_ptr<Program>, isa::kEngines>;

/// Instructions of a core in order of begin: an end closes the oldest open start of its engine and
/// pc, since instructions of one engine complete out of order.
/// Pcs that no program holds are steps of `timeline` from then on.
SpoolList<Instruction> pair_instructions(const ntff::CoreTrace& core, std::uint8_t core_index,
                                         Programs& programs, const TimeWindow& window,
                                         const fs::path& spool, Timeline& timeline,
                                         Oddities& oddities);
/// Packets of a core in order of begin: starts and ends of a ring come in the same order.
SpoolList<DmaPacket> pair_packets(const ntff::CoreTrace& core, std::uint8_t core_index,
                                  std::uint16_t first_engine, const TimeWindow& window,
                                  const fs::path& spool, Oddities& oddities);

}  // namespace neuron::view
