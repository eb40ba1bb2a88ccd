// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/exchange.h"
#include "nrt/collectives/reduce.h"

/// Reductions of much data: each member reduces one part of it, segment by segment, so that
/// sending, reducing and receiving go on beside each other in memory that stays in the cache.
namespace neuron::nrt::cc {

/// Where the parts of a vector begin, in bytes; part i goes from [i] to [i + 1].
std::vector<std::size_t> split(std::size_t elements, std::size_t element, std::uint32_t parts);

/// What reducing this member's part takes: the input, cut in parts, and where the result goes.
struct Scatter {
  const Group& group;
  ByteView in;
  const std::vector<std::size_t>& at;
  std::span<std::byte> out;  ///< of this member's part
  std::span<std::byte> all;  ///< of everybody's parts, when all shall have them; may be the input
  DType type;
  Reduction how;
};

Result<> reduce_in_segments(Exchange& exchange, const Scatter& scatter);

}  // namespace neuron::nrt::cc
