// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "neff/archive.h"
#include "neff/members.h"

// The header that an archive's own members ask for; `packager create` starts from it.
namespace neuron::neff {
namespace {

constexpr std::uint64_t kBinWeights = 1, kCustomOps = 4, kVirtualCore = 1 << 10;  // features.def

// What `unpack` leaves beside the members.
constexpr const char* kArchiveName = "neff.tgz";
// Smaller files are read, larger ones mapped: a process may have only so many maps.
constexpr std::uintmax_t kMapped = std::uintmax_t{1} << 20;

Result<> name_from_info(Header& header, const MemberIndex& members) {
  if (!members.find("info.json")) return {};
  const auto info = TRY(members.json("info.json"));
  const auto name = TRY(optional_of<std::string>(info, "name", "").within("info.json"));
  name.copy(header.name.data(), header.name.size());
  return {};
}

/// Subgraphs that are the physical cores of one logical core say so in their features.
void cores_from_model(Header& header, const Model& model) {
  const auto is_core = [](const Subgraph& s) {
    return std::count(s.features.begin(), s.features.end(), "neff_feature_vnc") > 0;
  };
  header.lnc_size = 1;
  if (model.subgraphs.empty() ||
      !std::all_of(model.subgraphs.begin(), model.subgraphs.end(), is_core))
    return;
  header.lnc_size = static_cast<std::uint32_t>(model.subgraphs.size());
  header.feature_bits |= kVirtualCore;
}

Result<> fill_header(Package& package) {
  TRY(name_from_info(package.header, MemberIndex(package)));
  const auto model = TRY(model_of(package));
  cores_from_model(package.header, model);
  package.header.tpb_per_node[0] = std::byte{1};
  return {};
}

Result<SharedBytes> bytes_of_file(const fs::path& path, std::uintmax_t size) {
  if (size >= kMapped) {
    auto file = TRY(MappedFile::open(path));
    return SharedBytes(std::move(file));
  }
  auto bytes = TRY(read_file(path));
  return SharedBytes(std::move(bytes));
}

/// Adds what stands below `root`; links and devices are refused, not followed.
Result<> add_files(Package& package, const fs::path& root, const Limits& limits) {
  std::error_code why;
  Paths paths;
  std::uintmax_t total = 0;
  fs::recursive_directory_iterator all(root, why), end;
  for (; !why && all != end; all.increment(why)) {
    const fs::path& path = all->path();
    const auto status = all->symlink_status(why);
    if (why) break;
    if (fs::is_directory(status)) continue;
    if (!fs::is_regular_file(status))
      return fail(Code::BadUsage, "{}: a package holds files and directories only", path.string());
    auto name = TRY(clean_path(path.lexically_relative(root).string()));
    if (name == kArchiveName) continue;
    if (package.members.size() == limits.members)
      return fail(Code::BadUsage, "{}: more than {} files (see --max-members)", root.string(),
                  limits.members);
    const auto size = all->file_size(why);
    if (why) break;
    total += size;
    if (limits.bytes != 0 && total > limits.bytes)
      return fail(Code::BadUsage, "{}: more than {} bytes (see --max-size)", root.string(),
                  limits.bytes);
    TRY(paths.add(name));
    auto bytes = TRY(bytes_of_file(path, size));
    package.members.push_back({std::move(name), std::move(bytes)});
  }
  if (why) return fail(Code::Io, "{}: cannot be listed: {}", root.string(), why.message());
  return {};
}

}  // namespace

Result<Package> package_from(const fs::path& directory, const Limits& limits) {
  Package package;
  TRY(add_files(package, directory, limits));
  if (package.members.empty())
    return fail(Code::BadUsage, "{}: holds no files", directory.string());
  // The order of real packages: by path, neff.json last.
  std::sort(package.members.begin(), package.members.end(), [](const auto& a, const auto& b) {
    return std::pair(a.path == "neff.json", std::string_view(a.path)) <
           std::pair(b.path == "neff.json", std::string_view(b.path));
  });
  TRY(fill_header(package).within(directory.string()));
  return package;
}

Result<> check_features(const Package& package) {
  const std::uint64_t enabled = package.header.feature_bits;
  const auto lacks = [](const std::string& what, const char* feature) {
    return fail(Code::BadUsage, "{} needs the feature {} (see --enable-feature)", what, feature);
  };
  const auto model = TRY(model_of(package));
  if ((enabled & kBinWeights) == 0)
    for (const Subgraph& s : model.subgraphs)
      for (const Variable& v : s.variables)
        if (v.kind == VariableKind::File && !v.file_name.empty() && !v.file_name.ends_with(".npy"))
          return lacks(fmt::format("{}{}, a raw constant of {},", s.directory, v.file_name, v.name),
                       "bin-weights");
  if ((enabled & kCustomOps) == 0)
    for (const Member& m : package.members)
      if (m.path.substr(m.path.rfind('/') + 1) == "ucode_lib.json")
        return lacks("member " + m.path, "custom-ops");
  return {};
}

Result<Package> package_around(SharedBytes archive, const Limits& limits) {
  Package package;
  package.members = TRY(read_archive(archive, limits).within("archive"));
  package.archive = std::move(archive);
  TRY(fill_header(package));
  return package;
}

}  // namespace neuron::neff
