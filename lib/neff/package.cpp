// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include "base/npy.h"
#include "neff/archive.h"
#include "neff/debug.h"
#include "neff/emit.h"
#include "neff/instructions.h"
#include "neff/words.h"

// A model becomes the members of the real layout, and their header.
namespace neuron::neff {
namespace {

constexpr int kPretty = 4;

void add(Package& package, std::string path, std::string_view text) {
  const auto bytes = view_of(text);
  package.members.push_back({std::move(path), Bytes(bytes.begin(), bytes.end())});
}
void add(Package& package, std::string path, SharedBytes bytes) {
  package.members.push_back({std::move(path), std::move(bytes)});
}

/// A name that is safe as one component of a path.
std::string file_stem(std::string_view name) {
  std::string stem(name);
  for (char& c : stem)
    if (c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '_';
  return stem;
}

Json info_json_of(const Package& package, const Model& model) {
  Json per_node = Json::array();
  for (std::byte b : package.header.tpb_per_node) per_node.push_back(std::to_integer<int>(b));
  const std::uint32_t tpb = package.header.num_tpb, requested = package.header.requested_tpb_count;
  return Json{{"tool_version", model.tool_version},
              {"kelp_version", "Dynamic"},
              {"name", model.name},
              {"num_tpb", tpb},
              {"num_tpb_requested", requested},
              {"num_tpb_per_node", per_node}};
}

Header header_for(const Model& model, const BuildInfo& build) {
  Header h;
  h.pkg_version = 2;
  h.header_size = sizeof(Header);
  h.neff_version_major = build.feature_bits != 0 ? 2 : 1;
  model.name.copy(h.name.data(), h.name.size());
  std::size_t kelf_nodes = 0;
  for (const Node& node : model.nodes)
    if (node.executor == Executor::NeuronCore && kelf_nodes < h.tpb_per_node.size())
      h.tpb_per_node[kelf_nodes++] = std::byte{1};
  h.num_tpb = std::max(1u, static_cast<std::uint32_t>(kelf_nodes));
  h.requested_tpb_count = h.num_tpb;
  h.feature_bits = build.feature_bits;
  h.lnc_size = build.lnc_size;
  return h;
}

/// One kelf member per NeuronCore node, with the subgraphs that say they belong to it; those that
/// say nothing belong to the first.
Result<> add_kelfs(Package& package, const Model& model) {
  const auto runs_on_core = [&](std::uint32_t node) {
    return node < model.nodes.size() && model.nodes[node].executor == Executor::NeuronCore;
  };
  bool first = true;
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < model.nodes.size(); ++i) {
    if (!runs_on_core(i) || !seen.insert(model.nodes[i].kelf).second) continue;
    Json graphs = Json::array();
    for (const Subgraph& s : model.subgraphs)
      if (s.node == i || (first && !runs_on_core(s.node)))
        graphs.push_back({{"definition", s.directory + s.definition}, {"name", s.name}});
    first = false;
    const Json kelf{{"graphs", graphs}, {"version", "0.5"}, {"target", model.target}};
    if (model.nodes[i].kelf.empty())
      return fail(Code::Internal, "node {} names no kelf member", model.nodes[i].name);
    add(package, model.nodes[i].kelf, json::text_of(kelf, kPretty));
  }
  if (first && !model.subgraphs.empty())
    return fail(Code::Internal, "{} subgraphs, but no node to run them", model.subgraphs.size());
  return {};
}

std::vector<DebugNote> notes_for(const EngineProgram& e, const BuildInfo& build) {
  const std::size_t count = e.instructions.size() / kInstructionBytes;
  if (const auto at = build.notes.find(e.token);
      at != build.notes.end() && at->second.size() == count)
    return at->second;
  if (e.backend_names.size() != count) return {};
  std::vector<DebugNote> notes;
  for (std::size_t i = 0; i < count; ++i)
    notes.push_back({e.backend_names[i], i < e.layers.size() ? e.layers[i] : "",
                     i < e.op_types.size() ? e.op_types[i] : ""});
  return notes;
}

/// Records that many instructions share, one for each layer and operator, in order of appearance.
class Layers {
 public:
  std::uint64_t id_of(const DebugNote& note) {
    const auto [at, added] = ids_.emplace(std::pair(note.layer, note.op_type), ids_.size() + 1);
    if (added) order_.push_back(at->first);
    return at->second;
  }
  /// The three levels above the backend.
  void add_to(Package& package, const std::string& source) const {
    DebugFile penguin{"Debug info: steps of the compiler", "debug_info_hlo.dbg", {}, 0, {}};
    DebugFile hlo{"Debug info: operators", "debug_info_pttf.dbg", {}, 0, {}};
    DebugFile framework{"Debug info: nodes of the model", "", {}, 0, {}};
    for (std::uint64_t id = 1; id <= order_.size(); ++id) {
      const auto& [layer, op_type] = order_[id - 1];
      penguin.records.push_back({id, layer, {id}, {}});
      hlo.records.push_back({id, layer, {id}, {{"op_type", op_type}, {"source_file", source}}});
      framework.records.push_back({id, layer, {}, {}});
    }
    add(package, "debug_info/debug_info_penguin.dbg_sg000000", bytes_of(penguin));
    add(package, "debug_info/debug_info_hlo.dbg_sg000000", bytes_of(hlo));
    add(package, "debug_info/debug_info_pttf.dbg_sg000000", bytes_of(framework));
  }
  bool empty() const { return order_.empty(); }

