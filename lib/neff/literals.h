// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"

/// Private to the library: deflate (RFC 1951) without repetitions. Weights in floating point repeat
/// nothing, but some of their bytes are more frequent than others; coding those alone is several
/// times as fast as searching, and no larger.
namespace neuron::neff {

/// Bits that code_literals() would need for the symbols of `raw`.
double literal_bits(ByteView raw);

/// A raw deflate stream of literals only; its size, 0 when it does not fit into `out`.
std::size_t code_literals(ByteView raw, std::span<std::byte> out);

}  // namespace neuron::neff
