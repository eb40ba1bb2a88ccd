// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/neff.h"

/// Private to the library: gzip members with an index (gunzip.h), each a function of its bytes.
namespace neuron::neff {

/// Most bytes of the gzip member for `raw` bytes.
std::size_t most_packed(std::size_t raw);

/// One whole gzip member around `raw` (at most kChunk bytes) at the front of `out`; its size. Level
/// 0 stores, 1 to 3 try harder each; what does not compress is stored, what only its frequencies
/// compress is coded without a search for repetitions.
std::size_t gzip_member(ByteView raw, int level, std::span<std::byte> out,
                        unsigned least_gain = WriteOptions().least_gain);

}  // namespace neuron::neff
