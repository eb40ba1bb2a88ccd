// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/bytes.h"
#include "base/dtype.h"

/// Element types that models store and no instruction has a code for: packed integers, and floats
/// of 8 bits or fewer that are not IEEE style. Their codes follow those of dtypes.def, and info(),
/// load_as_float() and store_float() know them.
///   if (stored::holds(type)) refuse("the NeuronCore has no elements of {}", name_of(type));
namespace neuron::stored {

enum class Kind : std::uint8_t { Unsigned, Signed, Floating };

#define NEURON_STORED(name, code, bits, kind, text, npy) inline constexpr DType name{code};
#include "base/stored.def"
#undef NEURON_STORED

inline bool holds(DType type) { return type >= Fp8E4M3Fn && type <= UInt2; }
/// Of one of these types.
Kind kind_of(DType type);
/// Of one element in formats that pack them; of every other type, those of its size.
unsigned bits_of(DType type);

float load(ByteView bytes, std::size_t index, DType type);
/// To the nearest, ties to even. Integers saturate; floats too large become NaN where there is one.
void store(std::span<std::byte> bytes, std::size_t index, DType type, float value);

}  // namespace neuron::stored
