// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/parallel/share.h"

/// How operators are computed by parts: rules.def as functions.
namespace neuron::compile {

/// The axis along which a value is cut in equal parts, one a rank; none: it is whole.
using Axis = std::optional<std::size_t>;

/// How a node is computed: where its inputs must be cut, and where its output is then.
struct Cutting {
  std::vector<Axis> inputs;
  Axis output;
  bool sums = false;  ///< instead: outputs of all ranks must be added; inputs after two come later
};

/// The parts that a node makes of inputs that are cut so now; constants can be cut at will. Nothing
/// when it has to see them whole.
std::optional<Cutting> cutting_of(const Graph& graph, const Node& node,
                                  const std::vector<Axis>& now, const Share& share);

}  // namespace neuron::compile
