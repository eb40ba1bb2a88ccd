// SPDX-License-Identifier: Apache-2.0
#include "neff/package_writer.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <future>
#include <optional>

#include "base/workers.h"
#include "neff/deflate.h"
#include "neff/gunzip.h"

namespace neuron::neff {
namespace {

struct FreeWrite {
  void operator()(archive* a) const { archive_write_free(a); }
};
struct FreeEntry {
  void operator()(archive_entry* e) const { archive_entry_free(e); }
};

/// Cuts a stream into chunks and gives the gzip member of each to a sink, in order; chunks are
/// compressed by workers while the caller brings the next ones and the sink digests the last ones.
class Packer {
 public:
  Packer(Sink sink, const WriteOptions& options)
      : sink_(std::move(sink)),
        options_(options),
        workers_(Workers::for_bytes(std::uint64_t{1} << 40)) {}

  Result<> append(ByteView bytes) {
    while (!bytes.empty()) {
      if (raw_.size() == kChunk) TRY(send());
      const auto part = bytes.first(std::min(bytes.size(), kChunk - raw_.size()));
      raw_.insert(raw_.end(), part.begin(), part.end());
      bytes = bytes.subspan(part.size());
    }
    return {};
  }
  Result<> finish() {
    if (!raw_.empty()) TRY(send());
    while (!pending_.empty()) {
      TRY(receive());
    }
    return {};
  }
  /// Ends the chunk at hand, so that what follows begins a gzip member.
  Result<> cut() {
    if (!raw_.empty()) TRY(send());
    return {};
  }

 private:
  struct Job {
    Bytes raw, packed;
    std::size_t size = 0;
  };

  Result<> send() {
    constexpr std::size_t kMostPending = 8;
    while (pending_.size() >= kMostPending) {
      TRY(receive());
    }
    Job job{std::move(raw_), {}, 0};
    raw_ = Bytes();
    if (!spare_.empty()) {
      job.packed = std::move(spare_.back().packed);
      raw_ = std::move(spare_.back().raw);
      raw_.clear();
      spare_.pop_back();
    }
    raw_.reserve(kChunk);
    pending_.push_back(workers_.run([how = options_, job = std::move(job)]() mutable {
      job.packed.resize(std::max(job.packed.size(), most_packed(kChunk)));
      job.size = gzip_member(job.raw, how.level, job.packed, how.least_gain);
      return std::move(job);
    }));
    return {};
  }
  Result<> receive() {
    Job job = pending_.front().get();
    pending_.pop_front();
    TRY(sink_(ByteView(job.packed).first(job.size)));
    spare_.push_back(std::move(job));
    return {};
  }

  Sink sink_;
  WriteOptions options_;
  Bytes raw_;
  std::vector<Job> spare_;
  std::deque<std::future<Job>> pending_;
  Workers workers_;  // last: its jobs end before what stands above
};

/// The pax header in front of a member, whose only record is a comment that pads to a page.
Bytes padding_header(std::size_t data_bytes, std::int64_t mtime) {
  constexpr std::size_t kBlock = 512;
  Bytes block(kBlock + data_bytes);
  const auto put = [&](std::size_t at, std::string_view text) {
    const auto bytes = view_of(text);
    std::copy(bytes.begin(), bytes.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, "PaxHeader/alignment");
  put(100, "0000664");
  put(108, "0001750");
  put(116, "0001750");
  put(124, fmt::format("{:011o}", data_bytes));
  put(136, fmt::format("{:011o}", mtime));
  put(148, "        ");
  put(156, "x");
  put(257, std::string_view("ustar\00000", 8));
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += std::to_integer<unsigned>(block[i]);
  put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  const std::string head = fmt::format("{} comment=", data_bytes);
  put(kBlock, head);
  std::fill(block.begin() + static_cast<std::ptrdiff_t>(kBlock + head.size()), block.end() - 1,
            std::byte{'.'});
  block.back() = std::byte{'\n'};
  return block;
}

}  // namespace

struct ArchiveWriter::State {
  Sink sink;
  WriteOptions options;
  std::optional<Packer> packer;
  std::optional<Error> error;
  std::uint64_t written = 0;  ///< bytes of the plain archive
  std::uint64_t left = 0;     ///< bytes of the member at hand that are to come
  std::string path;
  Paths paths;
  std::unique_ptr<archive_entry, FreeEntry> entry{archive_entry_new()};
  std::unique_ptr<archive, FreeWrite> tar{archive_write_new()};  // last: its end writes

