// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <span>

#include "isa/isa.h"

/// The value columns of alu.def and activations.def, a row of float32 at a time.
namespace neuron::sim {

float apply(isa::Alu op, float a, float b);
/// out[i] = a[i] op b[i]; `out` may be one of the inputs.
void apply(isa::Alu op, std::span<const float> a, std::span<const float> b, std::span<float> out);
/// out[i] = a[i] op b.
void apply(isa::Alu op, std::span<const float> a, float b, std::span<float> out);
/// out[i] = (a[i] op0 x) op1 y; `out` may be the input.
void apply(isa::Alu op0, float x, isa::Alu op1, float y, std::span<const float> a,
           std::span<float> out);

/// Rows that begin `step` floats apart.
template <class T>
struct Rows {
  T* at = nullptr;
  std::size_t step = 0;
};
struct Block {
  std::size_t rows, columns;
};
/// The same for each row of a block, with `x` of its own.
void apply(isa::Alu op, Block size, Rows<const float> a, Rows<const float> b, Rows<float> out);
void apply(isa::Alu op0, const float* x, isa::Alu op1, float y, Block size, Rows<const float> a,
           Rows<float> out);
/// The loops of these, found once; null for a pair of operations that has none of its own.
using PairLoop = void (*)(Block size, Rows<const float> a, Rows<const float> b, Rows<float> out);
PairLoop loop_of(isa::Alu op);
using ScalarLoop = void (*)(const float* x, float y, Block size, Rows<const float> a,
                            Rows<float> out);
ScalarLoop loop_of(isa::Alu op0, isa::Alu op1);
/// out[r][i] = function(in[r][i] * scale[r] + bias[r]).
void apply(isa::Activation function, const float* scale, const float* bias, Block size,
           Rows<const float> in, Rows<float> out);
using FunctionLoop = void (*)(const float* scale, const float* bias, Block size,
                              Rows<const float> in, Rows<float> out);
FunctionLoop loop_of(isa::Activation function);

/// What hard swish and its like are made of: x = in + bias, y = min(max(x * scale + offset, low),
/// high), one bias a row.
struct Gate {
  float scale, offset, low, high;
};
void apply(const Gate& gate, const float* bias, Block size, Rows<const float> in, Rows<float> x,
           Rows<float> y);
/// out = x * y.
void apply(const Gate& gate, const float* bias, Block size, Rows<const float> in, Rows<float> out);

/// row folded from the left: ((row[0] op row[1]) op row[2]) ...
float fold(isa::Alu op, std::span<const float> row);
/// The same for eight rows of `length` elements, none of which waits for the others.
using EightRows = std::array<const float*, 8>;
void fold(isa::Alu op, const EightRows& rows, std::size_t length, std::span<float, 8> out);
/// out[i] = function(in[i] * scale + bias).
void apply(isa::Activation function, std::span<const float> in, float scale, float bias,
           std::span<float> out);

/// `value` to 12 significant bits, ties to even: the half that a float32 pass of the tensor engine
/// calls HIGH. LOW is the rest, which is exact.
inline float high_half(float value) {
  constexpr std::uint32_t kDropped = 0xfff, kExponent = 0x7f800000;  // of 24 bits, 12 stay
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t rounded = (bits + 0x7ff + (bits >> 12 & 1)) & ~kDropped;
  // The largest numbers would round up to infinity, whose rest is not a number.
  const std::uint32_t finite = (rounded & kExponent) != kExponent ? rounded : bits & ~kDropped;
  return std::bit_cast<float>((bits & kExponent) != kExponent ? finite : bits);
}
/// A row of them, in place: the HIGH halves, and the LOW ones.
void keep_high(std::span<float> row);
void keep_low(std::span<float> row);

}  // namespace neuron::sim
