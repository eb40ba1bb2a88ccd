// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <unordered_set>

#include "base/digest.h"
#include "neff/members.h"

// `packager optimize`: what a loader does not read goes, and the constants of a subgraph become one
// raw member. A file variable then says where in it its bytes begin: "file_offset" (our own key; no
// optimized package has been seen, so this form is documented in neuron-neff(5)).
namespace neuron::neff {
namespace {

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kBinWeights = 1;  // features.def, bit 0

bool is_debug(std::string_view path) {
  const auto name = path.substr(path.rfind('/') + 1);
  return path.starts_with("debug_info/") || name.ends_with(".dbg") ||
         name.find(".dbg_sg") != std::string_view::npos || name == "tensor_map.json" ||
         name == "wavegraph-bin.json";
}

Member* member_of(Package& package, std::string_view path) {
  for (Member& m : package.members)
    if (m.path == path) return &m;
  return nullptr;
}

void set_json(Member& member, const Json& value, bool pretty) {
  const auto text = json::text_of(value, pretty ? 4 : -1);
  const auto bytes = view_of(text);
  member.bytes.assign(bytes.begin(), bytes.end());
}

/// The constants of one subgraph, end to end; equal ones lie there once.
struct Merged {
  Bytes bytes;
  std::map<std::string, std::uint64_t> offset_of;  ///< by variable
};

Result<Merged> merge(const Package& package, const Subgraph& s) {
  Merged merged;
  std::map<std::pair<std::array<std::byte, 32>, std::size_t>, std::uint64_t> known;
  for (const Variable& v : s.variables) {
    if (v.kind != VariableKind::File || v.size == 0) continue;
    const auto data = TRY(constant_of(package, s, v));
    const auto [at, fresh] = known.emplace(std::pair(sha256(data), data.size()), 0);
    if (fresh) {
      merged.bytes.resize((merged.bytes.size() + kAlignment - 1) / kAlignment * kAlignment);
      at->second = merged.bytes.size();
      merged.bytes.insert(merged.bytes.end(), data.begin(), data.end());
    }
    merged.offset_of[v.name] = at->second;
  }
  return merged;
}

/// Members whose bytes now lie in merged ones, and which nothing else names.
std::unordered_set<std::string> unneeded(const Model& model, const std::vector<Merged>& merged) {
  std::unordered_set<std::string> paths;
  for (std::size_t i = 0; i < merged.size(); ++i)
    for (const Variable& v : model.subgraphs[i].variables)
      if (merged[i].offset_of.contains(v.name))
        paths.insert(model.subgraphs[i].directory + v.file_name);
  for (const Subgraph& s : model.subgraphs) {
    paths.erase(s.directory + s.definition);
    for (const EngineProgram& e : s.engines) {
      paths.erase(s.directory + e.json_name);
      paths.erase(s.directory + e.bin_name);
    }
  }
  return paths;
}

void clear_debug_names(Json& definition) {
  for (auto& [key, value] : definition.items())
    if (key.ends_with("_dbg") && value.is_array()) value = Json::array();
  if (definition.contains("debug_info")) definition["debug_info"] = Json::object();
}

/// Rewrites the definition of one subgraph and adds its merged member.
Result<> rewrite(Package& package, const Subgraph& s, Merged merged, bool keep_debug) {
  std::string name = "weights.bin";
  for (int n = 1; package.find(s.directory + name); ++n) name = fmt::format("weights-{}.bin", n);
  const std::string path = s.directory + s.definition;
  Member* member = member_of(package, path);
  if (!member) return fail(Code::Internal, "{} is gone", path);
  auto definition = TRY(json::parse(member->bytes).within(path));
  for (const Variable& v : s.variables) {
    const auto at = merged.offset_of.find(v.name);
    if (at == merged.offset_of.end()) continue;
    Json& row = definition["var"][v.name];
    row["file_name"] = name;
    row["file_offset"] = at->second;
    row["size"] = v.size;
  }
  if (!keep_debug) clear_debug_names(definition);
  set_json(*member, definition, keep_debug);
  if (!merged.offset_of.empty())
    package.members.push_back({s.directory + name, std::move(merged.bytes)});
  return {};
}

Result<> compact(Package& package) {
  for (Member& m : package.members) {
    if (!m.path.ends_with(".json")) continue;
    const auto value = TRY(json::parse(m.bytes).within(m.path));
    set_json(m, value, false);
  }
  return {};
}

}  // namespace

Result<Package> optimize(Package package, bool keep_debug) {
  const auto model = TRY(model_of(package));
  std::vector<Merged> merged;
  for (const Subgraph& s : model.subgraphs) {
    auto one = TRY(merge(package, s));
    if (!one.offset_of.empty()) package.header.feature_bits |= kBinWeights;
    merged.push_back(std::move(one));
  }
  const auto gone = unneeded(model, merged);
  std::erase_if(package.members, [&](const Member& m) {
    return gone.contains(m.path) || (!keep_debug && is_debug(m.path));
  });
  for (std::size_t i = 0; i < merged.size(); ++i)
    TRY(rewrite(package, model.subgraphs[i], std::move(merged[i]), keep_debug));
  if (!keep_debug) TRY(compact(package));
  if (package.header.feature_bits != 0 && package.header.neff_version_major < 2) {
    package.header.neff_version_major = 2;
    package.header.neff_version_minor = 0;
  }
  package.archive.clear();
  return package;
}

}  // namespace neuron::neff
