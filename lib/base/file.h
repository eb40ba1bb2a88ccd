// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

namespace neuron {
namespace fs = std::filesystem;

/// All bytes of a regular file. Errors name the path.
Result<Bytes> read_file(const fs::path& path);

/// A regular file as memory: pages come in when they are looked at, and may be let go again. The
/// file must not shrink meanwhile, or the process ends with SIGBUS.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const fs::path& path);
  /// What was written to the open file `fd`, which stays the caller's; `path` is for errors.
  static Result<std::shared_ptr<const MappedFile>> of(int fd, const fs::path& path);
  explicit MappedFile(ByteView bytes) : bytes_(bytes) {}
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  ByteView bytes() const { return bytes_; }
  /// Tells that `part` will not be looked at soon. It stays valid; parts of elsewhere are ignored.
  void release(ByteView part) const;
  /// Tells, from one thread, that most of it will be looked at: another brings a GiB in meanwhile.
  void fetch() const;

 private:
  ByteView bytes_;
  mutable std::shared_ptr<void> fetcher_;  ///< a thread that ends before the mapping does
};

/// Bytes of a file that will appear under `path` whole or not at all: written aside in the same
/// directory, synced, then renamed by commit(). The destructor forgets what was not committed.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const fs::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<> append(ByteView bytes);
  /// Writes over what stands at `offset`; the end stays where it is.
  Result<> write_at(std::uint64_t offset, ByteView bytes);
  Result<> commit();

 private:
  AtomicFile(fs::path path, fs::path aside, int fd);
  fs::path path_, aside_;
  int fd_ = -1;
};

/// AtomicFile for bytes that are all there.
Result<> write_file(const fs::path& path, ByteView bytes);

/// A file without a name, gone when it is closed: for what does not fit into memory. It lies in the
/// directory for temporary files (TMPDIR, else /tmp).
class SpoolFile {
 public:
  static Result<SpoolFile> create();
  SpoolFile(SpoolFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  SpoolFile& operator=(SpoolFile&&) = delete;
  ~SpoolFile();

  Result<> append(ByteView bytes);
  Result<std::shared_ptr<const MappedFile>> map() const;

 private:
  explicit SpoolFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace neuron
