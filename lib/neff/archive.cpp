// SPDX-License-Identifier: Apache-2.0
#include "neff/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cctype>
#include <cerrno>

#include "neff/gunzip.h"
#include "neff/spool.h"

namespace neuron::neff {
namespace {

struct FreeRead {
  void operator()(archive* a) const { archive_read_free(a); }
};
using ReadArchive = std::unique_ptr<archive, FreeRead>;

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

Result<std::string> path_of(archive_entry* entry) {
  const char* path = archive_entry_pathname(entry);
  if (!path) path = archive_entry_pathname_utf8(entry);  // pax names are UTF-8 in every locale
  if (!path) return fail(Code::Malformed, "a member has no readable name");
  return clean_path(path);
}

/// Bytes that one piece holds at most, so that a plain archive is let go as it is read.
constexpr std::size_t kPiece = std::size_t{4} << 20;

bool is_packed(ByteView payload) { return neuron::text_of(payload).starts_with("\x1f\x8b"); }

/// The plain archive of a gzipped one.
Result<SharedBytes> inflated(ByteView payload, const Limits& limits, Inflate inflate,
                             const MappedFile* file) {
  const std::uint64_t most = expansion_limit(payload.size(), limits);
  if (inflate == Inflate::ToMemory) return gunzip_whole(payload, most);
  Gunzip packed(payload, most, file);
  Spool plain;
  while (true) {
    const auto piece = TRY(packed.next());
    if (piece.empty()) break;
    TRY(plain.append(piece));
  }
  return plain.take();
}

/// The rest of the file at hand: a view into `plain`, of which the pieces are parts.
Result<SharedBytes> body_of(ArchiveWalk& walk, const SharedBytes& plain, std::uint64_t size) {
  std::size_t begin = 0, done = 0;
  while (true) {
    const auto piece = TRY(walk.piece());
    if (piece.empty()) break;
    const auto at = static_cast<std::size_t>(piece.data() - plain.data());
    if (done == 0) begin = at;
    if (at != begin + done || at > plain.size() || piece.size() > plain.size() - at)
      return fail(Code::Malformed, "its bytes do not lie together");
    done += piece.size();
  }
  if (done != size) return fail(Code::Internal, "{} bytes of {} were read", done, size);
  return done == 0 ? SharedBytes() : plain.part(begin, done);
}

}  // namespace

struct ArchiveWalk::State {
  ReadArchive archive{archive_read_new()};
  Source source;
  Limits limits;
  const MappedFile* file = nullptr;
  Paths paths;
  std::uint64_t count = 0, total = 0;
  Entry entry;             ///< the file at hand
  std::uint64_t done = 0;  ///< bytes of it that were given
  ByteView block, given;   ///< what libarchive gave of it and the walk has not; what it gave last
  bool is_open = false;
};

ArchiveWalk::ArchiveWalk(ArchiveWalk&&) noexcept = default;
ArchiveWalk::~ArchiveWalk() = default;

ArchiveWalk::ArchiveWalk(ByteView payload, const Limits& limits, const MappedFile* file)
    : state_(std::make_unique<State>()) {
  state_->limits = limits;
  state_->file = file;
  if (is_packed(payload))
    state_->source.packed.emplace(payload, expansion_limit(payload.size(), limits), file);
  else
    state_->source.plain = payload;
}

Result<> ArchiveWalk::open() {
  archive* a = state_->archive.get();
  archive_read_support_format_tar(a);
  archive_read_support_format_empty(a);
  state_->is_open = true;
  if (archive_read_open(a, &state_->source, nullptr, give, nullptr) != ARCHIVE_OK)
    return reason(a, state_->source);
  return {};
}

Result<std::optional<Entry>> ArchiveWalk::next() {
  State& s = *state_;
  if (!s.is_open) TRY(open());
  while (true) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(s.archive.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status < ARCHIVE_WARN) return reason(s.archive.get(), s.source);
    auto path = TRY(path_of(entry));
    if (const char* kind = kind_of(entry))
      return fail(Code::Malformed, "member {} is {}, expected a file or directory", path, kind);
    if (++s.count > s.limits.members)
      return fail(Code::Malformed, "more than {} members (see --max-members)", s.limits.members);
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    if (path.empty()) return fail(Code::Malformed, "a member has an empty name");
    TRY(s.paths.add(path));
    const auto size =
        static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    s.total += size;
    if (s.limits.bytes != 0 && (size > s.limits.bytes || s.total > s.limits.bytes))
      return fail(Code::Malformed, "member {}: more than {} bytes of members (see --max-size)",
                  path, s.limits.bytes);
    s.entry = {std::move(path), size};
    s.done = 0;
    s.block = {};
    return std::optional(s.entry);
  }
  // The rest of the stream after the end of the tar holds the checksum.
  while (s.source.packed) {
    const auto rest = TRY(s.source.packed->next());
    if (rest.empty()) break;
  }
  return std::optional<Entry>();
}

Result<ByteView> ArchiveWalk::piece() {
  State& s = *state_;
  if (s.file && !s.source.packed && !s.given.empty()) s.file->release(s.given);
  while (s.block.empty()) {
    const void* data = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(s.archive.get(), &data, &size, &offset);
    if (status < ARCHIVE_WARN)
      return reason(s.archive.get(), s.source).within("member " + s.entry.path);
    if (status == ARCHIVE_EOF) {
      s.given = {};
      if (s.done == s.entry.size) return ByteView{};
      return fail(Code::Malformed, "member {}: it has {} bytes, its tar header says {}",
                  s.entry.path, s.done, s.entry.size);
    }
    s.block = ByteView(static_cast<const std::byte*>(data), size);
    if (static_cast<std::uint64_t>(offset) != s.done || size > s.entry.size - s.done)
      return fail(Code::Malformed, "member {}: its bytes do not follow each other", s.entry.path);
  }
  s.given = s.block.first(std::min(s.block.size(), kPiece));
  s.block = s.block.subspan(s.given.size());
  s.done += s.given.size();
  return s.given;
}

std::uint64_t expansion_limit(std::uint64_t packed_bytes, const Limits& limits) {
  if (limits.ratio != 0 && packed_bytes > kMost / limits.ratio) return kMost;
  return std::max(kFree, packed_bytes * limits.ratio);
}

Result<std::vector<Member>> read_archive(const SharedBytes& payload, const Limits& limits,
                                         Inflate inflate) {
  SharedBytes plain = payload;
  if (is_packed(payload)) plain = TRY(inflated(payload, limits, inflate, payload.file()));
  ArchiveWalk walk(plain, limits);
  std::vector<Member> members;
  while (true) {
    const auto entry = TRY(walk.next());
    if (!entry) break;
    auto bytes = TRY(body_of(walk, plain, entry->size));
    members.push_back({entry->path, std::move(bytes)});
  }
  if (members.empty()) return fail(Code::Malformed, "it holds no files");
  return members;
}

}  // namespace neuron::neff
