// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "view/timeline.h"

/// How full the memories on the chip are: bytes that an instruction has written and that one will
/// still read. Found in the trace alone, by the rules that published exports follow
/// (tests/unit/view/official_rows_test.cpp): bytes are taken from the begin of the instruction that
/// writes them to the end of the last that reads them before they are written again, or to the end
/// of the writer when none does. What DMA writes is not counted, as officially.
namespace neuron::view {

inline constexpr std::array<int, 4> kSampledPartitions{0, 32, 64, 96};  ///< as the official tool
inline constexpr std::size_t kPsumBanks = 8;

struct Occupied {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::uint32_t bytes = 0;  ///< of one partition
};
/// Periods in which memory of one core is taken, in no order.
struct Occupancy {
  std::array<SpoolList<Occupied>, kSampledPartitions.size()> sbuf;  ///< by sampled partition
  /// By bank, periods that do not overlap: a bank is taken as a whole.
  std::array<SpoolList<Occupied>, kPsumBanks> psum;
};
enum class OnChip { StateBuffer, Psum, Both };
/// The memory that is not asked for stays empty.
Occupancy occupancy_of(const Timeline& timeline, std::uint8_t core, OnChip memory = OnChip::Both);

}  // namespace neuron::view
