// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "compile/attributes.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

using Perm = std::vector<std::int64_t>;

bool is_idle(const Perm& perm) {
  for (std::size_t d = 0; d < perm.size(); ++d)
    if (perm[d] != static_cast<std::int64_t>(d)) return false;
  return true;
}

/// MatMul(a, Transpose(b)) where the transpose moves the last axis forward: the product reads b's
/// rows as columns, and what is left of the transpose moves whole rows.
Result<std::optional<std::vector<Node>>> rewrite(Graph& graph, const Node& product,
                                                 const Node* giver) {
  using Answer = std::optional<std::vector<Node>>;
  if (product.op != "MatMul" || product.attributes.count("transB") || !giver) return Answer{};
  const Value& b = input_of(graph, product, 1);
  if (giver->op != "Transpose" || b.shape.size() < 2) return Answer{};
  Perm perm = ints_of(*giver, "perm");
  const std::size_t last = perm.size() - 1;
  if (perm[last] == static_cast<std::int64_t>(last)) return Answer{};
  std::swap(perm[last], perm[last - 1]);
  if (perm[last] != static_cast<std::int64_t>(last)) return Answer{};
  Shape shape = b.shape;
  std::swap(shape[last], shape[last - 1]);
  std::vector<Node> nodes;
  Node changed = product;
  changed.attributes["transB"] = std::int64_t{1};
  changed.inputs[1] = giver->inputs[0];
  if (!is_idle(perm)) {
    Node turn = *giver;
    turn.attributes["perm"] = perm;
    turn.outputs = {add_value(graph, b.name + "#rows", b.type, shape)};
    changed.inputs[1] = turn.outputs[0];
    nodes.push_back(std::move(turn));
  }
  nodes.push_back(std::move(changed));
  return Answer(std::move(nodes));
}

}  // namespace

Result<> take_transposed(Graph& graph) {
  std::map<std::uint32_t, Node> givers;
  for (const Node& node : graph.nodes)
    for (ValueId id : node.outputs) givers.emplace(id.value, node);
  return rewrite_each(graph, [&](Graph& g, const Node& node) {
    const auto at = node.op == "MatMul" ? givers.find(node.inputs[1]->value) : givers.end();
    return rewrite(g, node, at == givers.end() ? nullptr : &at->second);
  });
}

}  // namespace neuron::compile::passes
