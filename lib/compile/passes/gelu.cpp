// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

/// Finds x / 2 * (1 + erf(x / sqrt(2))) in the orders in which exporters write it.
class GeluFinder {
 public:
  explicit GeluFinder(const Graph& graph) : graph_(graph), uses_(use_counts(graph)) {
    for (const Node& node : graph.nodes)
      for (ValueId id : node.outputs) givers_.emplace(id.value, &node);
  }

  /// The x of such an expression whose last node is `last`, or nothing.
  std::optional<ValueId> input_of_gelu(const Node& last) const {
    if (last.op != "Mul" || last.attributes.count("activation")) return std::nullopt;
    for (const std::size_t slot : {0U, 1U}) {
      const auto& a = last.inputs[slot];
      const auto& b = last.inputs[1 - slot];
      // (x * (1 + erf)) * 0.5
      if (const Node* inner = only(a, "Mul"); inner && is_number(b, 0.5))
        for (const std::size_t s : {0U, 1U})
          if (const auto x = erf_side(inner->inputs[1 - s]); x && same(x, inner->inputs[s]))
            return x;
      // (x * 0.5) * (1 + erf), or x * ((1 + erf) * 0.5)
      if (const auto x = erf_side(b))
        if (const auto half = halved(a); half && same(x, half)) return x;
      if (const auto sum = halved(b))
        if (const auto x = erf_side(sum); x && same(x, a)) return x;
    }
    return std::nullopt;
  }

 private:
  using Input = std::optional<ValueId>;

  static bool same(const Input& a, const Input& b) { return a && b && a->value == b->value; }
  /// The node that gives a value which nothing else reads.
  const Node* only(const Input& id, const char* op) const {
    const auto at = id ? givers_.find(id->value) : givers_.end();
    if (at == givers_.end() || uses_[id->value] != 1 || at->second->op != op) return nullptr;
    return at->second->attributes.count("activation") ? nullptr : at->second;
  }
  bool is_number(const Input& id, double number) const {
    const Value& v = graph_.value(*id);
    return v.constant && count_of(v.shape) == 1 && is_floating(v.type) &&
           std::fabs(number_at(*v.constant, 0) - number) < 1e-6 * number;
  }
  /// y of y * 0.5 or y / 2.
  Input halved(const Input& id) const {
    if (const Node* node = only(id, "Mul"))
      for (const std::size_t s : {0U, 1U})
        if (is_number(node->inputs[s], 0.5)) return node->inputs[1 - s];
    const Node* node = only(id, "Div");
    return node && is_number(node->inputs[1], 2) ? node->inputs[0] : Input{};
  }
  /// x of 1 + erf(x / sqrt(2)).
  Input erf_side(const Input& id) const {
    const Node* sum = only(id, "Add");
    if (!sum) return {};
    for (const std::size_t s : {0U, 1U}) {
      const Node* erf = is_number(sum->inputs[s], 1) ? only(sum->inputs[1 - s], "Erf") : nullptr;
      if (!erf) continue;
      if (const Node* scaled = only(erf->inputs[0], "Div"))
        if (is_number(scaled->inputs[1], std::sqrt(2.0))) return scaled->inputs[0];
      if (const Node* scaled = only(erf->inputs[0], "Mul"))
        for (const std::size_t t : {0U, 1U})
          if (is_number(scaled->inputs[t], std::sqrt(0.5))) return scaled->inputs[1 - t];
    }
    return {};
  }

  const Graph& graph_;
  std::vector<std::uint32_t> uses_;
  std::map<std::uint32_t, const Node*> givers_;
};

}  // namespace

Result<> find_gelu(Graph& graph) {
  std::map<std::uint32_t, ValueId> found;  ///< x by the value of the last node
  const GeluFinder finder(graph);
  for (const Node& node : graph.nodes)
    if (const auto x = finder.input_of_gelu(node)) found.emplace(node.outputs[0].value, *x);
  return rewrite_each(graph, [&](Graph&, const Node& node) {
    using Answer = Result<std::optional<std::vector<Node>>>;
    const auto at = node.op == "Mul" ? found.find(node.outputs[0].value) : found.end();
    if (at == found.end()) return Answer(std::nullopt);
    Node gelu{"Gelu", node.name, {at->second}, node.outputs, {}, node.layer};
    gelu.attributes["approximate"] = std::string("none");
    return Answer(std::vector<Node>{std::move(gelu)});
  });
}

}  // namespace neuron::compile::passes
