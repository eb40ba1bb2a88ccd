// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "base/dtype.h"
#include "isa/wide.h"

/// Arithmetic in 64 bits, as the cores of the GpSimd engine do it.
namespace neuron::sim {

/// Whether values of `type` are whole numbers.
bool is_whole(DType type);
/// Element `index`, exactly; floats are truncated and saturate.
std::int64_t whole_at(ByteView bytes, std::size_t index, DType type);
double number_at(ByteView bytes, std::size_t index, DType type);
/// Whole numbers wrap to the width of `type`.
void store_whole(std::span<std::byte> bytes, std::size_t index, DType type, std::int64_t value);
/// Rounds to `type`; to whole numbers towards zero, saturating, NaN to 0.
void store_number(std::span<std::byte> bytes, std::size_t index, DType type, double value);

/// dst[i] = dst[i] op src[j], both in their types.
void apply(isa::Wide op, std::span<std::byte> dst, std::size_t i, DType dst_type, ByteView src,
           std::size_t j, DType src_type);

}  // namespace neuron::sim
