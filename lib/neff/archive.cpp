// SPDX-License-Identifier: Apache-2.0
#include "neff/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <memory>
#include <optional>
#include <unordered_set>

#include "neff/gunzip.h"

namespace neuron::neff {
namespace {

struct FreeRead {
  void operator()(archive* a) const { archive_read_free(a); }
};
struct FreeWrite {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};
using ReadArchive = std::unique_ptr<archive, FreeRead>;
using WriteArchive = std::unique_ptr<archive, FreeWrite>;
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

/// What libarchive reads from; keeps the reason when that fails.
struct Source {
  std::optional<Gunzip> packed;
  ByteView plain;
  std::optional<Error> error;
};

la_ssize_t give(archive* a, void* data, const void** piece) {
  auto& source = *static_cast<Source*>(data);
  ByteView next = std::exchange(source.plain, {});
  if (source.packed) {
    auto got = source.packed->next();
    if (!got) {
      source.error = std::move(got).error();
      archive_set_error(a, EIO, "%s", source.error->message.c_str());
      return -1;
    }
    next = *got;
  }
  *piece = next.data();
  return static_cast<la_ssize_t>(next.size());
}

Error reason(archive* a, Source& source) {
  if (source.error) return *source.error;
  const char* text = archive_error_string(a);
  std::string message = text ? text : "it cannot be read";
  if (!message.empty()) message[0] = static_cast<char>(std::tolower(message[0]));
  // Before the first header, libarchive has no position to name.
  const auto at = archive_read_header_position(a);
  if (at < 0) return fail(Code::Malformed, "tar: {}", message);
  return fail(Code::Malformed, "tar at byte {}: {}", at, message);
}

const char* kind_of(archive_entry* entry) {
  if (archive_entry_hardlink(entry)) return "a hard link";
  switch (archive_entry_filetype(entry)) {
    case AE_IFLNK:
      return "a symbolic link";
    case AE_IFREG:
      return archive_entry_sparse_count(entry) > 0 ? "a sparse file" : nullptr;
    case AE_IFDIR:
      return nullptr;
    default:
      return "a device, pipe or socket";
  }
}

/// The bytes of the entry at hand. Memory grows as data comes, not as the header claims.
Result<Bytes> body_of(archive* a, archive_entry* entry, Source& source) {
  constexpr std::size_t kStep = std::size_t{1} << 20;
  Bytes bytes;
  const auto claimed =
      static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
  bytes.reserve(std::min<std::uint64_t>(claimed, 16 * kStep));
  while (true) {
    const std::size_t at = bytes.size();
    bytes.resize(at + std::min<std::uint64_t>(kStep, claimed - at + 1));
    const auto got = archive_read_data(a, bytes.data() + at, bytes.size() - at);
    if (got < 0) return reason(a, source);
    bytes.resize(at + static_cast<std::size_t>(got));
    if (got == 0) break;
  }
  if (bytes.size() != claimed)
    return fail(Code::Malformed, "it has {} bytes, its tar header says {}", bytes.size(), claimed);
  return bytes;
}

Result<std::string> path_of(archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  if (!path) path = archive_entry_pathname_utf8(entry);  // pax names are UTF-8 in every locale
  if (!path) return fail(Code::Malformed, "a member has no readable name");
  return clean_path(path);
}

Result<std::vector<Member>> members_of(archive* a, Source& source) {
  std::vector<Member> members;
  for (archive_entry* entry = nullptr;;) {
    const int status = archive_read_next_header(a, &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return reason(a, source);
    auto path = TRY(path_of(entry));
    if (const char* kind = kind_of(entry))
      return fail(Code::Malformed, "member {} is {}, expected a file or directory", path, kind);
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    if (path.empty()) return fail(Code::Malformed, "a member has an empty name");
    if (members.size() == kMostMembers)
      return fail(Code::Malformed, "more than {} members", kMostMembers);
    auto body = TRY(body_of(a, entry, source).within("member " + path));
    members.push_back({std::move(path), std::move(body)});
  }
  return members;
}

/// Every path stands once, and no file is also a directory.
Result<> check_paths(const std::vector<Member>& members) {
  std::unordered_set<std::string_view> files;
  for (const Member& m : members)
    if (!files.insert(m.path).second)
      return fail(Code::Malformed, "member {} appears twice", m.path);
  for (const Member& m : members)
    for (auto at = m.path.find('/'); at != std::string::npos; at = m.path.find('/', at + 1))
      if (files.contains(std::string_view(m.path).substr(0, at)))
        return fail(Code::Malformed, "member {} is a file and the directory of {}",
                    m.path.substr(0, at), m.path);
  return {};
}

/// A control character in a name would reach terminals and scripts.
std::string shown(std::string_view text) {
  std::string out;
  for (char c : text)
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f
               ? fmt::format("\\x{:02x}", static_cast<unsigned char>(c))
               : std::string(1, c);
  return out;
}

la_ssize_t take(archive*, void* out, const void* bytes, std::size_t count) {
  static_cast<Writer*>(out)->append(ByteView(static_cast<const std::byte*>(bytes), count));
  return static_cast<la_ssize_t>(count);
}

Result<> write_members(archive* a, const std::vector<Member>& members) {
  const Entry entry(archive_entry_new());
  for (const Member& m : members) {
    archive_entry_clear(entry.get());
    archive_entry_set_pathname(entry.get(), m.path.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0664);
    archive_entry_set_uid(entry.get(), 1000);
    archive_entry_set_gid(entry.get(), 1000);
    archive_entry_set_uname(entry.get(), "nobody");
    archive_entry_set_gname(entry.get(), "nobody");
    archive_entry_set_mtime(entry.get(), 0, 0);  // a package is a function of its contents
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(m.bytes.size()));
    if (archive_write_header(a, entry.get()) != ARCHIVE_OK ||
        archive_write_data(a, m.bytes.data(), m.bytes.size()) !=
            static_cast<la_ssize_t>(m.bytes.size()))
      return fail(Code::Io, "member {} cannot be archived: {}", m.path, archive_error_string(a));
  }
  return {};
}

}  // namespace

std::uint64_t expansion_limit(std::uint64_t packed_bytes) {
  return packed_bytes > kMost / kRatio ? kMost : std::max(kFree, packed_bytes * kRatio);
}

Result<std::string> clean_path(std::string_view path) {
  const auto refuse = [&](const char* why) {
    return fail(Code::Malformed, "member {} {}", shown(path.substr(0, 200)), why);
  };
  if (path.size() > kLongestPath) return refuse("has a name of more than 4096 bytes");
  if (shown(path) != path) return refuse("has control characters in its name");
  if (path.starts_with('/')) return refuse("has an absolute path, expected one inside the package");
  std::string clean;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    at = end + 1;
    if (part == "..") return refuse("leaves the package");
    if (part.empty() || part == ".") continue;
    if (!clean.empty()) clean += '/';
    clean += part;
  }
  return clean;
}

