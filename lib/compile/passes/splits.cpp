// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

using Ints = std::vector<std::int64_t>;

Result<std::optional<std::vector<Node>>> rewrite(Graph&, const Node& node) {
  if (node.op != "Split") return std::optional<std::vector<Node>>{};
  const Ints parts = ints_of(node, "split");
  std::vector<Node> slices;
  std::int64_t start = 0;
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const std::int64_t end = start + parts[i];
    slices.push_back({"Slice",
                      node.name,
                      {node.inputs[0]},
                      {node.outputs[i]},
                      {{"axes", Ints{int_of(node, "axis", 0)}},
                       {"starts", Ints{start}},
                       {"ends", Ints{end}},
                       {"steps", Ints{1}}},
                      node.layer});
    start = end;
  }
  return std::optional(std::move(slices));
}

}  // namespace

Result<> split_to_slices(Graph& graph) { return rewrite_each(graph, rewrite); }

}  // namespace neuron::compile::passes
