// SPDX-License-Identifier: Apache-2.0
#include "neff/members.h"

// neff.json: a graph in the form of TVM's graph runtime. Numbers inside "attrs" of a node are text.
namespace neuron::neff {
namespace {

/// The typed list below "attrs": ["list_shape", [...]] and its like, one entry per output slot.
Result<const Json*> slot_list(const Json& neff, std::string_view key) {
  const Json* attrs = TRY(object_of(neff, "attrs"));
  const Json* pair = TRY(array_of(*attrs, key));
  if (pair->size() != 2 || !(*pair)[1].is_array())
    return fail(Code::Malformed, "attrs: \"{}\" is no pair of type and list", key);
  return &(*pair)[1];
}

Result<Edge> edge_of(const Json& value, const std::vector<Node>& earlier) {
  if (!value.is_array() || value.size() < 2 || !json::holds<std::uint32_t>(value[0]) ||
      !json::holds<std::uint32_t>(value[1]))
    return fail(Code::Malformed, "an edge is not [node, output, version]");
  const Edge edge{value[0].get<std::uint32_t>(), value[1].get<std::uint32_t>()};
  if (edge.node >= earlier.size())
    return fail(Code::Malformed, "edge [{}, {}] does not lead to one of the {} earlier nodes",
                edge.node, edge.output, earlier.size());
  const auto outputs = earlier[edge.node].outputs.size();
  if (edge.output >= outputs)
    return fail(Code::Malformed, "edge [{}, {}] asks a node that has {} outputs", edge.node,
                edge.output, outputs);
  return edge;
}

Result<> fill_call(Node& node, const Json& row) {
  const Json* attrs = TRY(object_of(row, "attrs"));
  node.function = TRY(json::get<std::string>(*attrs, "func_name"));
  node.kelf = TRY(optional_of<std::string>(*attrs, "kelf", ""));
  node.executor = node.function == "__kelf" ? Executor::NeuronCore : Executor::Cpu;
  if (node.executor == Executor::NeuronCore && node.kelf.empty())
    return fail(Code::Malformed, "\"kelf\" is missing");
  return {};
}

Result<Node> node_of(const Json& row, const std::vector<Node>& earlier) {
  Node node;
  node.name = TRY(json::get<std::string>(row, "name"));
  const auto op = TRY(json::get<std::string>(row, "op"));
  const Json* is_param = json::find(row, "is_param");
  node.is_param = is_param && *is_param == "1";
  if (op == "tvm_op") {
    TRY(fill_call(node, row));
  } else if (op != "null") {
    return fail(Code::Malformed, "\"op\" is {}, expected null or tvm_op", op);
  }
  const Json* inputs = TRY(array_of(row, "inputs"));
  for (const Json& input : *inputs) {
    const auto edge = TRY(edge_of(input, earlier));
    node.inputs.push_back(edge);
  }
  auto names = TRY(list_of<std::string>(row, "output_names"));
  if (names.empty() && op == "null") names = {node.name};
  for (auto& name : names) node.outputs.push_back({std::move(name), DType::Unknown, {}});
  return node;
}

/// Shapes and types stand in two lists beside the nodes, in the order of output slots.
Result<> fill_slots(std::vector<Node>& nodes, const Json& neff) {
  const Json* shapes = TRY(slot_list(neff, "shape"));
  const Json* types = TRY(slot_list(neff, "dltype"));
  std::size_t slots = 0;
  for (const Node& node : nodes) slots += node.outputs.size();
  if (shapes->size() != slots || types->size() != slots)
    return fail(Code::Malformed, "nodes have {} outputs, attrs give {} shapes and {} types", slots,
                shapes->size(), types->size());
  std::size_t at = 0;
  for (Node& node : nodes)
    for (Slot& slot : node.outputs) {
      slot.shape = TRY(shape_of((*shapes)[at]).within("attrs"));
      const Json& type = (*types)[at++];
      if (!type.is_string()) return fail(Code::Malformed, "attrs: a type is no text");
      slot.type = dtype_named(type.get_ref<const std::string&>()).value_or(DType::Unknown);
    }
  return {};
}

}  // namespace

Result<Graph> graph_of(const Json& neff) {
  Graph graph;
  const Json* rows = TRY(array_of(neff, "nodes"));
  if (rows->empty()) return fail(Code::Malformed, "\"nodes\" is missing or empty");
  for (const Json& row : *rows) {
    auto node = TRY(node_of(row, graph.nodes).within(fmt::format("node {}", graph.nodes.size())));
    graph.nodes.push_back(std::move(node));
  }
  TRY(fill_slots(graph.nodes, neff));
  const Json* heads = TRY(array_of(neff, "heads"));
  for (const Json& head : *heads) {
    const auto edge = TRY(edge_of(head, graph.nodes).within("heads"));
    graph.heads.push_back(edge);
  }
  return graph;
}

Result<std::vector<Node>> nodes_of(const Package& package) {
  const MemberIndex members(package);
  const auto neff = TRY(members.json("neff.json"));
  auto graph = TRY(graph_of(neff).within("neff.json"));
  return std::move(graph.nodes);
}

}  // namespace neuron::neff
