// SPDX-License-Identifier: Apache-2.0
#include "neff/model.h"

#include <algorithm>
#include <set>

#include "neff/archive.h"
#include "neff/members.h"

namespace neuron::neff {
namespace {

Result<TensorNote> note_of(const Json& row) {
  TensorNote note;
  const auto type = TRY(optional_of<std::string>(row, "dtype", ""));
  note.type = dtype_named(type).value_or(DType::Unknown);
  note.format = TRY(optional_of<std::string>(row, "tf_format", ""));
  if (const Json* shape = json::find(row, "tf_shape"); shape && !shape->is_null())
    note.shape = TRY(shape_of(*shape));
  note.is_const = TRY(optional_of<bool>(row, "is_const", false));
  note.kind = TRY(optional_of<std::string>(row, "kind", ""));
  note.layer = TRY(optional_of<std::string>(row, "layer_name", ""));
  return note;
}

/// The subgraphs that one kelf member lists.
Result<> add_subgraphs(Model& model, const MemberIndex& members, const std::string& kelf_name,
                       std::uint32_t node) {
  const auto kelf = TRY(members.json(kelf_name));
  const auto target = TRY(optional_of<std::string>(kelf, "target", "").within(kelf_name));
  if (model.target.empty()) model.target = target;
  const Json* graphs = TRY(array_of(kelf, "graphs").within(kelf_name));
  if (graphs->empty())
    return fail(Code::Malformed, "{}: \"graphs\" is missing or empty", kelf_name);
  for (const Json& graph : *graphs) {
    const auto name = TRY(json::get<std::string>(graph, "name").within(kelf_name));
    const auto path = TRY(json::get<std::string>(graph, "definition").within(kelf_name));
    auto s = TRY(subgraph_of(members, path, name));
    s.node = node;
    const auto map_path = directory_of(path) + "tensor_map.json";
    if (members.find(map_path)) {
      const auto map = TRY(members.json(map_path));
      TRY(fill_tensors(s, map).within(map_path));
    }
    model.subgraphs.push_back(std::move(s));
  }
  return {};
}

Result<> add_info(Model& model, const MemberIndex& members) {
  if (!members.find("info.json")) return {};
  const auto info = TRY(members.json("info.json"));
  model.tool_version = TRY(optional_of<std::string>(info, "tool_version", "").within("info.json"));
  const auto name = TRY(optional_of<std::string>(info, "name", "").within("info.json"));
  if (model.name.empty()) model.name = name;
  return {};
}

Result<> add_stats(Model& model, const MemberIndex& members) {
  if (!members.find("hlo_stats.json")) return {};
  const auto stats = TRY(members.json("hlo_stats.json"));
  // -1 says "not known" there.
  const auto count = [&](const char* key) -> std::uint64_t {
    const Json* value = json::find(stats, key);
    if (!value || !json::holds<std::int64_t>(*value)) return 0;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value->get<std::int64_t>(), 0));
  };
  model.stats = HloStats{count("HloMacCount"), count("Traffic")};
  return {};
}

}  // namespace

/// tensor_map.json calls constants by other names than def.json; their file is what they share.
Result<> fill_tensors(Subgraph& s, const Json& map) {
  if (!map.is_object()) return fail(Code::Malformed, "no object");
  std::map<std::string, std::string, std::less<>> variable_of_file;
  for (const Variable& v : s.variables)
    if (v.kind == VariableKind::File) variable_of_file.emplace(v.file_name, v.name);
  for (const auto& [name, row] : map.items()) {
    auto note = TRY(note_of(row).within(name));
    std::string variable = name;
    const auto file = TRY(optional_of<std::string>(row, "tf_file", "").within(name));
    if (const auto at = variable_of_file.find(file); note.is_const && at != variable_of_file.end())
      variable = at->second;
    s.tensors.insert_or_assign(std::move(variable), std::move(note));
  }
  return {};
}

Result<Model> model_of(const Package& package) {
  const MemberIndex members(package);
  Model model;
  model.name = text_of(package.header.name);
  TRY(add_info(model, members));
  const auto neff = TRY(members.json("neff.json"));
  auto graph = TRY(graph_of(neff).within("neff.json"));
  model.nodes = std::move(graph.nodes);
  model.heads = std::move(graph.heads);
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < model.nodes.size(); ++i) {
    const Node& node = model.nodes[i];
    if (node.executor == Executor::NeuronCore && seen.insert(node.kelf).second)
      TRY(add_subgraphs(model, members, node.kelf, i));
  }
  TRY(add_stats(model, members));
  return model;
}

Result<SharedBytes> constant_of(const Package& package, const Subgraph& subgraph,
                                const Variable& file) {
  const Member* member = package.find(subgraph.directory + file.file_name);
  if (!member)
    return fail(Code::Malformed, "{}: member {}{} is missing", file.name, subgraph.directory,
                file.file_name);
  const auto data = TRY(constant_bytes(*member, file.file_offset, file.size));
  return member->bytes.part(static_cast<std::size_t>(data.data() - member->bytes.data()),
                            data.size());
}

}  // namespace neuron::neff
