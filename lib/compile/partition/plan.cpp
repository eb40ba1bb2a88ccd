// SPDX-License-Identifier: Apache-2.0
#include "compile/partition/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "compile/partition/host.h"

namespace neuron::compile {
namespace {

/// By value: the node that gives it, or none.
std::vector<std::optional<std::size_t>> givers_of(const Graph& graph) {
  std::vector<std::optional<std::size_t>> givers(graph.values.size());
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    for (const ValueId id : graph.nodes[n].outputs) givers[id.value] = n;
  return givers;
}

}  // namespace

std::vector<Part> plan_of(const Graph& graph) {
  const auto givers = givers_of(graph);
  // Phases: the NeuronCore works in the even ones, the CPU in the odd ones.
  std::vector<std::size_t> phase(graph.nodes.size());
  std::map<std::size_t, Part> parts;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const bool on_host = host::is_host(graph.nodes[n]);
    std::size_t earliest = on_host ? 1 : 0;
    for (const auto& input : graph.nodes[n].inputs)
      if (input && givers[input->value])
        earliest = std::max(earliest, phase[*givers[input->value]]);
    phase[n] = earliest + (earliest % 2 != (on_host ? 1u : 0u));
    Part& part = parts[phase[n]];
    part.on_host = on_host;
    part.nodes.push_back(n);
  }
  std::vector<Part> out;
  for (auto& [place, part] : parts) out.push_back(std::move(part));
  return out;
}

Cut cut(const Graph& graph, const Part& part) {
  Cut out;
  out.graph.name = graph.name;
  out.graph.opset = graph.opset;
  std::map<std::uint32_t, ValueId> ids;
  std::set<std::uint32_t> given;
  const auto id_of = [&](ValueId id) {
    const auto [at, added] =
        ids.emplace(id.value, ValueId{static_cast<std::uint32_t>(out.graph.values.size())});
    if (added) out.graph.values.push_back(graph.value(id));
    return at->second;
  };
  for (const std::size_t n : part.nodes) {
    Node node = graph.nodes[n];
    for (auto& input : node.inputs) {
      if (!input) continue;
      const bool crosses = !ids.count(input->value) && !graph.value(*input).constant;
      const ValueId own = id_of(*input);
      if (crosses) {
        out.graph.inputs.push_back(own);
        out.inputs.push_back(*input);
      }
      input = own;
    }
    for (ValueId& output : node.outputs) {
      given.insert(output.value);
      output = id_of(output);
    }
    out.graph.nodes.push_back(std::move(node));
  }
  std::set<std::uint32_t> leaves;
  const std::set<std::size_t> own(part.nodes.begin(), part.nodes.end());
  for (const ValueId id : graph.outputs) leaves.insert(id.value);
  for (std::size_t n = 0; n < graph.nodes.size(); ++n)
    for (const auto& input : graph.nodes[n].inputs)
      if (input && !own.count(n)) leaves.insert(input->value);
  for (const std::size_t n : part.nodes)
    for (const ValueId id : graph.nodes[n].outputs)
      if (leaves.count(id.value)) {
        out.graph.outputs.push_back(ids.at(id.value));
        out.outputs.push_back(id);
      }
  return out;
}

void prepare(Graph& graph) {
  const auto givers = givers_of(graph);
  for (ValueId& id : graph.outputs) {
    if (givers[id.value]) continue;
    Value copy = graph.value(id);
    copy.constant.reset();
    graph.values.push_back(std::move(copy));
    const ValueId out{static_cast<std::uint32_t>(graph.values.size() - 1)};
    graph.nodes.push_back({"cpu.Identity",
                           graph.value(id).name,
                           {id},
                           {out},
                           {},
                           graph.value(id).name,
                           HostPlace{"it computes nothing", 0}});
    if (graph.value(id).constant) graph.value(id).name += "#constant";
    id = out;
  }
  std::set<std::string> names;
  const auto claim = [&](Value& value) {
    return !value.name.empty() && names.insert(value.name).second;
  };
  for (const ValueId id : graph.inputs) names.insert(graph.value(id).name);
  for (const ValueId id : graph.outputs) names.insert(graph.value(id).name);
  std::set<std::uint32_t> fixed;
  for (const ValueId id : graph.inputs) fixed.insert(id.value);
  for (const ValueId id : graph.outputs) fixed.insert(id.value);
  for (std::uint32_t v = 0; v < graph.values.size(); ++v) {
    if (fixed.count(v)) continue;
    Value& value = graph.values[v];
    while (!claim(value)) value.name = fmt::format("{}#{}", value.name, v);
  }
}

}  // namespace neuron::compile
