// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

template <class T>
bool all_are(const std::vector<T>& list, T value) {
  return std::all_of(list.begin(), list.end(), [&](T item) { return item == value; });
}

// A node that gives what it gets: same elements, same order, same shape and type.
bool is_idle(const Graph& graph, const Node& node) {
  if (node.op == "Identity") return true;
  if (node.op == "Dropout") return node.outputs.size() == 1;
  const Value& in = input_of(graph, node, 0);
  const Value& out = output_of(graph, node);
  if (in.type != out.type || in.shape != out.shape) return false;
  if (node.op == "Cast" || node.op == "Reshape" || node.op == "Expand" || node.op == "Flatten" ||
      node.op == "Squeeze" || node.op == "Unsqueeze" || node.op == "Tile")
    return true;
  if (node.op == "Slice") {  // the same shape, so only its direction can differ
    const auto steps = ints_of(node, "steps");
    return std::all_of(steps.begin(), steps.end(), [](std::int64_t step) { return step > 0; });
  }
  if (node.op == "Pad") return all_are(ints_of(node, "pads"), std::int64_t{0});
  if (node.op == "Resize")
    return all_are(attribute_or<std::vector<float>>(node, "scales", {}), 1.0F);
  const bool variadic = node.op == "Concat" || node.op == "Sum" || node.op == "Mean" ||
                        node.op == "Max" || node.op == "Min";
  return variadic && node.inputs.size() == 1;
}

}  // namespace

Result<> drop_identities(Graph& graph) {
  // A mask that nobody reads is no reason to keep a Dropout.
  const auto uses = use_counts(graph);
  std::vector<bool> gone;
  for (Node& node : graph.nodes) {
    if (node.op == "Dropout" && node.outputs.size() == 2 && uses[node.outputs[1].value] == 0)
      node.outputs.resize(1);
    gone.push_back(is_idle(graph, node));
  }
  bypass(graph, gone);
  return {};
}

}  // namespace neuron::compile::passes
