// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <span>

#include "isa/isa.h"

/// The value columns of alu.def and activations.def, a row of float32 at a time.
namespace neuron::sim {

/// out[i] = a[i] op b[i]; `out` may be one of the inputs.
void apply(isa::Alu op, std::span<const float> a, std::span<const float> b, std::span<float> out);
/// out[i] = a[i] op b.
void apply(isa::Alu op, std::span<const float> a, float b, std::span<float> out);
/// row folded from the left: ((row[0] op row[1]) op row[2]) ...
float fold(isa::Alu op, std::span<const float> row);
/// out[i] = function(in[i] * scale + bias).
void apply(isa::Activation function, std::span<const float> in, float scale, float bias,
           std::span<float> out);

/// `value` to 12 significant bits, ties to even: the half that a float32 pass of the tensor engine
/// calls HIGH. LOW is the rest, which is exact.
float high_half(float value);

}  // namespace neuron::sim
