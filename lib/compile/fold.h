// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/graph.h"

/// Nodes that can be computed when the model is compiled.
namespace neuron::compile {

/// Bytes that folding has made; bounded, so that a small file cannot ask for all memory.
struct FoldBudget {
  std::uint64_t left = std::uint64_t{4} << 30;
};

/// Computes a node whose inputs are constants (Shape and Size: any input) and whose outputs have
/// their shapes: then its outputs are constants and the answer is true. False where the node is
/// not of that kind.
Result<bool> fold(Graph& graph, const Node& node, FoldBudget& budget);

}  // namespace neuron::compile
