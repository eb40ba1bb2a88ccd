// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "compile/graph.h"

/// What the operators of operators.def mean: plain loops in double precision, against which
/// passes and lowerings are compared.
///   auto y = REQUIRE_OK(reference::run(graph, {{"x", x}})).at("y");
namespace reference {

/// Values of all graph outputs by name, rounded to their types. Errors: an input that is missing,
/// an operator without a loop.
neuron::Result<std::map<std::string, neuron::Tensor>> run(
    const neuron::compile::Graph& graph, const std::map<std::string, neuron::Tensor>& inputs);

/// Float32 values that look random and are the same everywhere, from -1 to 1.
neuron::Tensor noise(neuron::Shape shape, unsigned seed = 1);
/// arange(n) / n, the input of the `light` models.
neuron::Tensor ramp(neuron::Shape shape);

/// The largest |a-b|, and the largest |b|.
struct Distance {
  double error = 0, scale = 0;
};
Distance distance(const neuron::Tensor& a, const neuron::Tensor& b);

}  // namespace reference