  Result<> put(ByteView bytes) {
    written += bytes.size();
    return packer ? packer->append(bytes) : sink(bytes);
  }
  Error reason() {
    if (error) return *error;
    return fail(Code::Io, "member {} cannot be archived: {}", path,
                archive_error_string(tar.get()));
  }
};

ArchiveWriter::ArchiveWriter(ArchiveWriter&&) noexcept = default;
ArchiveWriter::~ArchiveWriter() {
  // The end that libarchive writes when it is freed goes nowhere after an error.
  if (state_) state_->sink = [](ByteView) -> Result<> { return {}; };
}

ArchiveWriter::ArchiveWriter(Sink sink, const WriteOptions& options)
    : state_(std::make_unique<State>()) {
  State& s = *state_;
  s.sink = std::move(sink);
  s.options = options;
  if (options.compression == Compression::Gzip)
    s.packer.emplace([&s](ByteView bytes) { return s.sink(bytes); }, options);
  archive* a = s.tar.get();
  archive_write_set_format_pax_restricted(a);  // ustar, pax headers only where needed
  archive_write_set_bytes_per_block(a, 0);
  const auto take = [](archive* tar, void* state, const void* data, std::size_t count) {
    State& self = *static_cast<State*>(state);
    const auto put = self.put(ByteView(static_cast<const std::byte*>(data), count));
    if (put) return static_cast<la_ssize_t>(count);
    self.error = put.error();
    archive_set_error(tar, EIO, "%s", self.error->message.c_str());
    return la_ssize_t{-1};
  };
  if (archive_write_open(a, &s, nullptr, take, nullptr) != ARCHIVE_OK) s.error = s.reason();
}

Result<> ArchiveWriter::begin(const std::string& path, std::uint64_t size, bool aligned) {
  State& s = *state_;
  if (s.error) return *s.error;
  if (s.left != 0) return fail(Code::Internal, "{} bytes of {} are missing", s.left, s.path);
  const auto clean = TRY(clean_path(path));
  if (clean != path) return fail(Code::Internal, "member path {} is not clean", path);
  TRY(s.paths.add(path));
  archive* a = s.tar.get();
  s.path = path;
  if (archive_write_finish_entry(a) < ARCHIVE_WARN) return s.reason();
  // Weights begin a gzip member, so that a reader can step over them.
  if (s.packer && size >= kChunk / 2) TRY(s.packer->cut());
  constexpr std::size_t kBlock = 512, kPlainName = 100;
  if (aligned && !s.packer && path.size() <= kPlainName) {
    std::uint64_t at = sizeof(Header) + s.written + kBlock;
    if (at % kPage != 0) {
      std::size_t data = kBlock;
      while ((at + kBlock + data) % kPage != 0) data += kBlock;
      TRY(s.put(padding_header(data, s.options.mtime)));
    }
  }
  archive_entry* e = s.entry.get();
  archive_entry_clear(e);
  archive_entry_set_pathname(e, path.c_str());
  archive_entry_set_filetype(e, AE_IFREG);
  archive_entry_set_perm(e, 0664);
  archive_entry_set_uid(e, 1000);
  archive_entry_set_gid(e, 1000);
  archive_entry_set_uname(e, "nobody");
  archive_entry_set_gname(e, "nobody");
  archive_entry_set_mtime(e, s.options.mtime, 0);  // a package is a function of its contents
  archive_entry_set_size(e, static_cast<la_int64_t>(size));
  if (archive_write_header(a, e) != ARCHIVE_OK) return s.reason();
  s.left = size;
  return {};
}

Result<> ArchiveWriter::append(ByteView bytes) {
  State& s = *state_;
  if (bytes.size() > s.left)
    return fail(Code::Internal, "{} bytes too many for {}", bytes.size() - s.left, s.path);
  if (bytes.empty()) return {};
  if (archive_write_data(s.tar.get(), bytes.data(), bytes.size()) !=
      static_cast<la_ssize_t>(bytes.size()))
    return s.reason();
  s.left -= bytes.size();
  return {};
}

Result<> ArchiveWriter::finish() {
  State& s = *state_;
  if (s.error) return *s.error;
  if (s.left != 0) return fail(Code::Internal, "{} bytes of {} are missing", s.left, s.path);
  if (archive_write_close(s.tar.get()) != ARCHIVE_OK) return s.reason();
  if (s.packer) TRY(s.packer->finish());
  return {};
}

Result<PackageFile> PackageFile::create(const fs::path& path, std::uint64_t pkg_version) {
  auto digest = TRY(digest_for(pkg_version));
  auto file = TRY(AtomicFile::create(path));
  const Header empty;
  TRY(file.append(std::as_bytes(std::span(&empty, 1))));
  return PackageFile(std::move(file), std::move(digest));
}

Result<> PackageFile::append(ByteView payload) {
  size_ += payload.size();
  digest_.append(payload);
  return file_.append(payload);
}

Result<Header> PackageFile::commit(Header header) {
  const Header whole = TRY(completed(header, size_, digest_.finish()));
  TRY(file_.write_at(0, std::as_bytes(std::span(&whole, 1))));
  TRY(file_.commit());
  return whole;
}

}  // namespace neuron::neff
