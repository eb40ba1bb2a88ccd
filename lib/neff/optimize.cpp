// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <unordered_set>

#include "base/digest.h"
#include "neff/members.h"
#include "neff/spool.h"

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
  member.bytes = Bytes(bytes.begin(), bytes.end());
}

/// The constants of one subgraph, end to end; equal ones lie there once.
struct Merged {
  SharedBytes bytes;
  std::map<std::string, std::uint64_t> offset_of;  ///< by variable
};

/// Looks at `data`, which lies in `member`, without keeping all of it in memory.
Result<std::array<std::byte, 32>> digest_of(const Member& member, ByteView data) {
  Digest digest(Digest::Kind::Sha256);
  const auto at = static_cast<std::size_t>(data.data() - member.bytes.data());
  TRY(in_steps(member.bytes.part(at, data.size()), [&](ByteView step) -> Result<> {
    digest.append(step);
    return {};
  }));
  return digest.finish();
}

Result<Merged> merge(const Package& package, const Subgraph& s) {
  Merged merged;
  Spool spool;
  std::map<std::pair<std::array<std::byte, 32>, std::size_t>, std::uint64_t> known;
  for (const Variable& v : s.variables) {
    if (v.kind != VariableKind::File || v.size == 0) continue;
    const auto data = TRY(constant_of(package, s, v));
    const Member* member = package.find(s.directory + v.file_name);
    if (!member) return fail(Code::Internal, "{}{} is gone", s.directory, v.file_name);
    const auto digest = TRY(digest_of(*member, data));
    const auto [at, fresh] = known.emplace(std::pair(digest, data.size()), 0);
    if (fresh) {
      TRY(spool.append(Bytes((kAlignment - spool.size() % kAlignment) % kAlignment)));
      at->second = spool.size();
      const auto begin = static_cast<std::size_t>(data.data() - member->bytes.data());
      TRY(in_steps(member->bytes.part(begin, data.size()),
                   [&](ByteView step) { return spool.append(step); }));
    }
    merged.offset_of[v.name] = at->second;
  }
  merged.bytes = TRY(spool.take());
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
Result<> rewrite(Package& package, const Subgraph& s, Merged merged, bool keep_debug,
                 std::unordered_set<std::string>& weights) {
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
  if (merged.offset_of.empty()) return {};
  weights.insert(s.directory + name);
  package.members.push_back({s.directory + name, std::move(merged.bytes)});
  return {};
}

/// JSON without the spaces between its words, in memory that does not depend on its size.
Result<SharedBytes> without_spaces(const SharedBytes& text) {
  Spool out;
  bool in_string = false, escaped = false;
  TRY(in_steps(text, [&](ByteView step) {
    Bytes kept;
    kept.reserve(step.size());
    for (const std::byte b : step) {
      const char c = static_cast<char>(b);
      if (!in_string && (c == ' ' || c == '\n' || c == '\r' || c == '\t')) continue;
      if (c == '"' && !escaped) in_string = !in_string;
      escaped = in_string && c == '\\' && !escaped;
      kept.push_back(b);
    }
    return out.append(kept);
  }));
  return out.take();
}

/// JSON as a loader likes it (no spaces), or as a reader does.
Result<> reformat(Package& package, bool pretty) {
  constexpr std::size_t kParsed = std::size_t{4} << 20;  // larger ones would take hundreds of MiB
  for (Member& m : package.members) {
    if (!m.path.ends_with(".json")) continue;
    if (m.bytes.size() <= kParsed) {
      const auto value = TRY(json::parse(m.bytes).within(m.path));
      set_json(m, value, pretty);
    } else if (!pretty) {
      m.bytes = TRY(without_spaces(m.bytes).within(m.path));
    }
  }
  return {};
}

/// A loader reads from front to back: descriptions, then programs and tables, then constants.
void put_in_order(Package& package, const std::unordered_set<std::string>& weights) {
  const auto rank = [&](const Member& m) {
    return weights.contains(m.path) ? 2 : m.path.ends_with(".json") ? 0 : 1;
  };
  std::stable_sort(package.members.begin(), package.members.end(),
                   [&](const Member& a, const Member& b) { return rank(a) < rank(b); });
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
  std::unordered_set<std::string> weights;
  for (std::size_t i = 0; i < merged.size(); ++i)
    TRY(rewrite(package, model.subgraphs[i], std::move(merged[i]), keep_debug, weights));
  put_in_order(package, weights);
  TRY(reformat(package, keep_debug));
  if (package.header.feature_bits != 0 && package.header.neff_version_major < 2) {
    package.header.neff_version_major = 2;
    package.header.neff_version_minor = 0;
  }
  package.archive = {};
  return package;
}

}  // namespace neuron::neff
