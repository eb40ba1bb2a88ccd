// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

Node reshape_of(const Node& node, ValueId from, ValueId to) {
  return {"Reshape", node.name, {from}, {to}, {}, node.layer};
}

// Softmax before opset 13: axes before `axis` are rows, the rest are columns.
Result<std::optional<std::vector<Node>>> flatten(Graph& graph, const Node& node) {
  if (int_of(node, "coerce_2d", 0) == 0) return std::optional<std::vector<Node>>{};
  const Value out = output_of(graph, node);
  const auto rank = static_cast<std::int64_t>(out.shape.size());
  std::int64_t axis = int_of(node, "axis", 1);
  if (axis < 0) axis += rank;
  if (axis < 0 || axis > rank)
    return fail(Code::Malformed, "axis is {}, expected {} to {}", int_of(node, "axis", 1), -rank,
                rank);
  const Shape rows(out.shape.begin(), out.shape.begin() + axis);
  const Shape columns(out.shape.begin() + axis, out.shape.end());
  const Shape flat{count_of(rows), count_of(columns)};
  const ValueId from = add_value(graph, out.name + "#rows", out.type, flat);
  const ValueId to = add_value(graph, out.name + "#flat", out.type, flat);
  Node softmax = node;
  softmax.inputs = {from};
  softmax.outputs = {to};
  softmax.attributes = {{"axis", std::int64_t{1}}};
  std::vector<Node> steps{reshape_of(node, *node.inputs[0], from), std::move(softmax),
                          reshape_of(node, to, node.outputs[0])};
  return std::optional(std::move(steps));
}

}  // namespace

Result<> flatten_softmax(Graph& graph) { return rewrite_each(graph, flatten); }

}  // namespace neuron::compile::passes
