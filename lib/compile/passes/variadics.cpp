// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/passes/passes.h"
#include "compile/shapes.h"

namespace neuron::compile::passes {
namespace {

// The steps of a Mean end in a product with 1/n.
void add_scale(Graph& graph, const Node& node, std::vector<Node>& steps, std::size_t count) {
  const Value out = output_of(graph, node);
  const ValueId sum = add_value(graph, out.name + "#sum", out.type, out.shape);
  steps.back().outputs[0] = sum;
  const ValueId factor = add_constant(graph, out.name + "#factor",
                                      scalar_of(out.type, 1.0 / static_cast<double>(count)));
  Node scale = node;
  scale.op = "Mul";
  scale.inputs = {sum, factor};
  steps.push_back(std::move(scale));
}

Result<std::optional<std::vector<Node>>> split(Graph& graph, const Node& node) {
  const bool sum = node.op == "Sum" || node.op == "Mean";
  if (!sum && ((node.op != "Max" && node.op != "Min") || node.inputs.size() < 3))
    return std::optional<std::vector<Node>>{};
  std::vector<Node> steps;
  ValueId left = *node.inputs[0];
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    Node step = node;
    step.op = sum ? "Add" : node.op;
    step.inputs = {left, node.inputs[i]};
    if (i + 1 < node.inputs.size()) {
      Shape shape = TRY(broadcast(graph.value(left).shape, input_of(graph, node, i).shape));
      const Value& out = output_of(graph, node);
      left = add_value(graph, fmt::format("{}#{}", out.name, i), out.type, std::move(shape));
      step.outputs = {left};
    }
    steps.push_back(std::move(step));
  }
  if (node.op == "Mean" && !steps.empty()) add_scale(graph, node, steps, node.inputs.size());
  return std::optional(std::move(steps));
}

}  // namespace

Result<> split_variadics(Graph& graph) { return rewrite_each(graph, split); }

}  // namespace neuron::compile::passes
