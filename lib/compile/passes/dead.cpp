// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

// Marks what graph outputs need, from the last node to the first, and drops the other nodes.
std::vector<bool> drop_nodes(Graph& graph) {
  std::vector<bool> needed(graph.values.size());
  for (ValueId id : graph.outputs) needed[id.value] = true;
  std::vector<bool> gone(graph.nodes.size());
  for (std::size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    gone[i] = std::none_of(node.outputs.begin(), node.outputs.end(),
                           [&](ValueId id) { return needed[id.value]; });
    if (gone[i]) continue;
    for (const auto& input : node.inputs)
      if (input) needed[input->value] = true;
  }
  std::size_t at = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return gone[at++]; });
  return needed;
}

}  // namespace

Result<> drop_dead(Graph& graph) {
  std::vector<bool> needed = drop_nodes(graph);
  for (ValueId id : graph.inputs) needed[id.value] = true;  // part of the model's signature
  for (const Node& node : graph.nodes)
    for (ValueId id : node.outputs) needed[id.value] = true;
  std::vector<ValueId> places(graph.values.size());
  std::vector<Value> values;
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    if (!needed[i]) continue;
    places[i] = {static_cast<std::uint32_t>(values.size())};
    values.push_back(std::move(graph.values[i]));
  }
  graph.values = std::move(values);
  for (ValueId& id : graph.inputs) id = places[id.value];
  for (ValueId& id : graph.outputs) id = places[id.value];
  for (Node& node : graph.nodes) {
    for (auto& input : node.inputs)
      if (input) input = places[input->value];
    for (ValueId& id : node.outputs) id = places[id.value];
  }
  return {};
}

}  // namespace neuron::compile::passes
