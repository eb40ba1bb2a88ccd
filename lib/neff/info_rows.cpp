// SPDX-License-Identifier: Apache-2.0
#include "neff/info_rows.h"

#include <algorithm>
#include <set>

namespace neuron::neff {
namespace {

struct Shown {
  VariableKind kind;
  const char* type;
  bool InfoOptions::*wanted;  ///< null: always
};
/// Which variables are listed, in the order of the table.
constexpr Shown kShown[] = {
    {VariableKind::Input, "IN", nullptr},
    {VariableKind::Output, "OUT", nullptr},
    {VariableKind::File, "WEIGHT", &InfoOptions::weights},
    {VariableKind::TmpBuf, "SPILL", &InfoOptions::spills},
    {VariableKind::Virtual, "SPILL", &InfoOptions::spills},
};

/// The slot of neff.json that a variable fills or takes; null for what stays inside.
const Slot* slot_of(const Model& model, const Node& node, const Variable& v) {
  for (const Slot& slot : node.outputs)
    if (slot.name == v.name) return &slot;
  for (const Edge& edge : node.inputs)
    if (const Slot& slot = model.nodes[edge.node].outputs[edge.output]; slot.name == v.name)
      return &slot;
  return nullptr;
}

InfoTensor tensor_of(const Model& model, const Subgraph& s, const Variable& v, const char* type) {
  InfoTensor row{v.name, v.size, type, {}, {}, DType::Unknown, v.kind == VariableKind::Output};
  if (const auto note = s.tensors.find(v.name); note != s.tensors.end()) {
    row.format = note->second.format;
    row.shape = note->second.shape;
    row.data_type = note->second.type;
  } else if (const Slot* slot = slot_of(model, model.nodes[s.node], v)) {
    row.shape = slot->shape;
    row.data_type = slot->type;
  }
  return row;
}

/// The cores of one logical core share their tensors: what an earlier one listed is not repeated.
using Seen = std::set<std::pair<std::string, std::string>>;

InfoBlock core_block(const Model& model, const Subgraph& s, const InfoOptions& options,
                     Seen& seen) {
  InfoBlock block{s.node, "NeuronCore", s.name, {}};
  for (const Shown& shown : kShown) {
    if (shown.wanted && !(options.*shown.wanted)) continue;
    for (const Variable& v : s.variables)
      if (v.kind == shown.kind && seen.emplace(shown.type, v.name).second)
        block.tensors.push_back(tensor_of(model, s, v, shown.type));
  }
  const auto rank = [](const InfoTensor& t) {
    const std::string_view type = t.type;
    return type == "IN" ? 0 : type == "OUT" ? 1 : type == "WEIGHT" ? 2 : 3;
  };
  std::stable_sort(block.tensors.begin(), block.tensors.end(), [&](const auto& a, const auto& b) {
    return std::pair(rank(a), std::string_view(a.variable)) <
           std::pair(rank(b), std::string_view(b.variable));
  });
  return block;
}

InfoTensor cpu_tensor(const Slot& slot, const char* type) {
  std::uint64_t size = size_of(slot.type);
  for (std::int64_t dim : slot.shape)
    if (__builtin_mul_overflow(size, static_cast<std::uint64_t>(dim), &size)) size = 0;
  return {slot.name, size, type, {}, slot.shape, slot.type};
}

/// Of the inputs of a CPU operator only its constants are listed.
InfoBlock cpu_block(const Model& model, std::uint32_t index) {
  const Node& node = model.nodes[index];
  InfoBlock block{index, "CPU", node.function, {}};
  for (const Edge& edge : node.inputs)
    if (const Node& from = model.nodes[edge.node]; from.is_param)
      block.tensors.push_back(cpu_tensor(from.outputs[edge.output], "IN"));
  for (const Slot& slot : node.outputs) block.tensors.push_back(cpu_tensor(slot, "OUT"));
  return block;
}

}  // namespace

std::vector<InfoBlock> blocks_of(const Model& model, const InfoOptions& options) {
  std::vector<InfoBlock> blocks;
  for (std::uint32_t i = 0; i < model.nodes.size(); ++i) {
    if (model.nodes[i].executor == Executor::Cpu) blocks.push_back(cpu_block(model, i));
    Seen seen;
    for (const Subgraph& s : model.subgraphs)
      if (s.node == i && model.nodes[i].executor == Executor::NeuronCore)
        blocks.push_back(core_block(model, s, options, seen));
  }
  return blocks;
}

}  // namespace neuron::neff
