// SPDX-License-Identifier: Apache-2.0
#include <functional>
#include <queue>
#include <unordered_map>
#include <vector>

#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {
namespace {

using Givers = std::unordered_map<std::string, int>;  // value name -> node that gives it, or -1

Result<Givers> givers_of(const ::onnx::GraphProto& graph) {
  Givers givers;
  for (const auto& value : graph.input()) givers.emplace(value.name(), -1);
  for (const auto& tensor : graph.initializer()) givers.emplace(tensor.name(), -1);
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& name : graph.node(i).output())
      if (!name.empty() && !givers.emplace(name, i).second)
        return fail(Code::Malformed, "value '{}' is given twice", name);
  return givers;
}

std::string name_of_node(const ::onnx::NodeProto& node) {
  if (!node.name().empty() || node.output_size() == 0) return node.name();
  return node.output(0);
}

Error cycle(const ::onnx::GraphProto& graph, const std::vector<int>& waiting) {
  for (int i = 0; i < graph.node_size(); ++i)
    if (waiting[static_cast<std::size_t>(i)] > 0)
      return fail(Code::Malformed, "node '{}' ({}) waits for its own result through a cycle",
                  name_of_node(graph.node(i)), graph.node(i).op_type());
  return fail(Code::Internal, "no cycle");
}

}  // namespace

Result<std::vector<int>> order_of(const ::onnx::GraphProto& graph,
                                  const std::set<std::string>& outside) {
  const Givers givers = TRY(givers_of(graph));
  const auto count = static_cast<std::size_t>(graph.node_size());
  std::vector<int> waiting(count), order;
  std::vector<std::vector<int>> readers(count);
  for (int i = 0; i < graph.node_size(); ++i)
    for (const std::string& name : graph.node(i).input()) {
      if (name.empty()) continue;
      const auto giver = givers.find(name);
      if (giver == givers.end() && outside.count(name)) continue;
      if (giver == givers.end())
        return fail(Code::Malformed,
                    "node '{}' ({}): input '{}' is no input, initializer or output of a node",
                    name_of_node(graph.node(i)), graph.node(i).op_type(), name);
      if (giver->second < 0) continue;
      readers[static_cast<std::size_t>(giver->second)].push_back(i);
      ++waiting[static_cast<std::size_t>(i)];
    }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (int i = 0; i < graph.node_size(); ++i)
    if (waiting[static_cast<std::size_t>(i)] == 0) ready.push(i);
  while (!ready.empty()) {
    const int next = ready.top();
    ready.pop();
    order.push_back(next);
    for (int reader : readers[static_cast<std::size_t>(next)])
      if (--waiting[static_cast<std::size_t>(reader)] == 0) ready.push(reader);
  }
  if (order.size() != count) return cycle(graph, waiting);
  return order;
}

}  // namespace neuron::compile::onnx
