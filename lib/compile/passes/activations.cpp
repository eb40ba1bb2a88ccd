// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

Result<std::optional<Node>> merge(Graph&, const Node& first, const Node& second, std::size_t) {
  const bool carries =
      first.op == "Conv" || first.op == "ConvTranspose" || first.op == "Gemm" || first.op == "Add";
  if (!carries || first.attributes.count("activation") ||
      (second.op != "Relu" && second.op != "Clip"))
    return std::optional<Node>{};
  Node merged = first;
  merged.outputs = second.outputs;
  merged.layer = merged_layer(first, second);
  merged.attributes["activation"] = second.op;
  for (const auto& [name, value] : second.attributes) merged.attributes[name] = value;  // min, max
  return std::optional(std::move(merged));
}

}  // namespace

Result<> fuse_activations(Graph& graph) { return merge_pairs(graph, merge); }

}  // namespace neuron::compile::passes
