// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

Result<> check_inference(const Graph& graph, const Node& node) {
  const auto uses = use_counts(graph);
  for (std::size_t i = 1; i < node.outputs.size(); ++i)
    if (uses[node.outputs[i].value] > 0)
      return fail(Code::UnsupportedOperator,
                  "output {} (statistics of training) is read; nearest supported form: a model "
                  "exported for inference",
                  i);
  for (std::size_t i = 1; i < 5; ++i)
    if (!input_of(graph, node, i).constant)
      return fail(Code::UnsupportedOperator,
                  "input {} ('{}') is no constant; nearest supported form: Mul and Add", i,
                  input_of(graph, node, i).name);
  return {};
}

// (x - mean) / sqrt(variance + epsilon) * scale + bias  =  x * factor + shift.
Result<std::optional<std::vector<Node>>> rewrite(Graph& graph, const Node& node) {
  if (node.op != "BatchNormalization") return std::optional<std::vector<Node>>{};
  TRY(check_inference(graph, node));
  const Value out = output_of(graph, node);
  Shape shape(out.shape.size() > 1 ? out.shape.size() - 1 : 1, 1);
  shape[0] = input_of(graph, node, 1).shape[0];
  Tensor factor = make_tensor(out.type, shape), shift = factor;
  for (std::size_t c = 0; c < static_cast<std::size_t>(shape[0]); ++c) {
    const auto at = [&](std::size_t i) { return number_at(*input_of(graph, node, i).constant, c); };
    const double f = at(1) / std::sqrt(at(4) + float_of(node, "epsilon", 1e-5F));
    store_number(factor, c, f);
    store_number(shift, c, at(2) - at(3) * f);
  }
  const ValueId scaled = add_value(graph, out.name + "#scaled", out.type, out.shape);
  const ValueId f = add_constant(graph, out.name + "#factor", std::move(factor));
  const ValueId s = add_constant(graph, out.name + "#shift", std::move(shift));
  std::vector<Node> steps{{"Mul", node.name, {node.inputs[0], f}, {scaled}, {}, node.layer},
                          {"Add", node.name, {scaled, s}, {node.outputs[0]}, {}, node.layer}};
  return std::optional(std::move(steps));
}

}  // namespace

Result<> split_batch_norm(Graph& graph) { return rewrite_each(graph, rewrite); }

}  // namespace neuron::compile::passes
