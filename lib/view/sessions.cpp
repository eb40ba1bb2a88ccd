// SPDX-License-Identifier: Apache-2.0
#include "view/sessions.h"

#include <algorithm>
#include <fstream>
#include <future>

#include "neff/header.h"
#include "neff/neff.h"

namespace neuron::view {
namespace {

constexpr int kDeepest = 4;
constexpr std::size_t kMostFiles = 4096;

bool is_trace(const std::string& name) {
  return name.ends_with(".ntff") || name.ends_with(".ntff.zst");
}

struct Found {
  std::vector<fs::path> traces, packages;
};

Result<Found> find_files(const fs::path& directory) {
  std::error_code problem;
  fs::recursive_directory_iterator at(directory, problem), end;
  if (problem)
    return fail(Code::Io, "{}: cannot be listed: {}", directory.string(), problem.message());
  Found found;
  for (; at != end; at.increment(problem)) {
    if (problem) break;
    if (at.depth() >= kDeepest) at.disable_recursion_pending();
    std::error_code ignored;
    if (!at->is_regular_file(ignored)) continue;
    const std::string name = at->path().filename().string();
    if (is_trace(name)) found.traces.push_back(at->path());
    if (name.ends_with(".neff")) found.packages.push_back(at->path());
    if (found.traces.size() + found.packages.size() > kMostFiles)
      return fail(Code::NoResource, "{}: holds more than {} traces and packages",
                  directory.string(), kMostFiles);
  }
  const auto by_name = [](const fs::path& a, const fs::path& b) {
    return natural_less(a.string(), b.string());
  };
  std::sort(found.traces.begin(), found.traces.end(), by_name);
  std::sort(found.packages.begin(), found.packages.end(), by_name);
  return found;
}

using Uuid = std::array<std::byte, 16>;

/// The uuid in the header of a package; nothing where that cannot be read.
std::optional<Uuid> uuid_of(const fs::path& neff) {
  constexpr std::size_t kUuidAt = offsetof(neff::Header, uuid);
  std::ifstream in(neff, std::ios::binary);
  Uuid uuid;
  in.seekg(kUuidAt);
  if (!in.read(reinterpret_cast<char*>(uuid.data()), uuid.size())) return std::nullopt;
  return uuid;
}

Result<fs::path> package_of(const fs::path& trace_path,
                            const std::vector<std::pair<Uuid, fs::path>>& packages) {
  const ntff::Trace trace = TRY(ntff::open(trace_path, {}));
  const auto known = std::min<std::size_t>(trace.uuid_bytes, 16);
  if (known == 0) return fs::path();
  for (const auto& [uuid, path] : packages)
    if (std::equal(uuid.begin(), uuid.begin() + known, trace.uuid.begin())) return path;
  return fs::path();
}

Sha1 sha1_of(const MappedFile& file) {
  constexpr std::size_t kPiece = std::size_t{4} << 20;
  Digest digest(Digest::Kind::Sha1);
  for (ByteView left = file.bytes(); !left.empty();) {
    const ByteView piece = left.first(std::min(left.size(), kPiece));
    digest.append(piece);
    file.release(piece);
    left = left.subspan(piece.size());
  }
  Sha1 out;
  const auto whole = digest.finish();
  std::copy_n(whole.begin(), out.size(), out.begin());
  return out;
}

}  // namespace

Result<LoadedSession> load_session(const SessionFiles& files, const ImportOptions& options) {
  LoadedSession loaded;
  const auto file = TRY(MappedFile::open(files.ntff));
  auto digest = std::async(std::launch::async, [&file] { return sha1_of(*file); });
  ntff::Trace trace = TRY(ntff::open(files.ntff, options.spool));
  Bytes neff;
  std::optional<neff::Package> package;
  if (!files.neff.empty()) {
    neff = TRY(read_file(files.neff));
    package = TRY(neff::parse(neff).within(files.neff.string()));
  }
  auto imported = import(package ? &*package : nullptr, std::move(trace), options);
  loaded.timeline = TRY(std::move(imported).within(files.ntff.string()));
  loaded.id = profile_id_of(sha1(neff), digest.get());
  loaded.timeline.profile_name = loaded.id;
  return loaded;
}

Result<std::vector<SessionFiles>> sessions_in(const fs::path& directory, const fs::path& neff) {
  const Found found = TRY(find_files(directory));
  if (found.traces.empty())
    return fail(Code::NotFound, "{}: holds no trace (*.ntff or *.ntff.zst)", directory.string());
  std::vector<std::pair<Uuid, fs::path>> packages;
  for (const fs::path& path : found.packages)
    if (const auto uuid = uuid_of(path)) packages.emplace_back(*uuid, path);
  std::vector<SessionFiles> sessions;
  for (const fs::path& trace : found.traces) {
    fs::path package = neff;
    if (package.empty() && !packages.empty()) package = TRY(package_of(trace, packages));
    sessions.push_back({package, trace});
  }
  return sessions;
}

Result<fs::path> package_for(const fs::path& trace, const std::vector<fs::path>& packages) {
  std::vector<fs::path> paths = packages;
  if (paths.empty()) {
    std::error_code ignored;
    const fs::path parent = trace.parent_path();
    for (const auto& entry : fs::directory_iterator(parent.empty() ? "." : parent, ignored))
      if (entry.path().extension() == ".neff") paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
  }
  std::vector<std::pair<Uuid, fs::path>> known;
  for (const fs::path& path : paths)
    if (const auto uuid = uuid_of(path)) known.emplace_back(*uuid, path);
  return package_of(trace, known);
}

bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0, k = 0;
  while (i < a.size() && k < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[k])) {
      if (a[i] != b[k]) return a[i] < b[k];
      ++i, ++k;
      continue;
    }
    const auto number = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t from = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(from, at - from);
    };
    const std::string_view x = number(a, i), y = number(b, k);
    if (x.size() != y.size()) return x.size() < y.size();
    if (x != y) return x < y;
  }
  return a.size() - i < b.size() - k;
}

std::string group_id(const std::vector<std::string>& profiles) {
  std::string all;
  for (const std::string& profile : profiles) all += profile;
  return "p_" + hex(sha1(view_of(all)));
}

}  // namespace neuron::view
