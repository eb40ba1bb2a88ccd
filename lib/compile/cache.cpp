// SPDX-License-Identifier: Apache-2.0
#include "compile/cache.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/digest.h"
#include "base/json.h"
#include "compile/import/io_config.h"

namespace neuron::compile {
namespace {

constexpr const char* kDefaultLimit = "4G";
constexpr std::string_view kEnding = ".entry";
constexpr std::size_t kDigestBytes = 32, kLengthBytes = 8;

// An entry: SHA-256 of the rest, length of a JSON line, that line, the NEFF.
Bytes bytes_of_entry(const CacheEntry& entry) {
  const std::string head = json::text_of({{"name", entry.name}, {"warnings", entry.warnings}});
  Bytes out(kDigestBytes + kLengthBytes);
  const std::uint64_t length = head.size();
  store(std::span(out), kDigestBytes, length);
  const ByteView text = view_of(head);
  out.insert(out.end(), text.begin(), text.end());
  out.insert(out.end(), entry.neff.begin(), entry.neff.end());
  const auto digest = sha256(ByteView(out).subspan(kDigestBytes));
  std::copy(digest.begin(), digest.end(), out.begin());
  return out;
}

std::string name_of(const Json& head) {
  const Json* name = json::find(head, "name");
  return name && name->is_string() ? name->get<std::string>() : "?";
}

std::optional<CacheEntry> entry_of(ByteView bytes) {
  if (bytes.size() < kDigestBytes + kLengthBytes) return std::nullopt;
  const auto digest = sha256(bytes.subspan(kDigestBytes));
  if (!std::equal(digest.begin(), digest.end(), bytes.begin())) return std::nullopt;
  const auto length = load<std::uint64_t>(bytes, kDigestBytes);
  const ByteView rest = bytes.subspan(kDigestBytes + kLengthBytes);
  if (length > rest.size()) return std::nullopt;
  const auto head = json::parse(rest.first(length));
  if (!head) return std::nullopt;
  CacheEntry entry;
  entry.name = name_of(*head);
  if (const Json* warnings = json::find(*head, "warnings"))
    for (const Json& warning : *warnings)
      if (warning.is_string()) entry.warnings.push_back(warning.get<std::string>());
  entry.neff.assign(rest.begin() + static_cast<std::ptrdiff_t>(length), rest.end());
  return entry;
}

/// The name in an entry without its digest checked, for lists.
std::string name_in(const fs::path& path) {
  const auto file = MappedFile::open(path);
  if (!file || (*file)->bytes().size() < kDigestBytes + kLengthBytes) return "?";
  const ByteView bytes = (*file)->bytes();
  const auto length = load<std::uint64_t>(bytes, kDigestBytes);
  const ByteView rest = bytes.subspan(kDigestBytes + kLengthBytes);
  if (length > rest.size()) return "?";
  const auto head = json::parse(rest.first(length));
  return head ? name_of(*head) : "?";
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

void touch(const fs::path& path) {
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
}

}  // namespace

Result<std::uint64_t> bytes_of_size(const std::string& text) {
  constexpr std::string_view kUnits = "KMGT";
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  const bool has_unit = stop != end;
  const std::size_t unit = has_unit ? kUnits.find(static_cast<char>(std::toupper(*stop))) : 0;
  const unsigned shift = has_unit ? 10 * (static_cast<unsigned>(unit) + 1) : 0;
  if (error != std::errc() || (has_unit && (unit == kUnits.npos || stop + 1 != end)) ||
      number > (~std::uint64_t{0} >> shift))
    return fail(Code::BadUsage, "size '{}': expected bytes, or such as 500M or 4G", text);
  return number << shift;
}

Result<std::optional<Cache>> Cache::from_environment() {
  const std::string url = variable("NEURON_COMPILE_CACHE_URL");
  const std::string size = variable("NEURON_COMPILE_CACHE_SIZE");
  if (url == "off") return std::optional<Cache>{};
  const auto limit = TRY(bytes_of_size(size.empty() ? kDefaultLimit : size));
  fs::path folder = TRY(path_of_uri(url));
  const std::string cache = variable("XDG_CACHE_HOME"), home = variable("HOME");
  if (url.empty() && cache.empty() && home.empty()) return std::optional<Cache>{};
  if (url.empty())
    folder = (cache.empty() ? fs::path(home) / ".cache" : fs::path(cache)) / "neuron/compile";
  return std::optional<Cache>(Cache(std::move(folder), limit));
}

std::optional<CacheEntry> Cache::find(const std::string& key) const {
  const fs::path path = folder_ / (key + std::string(kEnding));
  std::error_code ignored;
  if (!fs::exists(path, ignored)) return std::nullopt;
  const auto file = MappedFile::open(path);
  auto entry = file ? entry_of((*file)->bytes()) : std::nullopt;
  if (entry)
    touch(path);
  else
    fs::remove(path, ignored);
  return entry;
}

Result<> Cache::keep(const std::string& key, const CacheEntry& entry) const {
  if (entry.neff.size() > limit_) return {};
  std::error_code status;
  fs::create_directories(folder_, status);
  if (status) return fail(Code::Io, "{}: cannot create: {}", folder_.string(), status.message());
  TRY(write_file(folder_ / (key + std::string(kEnding)), bytes_of_entry(entry)));
  trim(limit_);
  return {};
}

std::vector<CacheRow> Cache::rows() const {
  std::vector<CacheRow> rows;
  std::error_code ignored;
  for (fs::directory_iterator at(folder_, ignored), end; !ignored && at != end;
       at.increment(ignored)) {
    const fs::path& path = at->path();
    if (path.extension() != kEnding) continue;
    const auto bytes = fs::file_size(path, ignored);
    const auto time = fs::last_write_time(path, ignored);
    if (ignored) continue;  // another process has removed it
    const auto since = std::chrono::file_clock::to_sys(time).time_since_epoch();
    rows.push_back({path.stem().string(), name_in(path), bytes, std::chrono::nanoseconds(since)});
  }
  std::sort(rows.begin(), rows.end(), [](const CacheRow& a, const CacheRow& b) {
    return std::pair(b.used_at, a.key) < std::pair(a.used_at, b.key);
  });
  return rows;
}

std::size_t Cache::trim(std::uint64_t bytes) const {
  std::uint64_t kept = 0;
  std::size_t removed = 0;
  for (const CacheRow& row : rows()) {
    if (row.bytes <= bytes - kept) {
      kept += row.bytes;
      continue;
    }
    std::error_code ignored;
    removed += fs::remove(folder_ / (row.key + std::string(kEnding)), ignored);
    bytes = kept;  // what was used before it goes, too
  }
  return removed;
}

}  // namespace neuron::compile
