// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

// A Transpose that moves only axes of size 1 leaves every element where it is.
bool is_idle_transpose(const Graph& graph, const Node& node) {
  if (node.op != "Transpose") return false;
  const Shape& shape = input_of(graph, node, 0).shape;
  std::int64_t last = -1;
  for (std::int64_t axis : ints_of(node, "perm")) {
    if (shape[static_cast<std::size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

}  // namespace

Result<> unify_reshapes(Graph& graph) {
  std::vector<const Node*> reshape_of(graph.values.size());
  for (Node& node : graph.nodes) {
    if (node.op == "Expand" || node.op == "Resize") {
      node.attributes.erase("shape");
      node.attributes.erase("sizes");
    }
    if (node.op == "Cast") node.attributes.clear();  // the output's type tells
    const bool reshape = node.op == "Reshape" || node.op == "Flatten" || node.op == "Squeeze" ||
                         node.op == "Unsqueeze" || is_idle_transpose(graph, node);
    if (!reshape) continue;
    node.op = "Reshape";
    node.attributes.clear();
    // A Reshape of a Reshape reads the first one's input.
    if (const Node* before = reshape_of[node.inputs[0]->value]) node.inputs = before->inputs;
    reshape_of[node.outputs[0].value] = &node;
  }
  return {};
}

}  // namespace neuron::compile::passes
