// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/exchange.h"
#include "nrt/collectives/operations.h"

/// Reductions of much data: each member reduces one part of it, segment by segment, so that
/// sending, reducing and receiving go on beside each other in memory that stays in the cache.
namespace neuron::nrt::cc {

/// A vector of elements cut in parts of about the same size.
Parts split(std::size_t elements, std::size_t element, std::uint32_t parts);

/// What reducing this member's part takes: the input, what of it each member reduces, and where the
/// result goes.
struct Scatter {
  const Group& group;
  ByteView in;
  const Parts& parts;
  std::span<std::byte> out;  ///< of this member's part; may be the input if that is all of it
  std::span<std::byte> all;  ///< of everybody's parts, when all shall have them; may be the input
  DType type;
  Reduction how;
};

Result<> reduce_in_segments(Exchange& exchange, const Scatter& scatter);

}  // namespace neuron::nrt::cc
