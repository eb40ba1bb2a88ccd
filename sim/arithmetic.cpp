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

}  // namespace neuron::sim
