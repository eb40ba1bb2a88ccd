// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"
#include "compile/shapes.h"

namespace neuron::compile::passes {
namespace {

/// Beside a product of more than two dimensions: one number for each column, or for each element.
bool fits(const Shape& addend, const Shape& out) {
  if (out.size() > 2)
    return addend == out ||
           (!addend.empty() && addend.back() == out.back() && count_of(addend) == out.back());
  const auto both = broadcast(addend, out);
  return both && *both == out;
}

// MatMul of rows and a matrix, or a Gemm that adds nothing yet, and an Add of what broadcasts to
// it.
Result<std::optional<Node>> merge(Graph& graph, const Node& first, const Node& second,
                                  std::size_t slot) {
  const bool product = (first.op == "MatMul" && !first.attributes.count("transB")) ||
                       (first.op == "Gemm" && !has_input(first, 2));
  if (!product || second.op != "Add" || first.attributes.count("activation") ||
      second.attributes.count("activation"))
    return std::optional<Node>{};
  const Shape& out = output_of(graph, second).shape;
  const bool matrices = input_of(graph, first, 0).shape.size() >= 2 &&
                        input_of(graph, first, 1).shape.size() == 2 && out.size() >= 2;
  const auto addend = second.inputs[1 - slot];
  if (!matrices || output_of(graph, first).shape != out || !fits(graph.value(*addend).shape, out))
    return std::optional<Node>{};
  Node merged{"Gemm", first.name, first.inputs, second.outputs, first.attributes, ""};
  merged.inputs.resize(2);
  merged.inputs.push_back(addend);
  merged.attributes.emplace("alpha", 1.0F);
  merged.attributes["beta"] = 1.0F;
  merged.attributes.emplace("transA", std::int64_t{0});
  merged.attributes.emplace("transB", std::int64_t{0});
  merged.layer = merged_layer(first, second);
  return std::optional(std::move(merged));
}

}  // namespace

Result<> make_gemm(Graph& graph) { return merge_pairs(graph, merge); }

}  // namespace neuron::compile::passes