 private:
  std::map<std::pair<std::string, std::string>, std::uint64_t> ids_;
  std::vector<std::pair<std::string, std::string>> order_;
};

void add_debug(Package& package, const Subgraph& s, const EngineProgram& e, const BuildInfo& build,
               Layers& layers) {
  DebugFile assembly{"Debug info: instructions in the order of the binary",
                     backend_debug_name(e.token),
                     {},
                     0,
                     {}};
  DebugFile backend{"Debug info: instructions of the backend", "debug_info_penguin.dbg", {}, 0, {}};
  const auto notes = notes_for(e, build);
  assembly.records.resize(e.instructions.size() / kInstructionBytes);
  for (std::uint64_t i = 0; i < notes.size(); ++i) {
    if (notes[i].instruction.empty()) continue;
    assembly.records[i].parents = {i + 1};
    DebugRecord record{i + 1, notes[i].instruction, {}, {}};
    if (!notes[i].layer.empty()) record.parents = {layers.id_of(notes[i])};
    backend.records.push_back(std::move(record));
  }
  add(package, s.directory + asm_debug_name(e.token), bytes_of(assembly));
  add(package, s.directory + backend_debug_name(e.token), bytes_of(backend));
}

Result<> add_constants(Package& package, Subgraph& s) {
  std::set<std::string> written;
  std::map<std::string, std::size_t> readers;
  for (const Variable& v : s.variables) ++readers[v.name];
  for (Variable& v : s.variables) {
    if (v.kind != VariableKind::File) continue;
    if (v.file_name.empty()) v.file_name = "value_" + file_stem(v.name) + ".npy";
    const auto at = s.constants.find(v.name);
    if (at == s.constants.end())
      return fail(Code::Internal, "{}: no constant is called {}", s.name, v.name);
    if (v.size == 0) v.size = at->second.bytes.size();
    if (v.size != at->second.bytes.size())
      return fail(Code::Internal, "{}: constant {} has {} bytes, its variable {}", s.name, v.name,
                  at->second.bytes.size(), v.size);
    if (written.insert(v.file_name).second)
      add(package, s.directory + v.file_name, npy::bytes_of(at->second));
    if (--readers[v.name] == 0) at->second.bytes = Bytes();  // no weight is held twice for long
  }
  return {};
}

Result<> add_subgraph(Package& package, Subgraph& s, const BuildInfo& build, Layers& layers) {
  const bool with_debug = std::any_of(s.engines.begin(), s.engines.end(),
                                      [&](const auto& e) { return !notes_for(e, build).empty(); });
  TRY(add_constants(package, s));
  for (EngineProgram& e : s.engines) {
    add(package, s.directory + e.json_name, json::text_of(engine_json(e)));
    add(package, s.directory + e.bin_name, e.instructions);
    if (with_debug) add_debug(package, s, e, build, layers);
  }
  add(package, s.directory + s.definition, json::text_of(definition_json(s, with_debug), kPretty));
  if (!s.tensors.empty())
    add(package, s.directory + "tensor_map.json", json::text_of(tensor_map_json(s), kPretty));
  return {};
}

std::string unit_of(std::string_view metric) {
  if (metric.find("Latency") != std::string_view::npos) return "Milliseconds";
  if (metric.find("Throughput") != std::string_view::npos) return "Count/Second";
  if (metric.ends_with("Usage") || metric.ends_with("Bytes")) return "Bytes";
  return "Count";
}

void add_numbers(Package& package, const Model& model, const BuildInfo& build) {
  Json metrics = Json::array();
  for (const auto& [name, value] : build.metrics) {
    Json number = value;
    if (std::trunc(value) == value && std::abs(value) < 1e15)
      number = static_cast<std::int64_t>(value);
    metrics.push_back({{"MetricName", name}, {"Value", number}, {"Unit", unit_of(name)}});
  }
  if (!metrics.empty()) add(package, "metrics.json", json::text_of(metrics, kPretty));
  Json stats = Json::object();
  if (model.stats)
    stats = Json{{"HloMacCount", model.stats->mac_count}, {"Traffic", model.stats->traffic}};
  for (const auto& [name, value] : build.hlo) stats[name] = value;
  if (!stats.empty()) add(package, "hlo_stats.json", json::text_of(stats, 3));
}

/// Engines in the order of words.def, with the usual file names where none are given.
void complete(Subgraph& s) {
  if (s.directory.empty()) s.directory = s.name + "/";
  for (EngineProgram& e : s.engines)
    for (const EngineWord& word : kEngines) {
      if (word.token != e.token) continue;
      if (e.json_name.empty()) e.json_name = std::string(word.file) + ".json";
      if (e.bin_name.empty()) e.bin_name = std::string(word.file) + ".bin";
    }
}

}  // namespace

Result<Package> package_of(Model model, const BuildInfo& build) {
  Package package;
  package.header = header_for(model, build);
  Layers layers;
  for (Subgraph& s : model.subgraphs) {
    complete(s);
    TRY(add_subgraph(package, s, build, layers));
  }
  if (!layers.empty()) layers.add_to(package, build.framework_file);
  TRY(add_kelfs(package, model));
  add(package, "info.json", json::text_of(info_json_of(package, model), 2));
  add_numbers(package, model, build);
  std::sort(package.members.begin(), package.members.end(),
            [](const Member& a, const Member& b) { return a.path < b.path; });
  add(package, "neff.json", json::text_of(neff_json(model), kPretty));  // last, as in real files
  for (const Member& m : package.members) {
    const auto clean = TRY(clean_path(m.path));
    if (clean != m.path) return fail(Code::Internal, "member path {} is not clean", m.path);
  }
  return package;
}

}  // namespace neuron::neff
