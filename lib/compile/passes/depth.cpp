// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

// The blocks of an image as a six-dimensional shape, and the order that moves them.
struct Shuffle {
  Shape blocks;
  std::vector<std::int64_t> perm;
};

std::optional<Shuffle> shuffle_of(const Graph& graph, const Node& node) {
  const Shape& x = input_of(graph, node, 0).shape;
  const std::int64_t b = int_of(node, "blocksize", 1);
  if (node.op == "SpaceToDepth")
    return Shuffle{{x[0], x[1], x[2] / b, b, x[3] / b, b}, {0, 3, 5, 1, 2, 4}};
  if (node.op != "DepthToSpace") return std::nullopt;
  const std::int64_t depth = x[1] / (b * b);
  if (string_of(node, "mode") == "CRD")
    return Shuffle{{x[0], depth, b, b, x[2], x[3]}, {0, 1, 4, 2, 5, 3}};
  return Shuffle{{x[0], b, b, depth, x[2], x[3]}, {0, 3, 4, 1, 5, 2}};
}

Result<std::optional<std::vector<Node>>> rewrite(Graph& graph, const Node& node) {
  const bool mine = node.op == "DepthToSpace" || node.op == "SpaceToDepth";
  const auto shuffle = mine ? shuffle_of(graph, node) : std::nullopt;
  if (!shuffle) return std::optional<std::vector<Node>>{};
  const Value out = output_of(graph, node);
  Shape moved;
  for (std::int64_t axis : shuffle->perm)
    moved.push_back(shuffle->blocks[static_cast<std::size_t>(axis)]);
  const ValueId blocks = add_value(graph, out.name + "#blocks", out.type, shuffle->blocks);
  const ValueId shuffled = add_value(graph, out.name + "#moved", out.type, moved);
  std::vector<Node> steps{
      {"Reshape", node.name, {node.inputs[0]}, {blocks}, {}, node.layer},
      {"Transpose", node.name, {blocks}, {shuffled}, {{"perm", shuffle->perm}}, node.layer},
      {"Reshape", node.name, {shuffled}, {node.outputs[0]}, {}, node.layer}};
  return std::optional(std::move(steps));
}

}  // namespace

Result<> shuffle_depth(Graph& graph) { return rewrite_each(graph, rewrite); }

}  // namespace neuron::compile::passes
