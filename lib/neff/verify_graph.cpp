// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include "neff/features.h"
#include "neff/verify_parts.h"

// The checks across members: graph against subgraphs, header against content.
namespace neuron::neff {
namespace {

/// Bytes of a slot; nothing when its type or shape is not known.
std::optional<std::uint64_t> bytes_of(const Slot& slot) {
  std::uint64_t size = size_of(slot.type);
  if (size == 0) return std::nullopt;
  for (std::int64_t dim : slot.shape)
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(dim), &size)) return std::nullopt;
  return size;
}

/// What a node and its subgraphs must agree on.
struct NodeCheck {
  Inspection& in;
  const Model& model;
  std::uint32_t index;
  std::vector<const Subgraph*> subgraphs{};
  std::map<std::string_view, const Slot*> inputs{}, outputs{};
  std::set<std::string_view> made{};  // by subgraphs of this node

  void gather() {
    const Node& node = model.nodes[index];
    for (const Edge& edge : node.inputs) {
      const Slot& slot = model.nodes[edge.node].outputs[edge.output];
      inputs.emplace(slot.name, &slot);
    }
    for (const Slot& slot : node.outputs) outputs.emplace(slot.name, &slot);
    for (const Subgraph& s : model.subgraphs)
      if (s.node == index) subgraphs.push_back(&s);
    for (const Subgraph* s : subgraphs)
      for (const Variable& v : s->variables)
        if (v.kind == VariableKind::Output) made.insert(v.name);
  }
  void compare(const Subgraph& s, const Variable& v, const Slot& slot) const {
    const auto size = bytes_of(slot);
    if (size && v.size != 0 && *size != v.size)
      in.find(FindingId::InterfaceSize, s.directory + s.definition, pointer_to("/var", v.name),
              "{} has {} bytes here, in neff.json {} of {} are {}", v.name, v.size,
              neuron::text_of(slot.shape), name_of(slot.type), *size);
  }
  void check() {
    gather();
    for (const Subgraph* s : subgraphs)
      for (const Variable& v : s->variables) {
        const bool input = v.kind == VariableKind::Input;
        if (!input && v.kind != VariableKind::Output) continue;
        const auto& slots = input ? inputs : outputs;
        if (const auto at = slots.find(v.name); at != slots.end())
          compare(*s, v, *at->second);
        else if (input && !made.contains(v.name))
          in.find(FindingId::Interface, s->directory + s->definition, pointer_to("/var", v.name),
                  "input {} is fed by no input of node {}", v.name, index);
      }
    for (const auto& [name, slot] : outputs)
      if (!subgraphs.empty() && !made.contains(name))
        in.find(FindingId::Interface, "neff.json", fmt::format("/nodes/{}", index),
                "output {} of node {} is written by no subgraph", name, index);
  }
};

}  // namespace

void check_interface(Inspection& in, const Model& model) {
  for (std::uint32_t i = 0; i < model.nodes.size(); ++i) {
    if (model.nodes[i].executor != Executor::NeuronCore) continue;
    NodeCheck node{in, model, i};
    node.check();
    const std::uint32_t lnc = std::max<std::uint32_t>(in.package.header.lnc_size, 1);
    if (lnc > 1 && !node.subgraphs.empty() && node.subgraphs.size() != lnc)
      in.find_at(FindingId::Cores, "header", offsetof(Header, lnc_size),
                 "a logical core has {} physical ones, node {} has {} subgraphs", lnc, i,
                 node.subgraphs.size());
  }
}

void check_features(Inspection& in, const Model& model) {
  const std::uint64_t bits = in.package.header.feature_bits;
  for (const FeatureNeed& need : features_needed(in.package, model))
    if ((bits & need.bit) == 0)
      in.find(FindingId::FeatureMissing, need.member, need.pointer, "{}: {}",
              feature_names(need.bit), need.reason);
  std::uint64_t unnamed = 0;
  for (unsigned bit = 0; bit < 64; ++bit)
    if (const auto mask = std::uint64_t{1} << bit; !is_feature_named(mask)) unnamed |= bits & mask;
  if (unnamed != 0)
    in.find_at(FindingId::FeatureUnknown, "header", offsetof(Header, feature_bits), "{}",
               feature_names(unnamed));
}

}  // namespace neuron::neff
