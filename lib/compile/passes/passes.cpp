// SPDX-License-Identifier: Apache-2.0
#include "compile/passes/passes.h"

#include <algorithm>

#include "compile/attributes.h"
#include "compile/operators.h"

namespace neuron::compile::passes {
namespace {

struct Pass {
  const char* name;
  Result<> (*run)(Graph&);
};
constexpr Pass kPasses[] = {
#define NEURON_PASS(name, sentence) {#name, name},
#include "compile/passes/passes.def"
#undef NEURON_PASS
};

constexpr std::uint32_t kNobody = ~std::uint32_t{0};

// The node that gives each value, or kNobody.
std::vector<std::uint32_t> givers_of(const std::vector<Node>& nodes, std::size_t values) {
  std::vector<std::uint32_t> givers(values, kNobody);
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (ValueId id : nodes[i].outputs) givers[id.value] = static_cast<std::uint32_t>(i);
  return givers;
}

void rename(Graph& graph, const std::vector<ValueId>& names) {
  for (Node& node : graph.nodes) {
    for (auto& input : node.inputs)
      if (input) input = names[input->value];
    for (ValueId& output : node.outputs) output = names[output.value];
  }
}

std::vector<ValueId> own_names(const Graph& graph) {
  std::vector<ValueId> names(graph.values.size());
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = {static_cast<std::uint32_t>(i)};
  return names;
}

}  // namespace

Result<> run_all(Graph& graph) {
  for (const Pass& pass : kPasses) {
    TRY(pass.run(graph));
    TRY(verify(graph).within(fmt::format("after {}", pass.name)));
  }
  return {};
}

Result<> check_canonical(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    if (node.host) continue;
    const Operator* row = find_operator(node.op);
    if (!row || row->stage != Stage::Lowered)
      return fail(Code::UnsupportedOperator,
                  "{}: it depends on inputs of the model; nearest supported form: {}",
                  title_of(node), row ? row->form : "none");
  }
  return {};
}

ValueId add_value(Graph& graph, std::string name, DType type, Shape shape) {
  graph.values.push_back({std::move(name), type, std::move(shape), {}});
  return {static_cast<std::uint32_t>(graph.values.size() - 1)};
}

ValueId add_constant(Graph& graph, std::string name, Tensor tensor) {
  const ValueId id = add_value(graph, std::move(name), tensor.type, tensor.shape);
  graph.value(id).constant = std::move(tensor);
  return id;
}

std::vector<std::uint32_t> use_counts(const Graph& graph) {
  std::vector<std::uint32_t> counts(graph.values.size());
  for (const Node& node : graph.nodes)
    for (const auto& input : node.inputs)
      if (input) ++counts[input->value];
  for (ValueId id : graph.outputs) ++counts[id.value];
  return counts;
}

bool is_output(const Graph& graph, ValueId id) {
  return std::find(graph.outputs.begin(), graph.outputs.end(), id) != graph.outputs.end();
}

Result<> rewrite_each(Graph& graph, const Rewrite& rewrite) {
  std::vector<Node> next;
  next.reserve(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    auto made = rewrite(graph, graph.nodes[i]);
    if (!made) return std::move(made).error().within(title_of(graph.nodes[i]));
    if (!*made) {
      next.push_back(std::move(graph.nodes[i]));
      continue;
    }
    for (Node& node : **made) next.push_back(std::move(node));
  }
  graph.nodes = std::move(next);
  return {};
}

void bypass(Graph& graph, const std::vector<bool>& gone) {
  auto names = own_names(graph);  // what readers read instead
  auto final_names = names;       // what is called otherwise in the end
  const auto givers = givers_of(graph.nodes, graph.values.size());
  std::vector<bool> fixed(graph.values.size());
  for (ValueId id : graph.outputs) fixed[id.value] = true;
  std::vector<Node> next;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    Node node = std::move(graph.nodes[i]);
    for (auto& input : node.inputs)
      if (input) input = names[input->value];
    if (!gone[i]) {
      next.push_back(std::move(node));
      continue;
    }
    const ValueId from = *node.inputs[0], to = node.outputs[0];
    if (!fixed[to.value]) {
      names[to.value] = from;
    } else if (givers[from.value] != kNobody && !fixed[from.value]) {
      final_names[from.value] = to;
      fixed[from.value] = true;
    } else {
      node.op = "Reshape";
      node.attributes.clear();
      node.inputs.resize(1);
      node.outputs.resize(1);
      next.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(next);
  rename(graph, final_names);
}

Result<> merge_pairs(Graph& graph, const Merge& merge) {
  const auto uses = use_counts(graph);
  auto givers = givers_of(graph.nodes, graph.values.size());
  std::vector<bool> gone(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    for (std::size_t slot = 0; slot < graph.nodes[i].inputs.size(); ++slot) {
      const auto input = graph.nodes[i].inputs[slot];
      // Values that merges add are constants: they have no counts and no giver.
      if (!input || input->value >= uses.size() || uses[input->value] != 1) continue;
      const std::uint32_t giver = givers[input->value];
      if (giver == kNobody || gone[giver] || graph.nodes[giver].outputs.size() != 1) continue;
      auto merged = merge(graph, graph.nodes[giver], graph.nodes[i], slot);
      if (!merged) return std::move(merged).error().within(title_of(graph.nodes[i]));
      if (!*merged) continue;
      graph.nodes[i] = std::move(**merged);
      gone[giver] = true;
      break;
    }
  }
  std::size_t at = 0;
  std::erase_if(graph.nodes, [&](const Node&) { return gone[at++]; });
  return {};
}

std::string merged_layer(const Node& first, const Node& second) {
  return first.layer + "+" + second.layer;
}

}  // namespace neuron::compile::passes