Result<std::vector<Member>> read_archive(ByteView payload) {
  const ReadArchive a(archive_read_new());
  Source source;
  if (neuron::text_of(payload).starts_with("\x1f\x8b"))
    source.packed.emplace(payload, expansion_limit(payload.size()));
  else
    source.plain = payload;
  archive_read_support_format_tar(a.get());
  archive_read_support_format_empty(a.get());
  if (archive_read_open(a.get(), &source, nullptr, give, nullptr) != ARCHIVE_OK)
    return reason(a.get(), source);
  auto members = TRY(members_of(a.get(), source));
  // The rest of the stream after the end of the tar holds the checksum.
  while (source.packed) {
    const auto rest = TRY(source.packed->next());
    if (rest.empty()) break;
  }
  if (members.empty()) return fail(Code::Malformed, "it holds no files");
  TRY(check_paths(members));
  return members;
}

Result<Bytes> write_archive(const std::vector<Member>& members, Compression compression) {
  for (const Member& m : members) {
    const auto clean = TRY(clean_path(m.path));
    if (clean != m.path) return fail(Code::Internal, "member path {} is not clean", m.path);
  }
  TRY(check_paths(members));
  Writer out;
  const WriteArchive a(archive_write_new());
  archive_write_set_format_pax_restricted(a.get());  // ustar, pax headers only where needed
  if (compression == Compression::Gzip) {
    archive_write_add_filter_gzip(a.get());
    archive_write_set_filter_option(a.get(), "gzip", "timestamp", nullptr);
    archive_write_set_filter_option(a.get(), "gzip", "compression-level", "1");  // as real files
  }
  if (archive_write_open(a.get(), &out, nullptr, take, nullptr) != ARCHIVE_OK)
    return fail(Code::Io, "archive cannot be made: {}", archive_error_string(a.get()));
  TRY(write_members(a.get(), members));
  if (archive_write_close(a.get()) != ARCHIVE_OK)
    return fail(Code::Io, "archive cannot be made: {}", archive_error_string(a.get()));
  std::uint64_t total = 0;
  for (const Member& m : members) total += m.bytes.size() + 1024;
  // What our own reader would take for an expansion bomb (constant weights) stays as it is.
  if (compression == Compression::Gzip && total > expansion_limit(out.size()))
    return write_archive(members, Compression::None);
  return std::move(out).take();
}

}  // namespace neuron::neff
