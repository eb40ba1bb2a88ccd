// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "compile/graph.h"

/// Typed looks at the attributes of a node whose kinds import has checked: an attribute that is
/// absent, or of another kind, yields the fallback.
namespace neuron::compile {

template <class T>
const T* find_attribute(const Node& node, const std::string& name) {
  const auto at = node.attributes.find(name);
  return at == node.attributes.end() ? nullptr : std::get_if<T>(&at->second);
}
template <class T>
T attribute_or(const Node& node, const std::string& name, T fallback) {
  const T* found = find_attribute<T>(node, name);
  return found ? *found : fallback;
}
inline std::int64_t int_of(const Node& node, const std::string& name, std::int64_t fallback) {
  return attribute_or<std::int64_t>(node, name, fallback);
}
inline float float_of(const Node& node, const std::string& name, float fallback) {
  return attribute_or<float>(node, name, fallback);
}
inline std::string string_of(const Node& node, const std::string& name, std::string fallback = {}) {
  return attribute_or<std::string>(node, name, std::move(fallback));
}
/// Empty when absent.
inline std::vector<std::int64_t> ints_of(const Node& node, const std::string& name) {
  return attribute_or<std::vector<std::int64_t>>(node, name, {});
}

/// Answers whether input `index` is there (inputs in the middle can be left out).
inline bool has_input(const Node& node, std::size_t index) {
  return index < node.inputs.size() && node.inputs[index].has_value();
}
/// Input `index`, which is there.
inline const Value& input_of(const Graph& graph, const Node& node, std::size_t index) {
  return graph.value(*node.inputs[index]);
}
inline const Value& output_of(const Graph& graph, const Node& node, std::size_t index = 0) {
  return graph.value(node.outputs[index]);
}
/// "node 'conv1' (Conv)", for messages.
std::string title_of(const Node& node);

}  // namespace neuron::compile
