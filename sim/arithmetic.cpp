// SPDX-License-Identifier: Apache-2.0
#include "sim/arithmetic.h"

#include <bit>
#include <cmath>

namespace neuron::sim {
namespace {

/// Calls `body` with the function of `op`, so that each operation has a loop of its own.
template <class Body>
void with(isa::Alu op, Body body) {
  switch (op) {
#define NEURON_ALU(name, code, shown, evidence, value) \
  case isa::Alu::name:                                 \
    return body([](float a, [[maybe_unused]] float b) -> float { return value; });
#include "isa/alu.def"
#undef NEURON_ALU
  }
}

template <class Body>
void with(isa::Activation function, Body body) {
  switch (function) {
#define NEURON_ACTIVATION(name, code, shown, set, evidence, value) \
  case isa::Activation::name:                                      \
    return body([](float x) -> float { return value; });
#include "isa/activations.def"
#undef NEURON_ACTIVATION
  }
}

}  // namespace

void apply(isa::Alu op, std::span<const float> a, std::span<const float> b, std::span<float> out) {
  with(op, [&](auto f) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(a[i], b[i]);
  });
}

void apply(isa::Alu op, std::span<const float> a, float b, std::span<float> out) {
  with(op, [&](auto f) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(a[i], b);
  });
}

float fold(isa::Alu op, std::span<const float> row) {
  float result = row[0];
  with(op, [&](auto f) {
    for (const float x : row.subspan(1)) result = f(result, x);
  });
  return result;
}

void apply(isa::Activation function, std::span<const float> in, float scale, float bias,
           std::span<float> out) {
  with(function, [&](auto f) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = f(in[i] * scale + bias);
  });
}

float high_half(float value) {
  constexpr std::uint32_t kDropped = 0xfff;  // 24 significant bits, 12 stay
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if (!std::isfinite(value)) return value;
  const float rounded = std::bit_cast<float>((bits + 0x7ff + (bits >> 12 & 1)) & ~kDropped);
  // The largest numbers would round up to infinity, whose rest is not a number.
  return std::isfinite(rounded) ? rounded : std::bit_cast<float>(bits & ~kDropped);
}

}  // namespace neuron::sim
