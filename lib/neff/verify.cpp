// SPDX-License-Identifier: Apache-2.0
#include "neff/verify.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/json_check.h"
#include "neff/features.h"
#include "neff/hash.h"
#include "neff/verify_file.h"
#include "neff/verify_parts.h"

namespace neuron::neff {
namespace {

constexpr std::uint64_t kNewestMajor = 2;
constexpr std::size_t kMostOfOneKind = 20;  // the rest is counted

constexpr FindingInfo kFindings[] = {
#define NEFF_FINDING(id, name, severity, sentence, remedy) \
  {FindingId::id, name, Severity::severity, sentence, remedy},
#include "neff/verify.def"
#undef NEFF_FINDING
};

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The number behind "at byte" in a message of the archive or JSON reader.
std::optional<std::uint64_t> byte_in(std::string_view message) {
  constexpr std::string_view kWords = "at byte ";
  const auto at = message.find(kWords);
  std::uint64_t value = 0;
  if (at == std::string_view::npos) return std::nullopt;
  const char* begin = message.data() + at + kWords.size();
  if (std::from_chars(begin, message.data() + message.size(), value).ptr == begin)
    return std::nullopt;
  return value;
}

void check_json_members(Inspection& in) {
  for (const Member& m : in.package.members) {
    if (!m.path.ends_with(".json")) continue;
    const auto checked = json::check(m.bytes);
    if (checked) continue;
    const std::string& message = checked.error().message;
    in.verdict.add({FindingId::Json, m.path, "", byte_in(message), message});
  }
}

bool already_told(const Inspection& in, FindingId id, std::string_view member) {
  return std::any_of(in.verdict.findings.begin(), in.verdict.findings.end(),
                     [&](const Finding& f) { return f.id == id && f.member == member; });
}

/// A member as JSON; when it is missing or broken that is told, once.
std::optional<Json> member_json(Inspection& in, const MemberIndex& members,
                                const std::string& path) {
  const Member* member = members.find(path);
  if (!member) {
    if (!already_told(in, FindingId::MemberMissing, path))
      in.find(FindingId::MemberMissing, path, "", "the package has no such member");
    return std::nullopt;
  }
  auto parsed = json::parse(member->bytes);
  if (!parsed) {
    if (!already_told(in, FindingId::Json, path))
      in.find(FindingId::Json, path, "", "{}", parsed.error().message);
    return std::nullopt;
  }
  return *std::move(parsed);
}

void check_tensor_map(Inspection& in, const MemberIndex& members, Subgraph& s) {
  const std::string path = s.directory + "tensor_map.json";
  if (!members.find(path)) return;
  const auto map = member_json(in, members, path);
  if (!map) return;
  if (const auto filled = fill_tensors(s, *map); !filled)
    in.find(FindingId::TensorMap, path, "", "{}", filled.error().message);
}

void add_subgraph(Inspection& in, const MemberIndex& members, const Json& graph,
                  const std::string& kelf, std::size_t index, std::uint32_t node, Model& model) {
  const std::string pointer = fmt::format("/graphs/{}", index);
  const auto name = json::get<std::string>(graph, "name");
  const auto path = json::get<std::string>(graph, "definition");
  if (!name || !path) {
    in.find(FindingId::Kelf, kelf, pointer, "graph {}: {}", index,
            !name ? name.error().message : path.error().message);
    return;
  }
  if (!member_json(in, members, *path)) return;
  const std::size_t errors = in.verdict.count(Severity::Error);
  auto s = subgraph_of(members, *path, *name, Faults(in.verdict));
  if (!s) {
    in.find(FindingId::Definition, *path, "", "{}", s.error().message);
    return;
  }
  s->node = node;
  check_tensor_map(in, members, *s);
  check_subgraph(in, *s, model.target, errors);
  model.subgraphs.push_back(*std::move(s));
}

void check_kelf(Inspection& in, const MemberIndex& members, std::uint32_t node, Model& model) {
  const std::string& path = model.nodes[node].kelf;
  const auto kelf = member_json(in, members, path);
  if (!kelf) return;
  if (const auto target = json::get_or<std::string>(*kelf, "target", "");
      target && !target->empty())
    model.target = *target;
  const auto graphs = array_of(*kelf, "graphs");
  if (!graphs || (*graphs)->empty()) {
    in.find(FindingId::Kelf, path, "", "\"graphs\" is missing, empty or no array");
    return;
  }
  for (std::size_t i = 0; i < (*graphs)->size(); ++i)
    add_subgraph(in, members, (**graphs)[i], path, i, node, model);
}

/// info.json says again what the header says.
void check_info(Inspection& in, const MemberIndex& members) {
  if (!members.find("info.json")) return;
  const auto info = member_json(in, members, "info.json");
  if (!info) return;
  const Header& h = in.package.header;
  const auto name = json::get_or<std::string>(*info, "name", "");
  if (name && !name->empty() && *name != text_of(h.name) && name->size() <= h.name.size())
    in.find(FindingId::HeaderMirror, "info.json", "/name", "the name is {}, in the header {}",
            *name, text_of(h.name));
  const std::uint32_t cores = h.num_tpb;
  const auto mirrored = json::get_or<std::uint32_t>(*info, "num_tpb", cores);
  if (mirrored && *mirrored != cores)
    in.find(FindingId::HeaderMirror, "info.json", "/num_tpb", "{} cores, in the header {}",
            *mirrored, cores);
}

void check_members(Inspection& in) {
  const MemberIndex members(in.package);
  check_json_members(in);
  check_info(in, members);
  const auto neff = member_json(in, members, "neff.json");
  if (!neff) return;
  auto graph = graph_of(*neff);
  if (!graph) {
    in.find(FindingId::Graph, "neff.json", "", "{}", graph.error().message);
    return;
  }
  Model model;
  model.nodes = std::move(graph->nodes);
  std::set<std::string> seen;
  for (std::uint32_t i = 0; i < model.nodes.size(); ++i) {
    const Node& node = model.nodes[i];
    if (node.executor == Executor::NeuronCore && seen.insert(node.kelf).second)
      check_kelf(in, members, i, model);
    if (node.executor == Executor::Cpu && !members.find("cpu.so") &&
        !already_told(in, FindingId::MemberMissing, "cpu.so"))
      in.find(FindingId::MemberMissing, "cpu.so", "", "node {} calls {} in it", i, node.function);
  }
  in.verdict.subgraphs = model.subgraphs.size();
  check_interface(in, model);
  check_features(in, model);
  // What no check above knows of, a reader may still refuse.
  if (in.verdict.count(Severity::Error) > 0) return;
  if (const auto loaded = model_of(in.package); !loaded)
    in.find(FindingId::Refused, "", "", "{}", loaded.error().message);
}

/// Says of each kind how many were only counted; offsets come from pointers.
void finish(Verdict& verdict, const Package* package) {
  auto& all = verdict.findings;
  std::stable_sort(all.begin(), all.end(), [](const Finding& a, const Finding& b) {
    return info(a.id).severity > info(b.id).severity;
  });
  for (const auto& [id, count] : verdict.found)
    if (count > kMostOfOneKind) {
      const auto last = std::find_if(all.rbegin(), all.rend(),
                                     [id = id](const Finding& f) { return f.id == id; });
      last->reason += fmt::format("; and {} more like it", count - kMostOfOneKind);
    }
  if (!package) return;
  const MemberIndex members(*package);
  for (Finding& f : all)
    if (const Member* m = members.find(f.member); m && !f.offset && !f.pointer.empty())
      f.offset = place_of(m->bytes, f.pointer);
}

/// Of a file with a tail, the part that the header speaks of; of one that was cut there is nothing
/// to compare.
void check_hash(const Header& header, const SharedBytes& file, Verdict& verdict) {
  const auto payload = file.part(sizeof(Header), file.size() - sizeof(Header));
  const std::uint64_t size = header.data_size;
  if (size > payload.size()) return;
  verdict.hash = hash_form(header, payload.part(0, size));
  if (!verdict.hash.empty()) return;
  const bool old = header.pkg_version == 1;
  verdict.add(
      {FindingId::HashMismatch, "header", "", offsetof(Header, hash),
       fmt::format("the header says {}, the {} of the {} bytes is another in either byte order",
                   hex(std::span(header.hash).first(old ? 32 : 16)), old ? "SHA-256" : "MD5",
                   size)});
}

}  // namespace

const FindingInfo& info(FindingId id) { return kFindings[static_cast<std::size_t>(id)]; }

const char* name_of(Severity severity) {
  constexpr const char* kNames[] = {"note", "warning", "error"};
  return kNames[static_cast<std::size_t>(severity)];
}

void Verdict::add(Finding finding) {
  if (++found[finding.id] <= kMostOfOneKind) findings.push_back(std::move(finding));
}

std::size_t Verdict::count(Severity severity) const {
  std::size_t count = 0;
  for (const auto& [id, times] : found)
    if (info(id).severity == severity) count += times;
  return count;
}

void check_header(const Header& h, std::uint64_t file_size, Verdict& verdict) {
  const auto wrong = [&](FindingId id, std::size_t offset, std::string reason) {
    verdict.add({id, "header", "", offset, std::move(reason)});
  };
  const std::uint64_t size = h.header_size, pkg = h.pkg_version, data = h.data_size,
                      major = h.neff_version_major, minor = h.neff_version_minor,
                      bits = h.feature_bits;
  if (size != sizeof(Header))
    wrong(FindingId::HeaderSize, offsetof(Header, header_size),
          fmt::format("header_size is {}, expected {}", size, sizeof(Header)));
  if (pkg != 1 && pkg != 2)
    wrong(FindingId::PackageVersion, offsetof(Header, pkg_version),
          fmt::format("pkg_version is {}, known are 1 and 2", pkg));
  if (major > kNewestMajor)
    wrong(FindingId::NeffVersion, offsetof(Header, neff_version_major),
          fmt::format("the version is {}.{}, newest known is {}", major, minor, kNewestMajor));
  if (data != file_size - sizeof(Header))
    wrong(FindingId::DataSize, offsetof(Header, data_size),
          fmt::format("data_size is {}, but {} bytes follow the header", data,
                      file_size - sizeof(Header)));
  if (!is_printable(text_of(h.name)))
    wrong(FindingId::HeaderText, offsetof(Header, name), "the name holds control characters");
  if (!is_printable(text_of(h.neff_build_version)))
    wrong(FindingId::HeaderText, offsetof(Header, neff_build_version),
          "the build version holds control characters");
  if (h.num_tpb == 0)
    wrong(FindingId::HeaderCores, offsetof(Header, num_tpb), "num_tpb is 0, expected at least 1");
  if (const auto odd =
          std::find_if(h.pad.begin(), h.pad.end(), [](std::byte b) { return b != std::byte{0}; });
      odd != h.pad.end())
    wrong(FindingId::HeaderPad,
          offsetof(Header, pad) + static_cast<std::size_t>(odd - h.pad.begin()),
          fmt::format("it is 0x{:02x}, expected 0", static_cast<unsigned>(*odd)));
  const auto version = std::to_integer<unsigned>(h.uuid[6]) >> 4;
  if (version < 1 || version > 8)
    wrong(FindingId::HeaderIdentity, offsetof(Header, uuid),
          fmt::format("{} is of version {}, known are 1 to 8", hex(h.uuid), version));
  if (bits != 0 && major < 2)
    wrong(FindingId::FeatureVersion, offsetof(Header, neff_version_major),
          fmt::format("the version is {}.{}, the features are {}", major, minor,
                      feature_names(bits)));
}

namespace {

Verdict verify_shared(const SharedBytes& file, const InstructionReader& reader) {
  Verdict verdict;
  if (file.size() < sizeof(Header)) {
    verdict.add(
        {FindingId::FileShort, "header", "", file.size(),
         fmt::format("the file has {} bytes, a header has {}", file.size(), sizeof(Header))});
    return verdict;
  }
  const auto header = load<Header>(file, 0);
  check_header(header, file.size(), verdict);
  const bool readable = verdict.count(Severity::Error) == 0;
  if (header.header_size == sizeof(Header)) check_hash(header, file, verdict);
  std::optional<Package> package;
  if (readable) {
    auto parsed = view(file);
    if (parsed) {
      package = *std::move(parsed);
      verdict.members = package->members.size();
      Inspection in{*package, reader, verdict};
      check_members(in);
    } else {
      std::string message = std::move(parsed.error().message);
      if (message.starts_with("archive: ")) message.erase(0, 9);
      const auto offset = byte_in(message);
      verdict.add({FindingId::Archive, "archive", "", offset, std::move(message)});
    }
  }
  finish(verdict, package ? &*package : nullptr);
  return verdict;
}

}  // namespace

Result<Verdict> verify_file(const fs::path& neff, const InstructionReader& reader) {
  const auto file = TRY(MappedFile::open(neff));
  return verify_shared(file, reader);
}

Verdict verify(ByteView file, const InstructionReader& reader) {
  return verify_shared(SharedBytes::borrowed(file), reader);
}

}  // namespace neuron::neff
