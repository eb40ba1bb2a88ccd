// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>

#include "base/digest.h"
#include "neff/neff.h"
#include "neff/paths.h"

/// Private to the library: a package written member by member, in memory that does not depend on
/// its size. Tar, then gzip on every core, then digest and file, all at the same time.
namespace neuron::neff {

/// Where the bytes of a payload go.
using Sink = std::function<Result<>(ByteView)>;

/// Makes an archive. The promise: paths are clean and stand once; same members, same bytes.
class ArchiveWriter {
 public:
  ArchiveWriter(Sink sink, const WriteOptions& options);
  ArchiveWriter(ArchiveWriter&&) noexcept;
  ~ArchiveWriter();

  /// Begins a member of `size` bytes, which append() then brings. `aligned`: its bytes begin in the
  /// file of a plain package at a multiple of kPage.
  Result<> begin(const std::string& path, std::uint64_t size, bool aligned = false);
  Result<> append(ByteView bytes);
  Result<> finish();

  static constexpr std::uint64_t kPage = 4096;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The file of a package: whatever is appended is its payload. The header is written last, with
/// sizes, hash and, when it is zero, uuid filled in.
class PackageFile {
 public:
  static Result<PackageFile> create(const fs::path& path, std::uint64_t pkg_version);
  Result<> append(ByteView payload);
  Result<Header> commit(Header header);

 private:
  PackageFile(AtomicFile file, Digest digest)
      : file_(std::move(file)), digest_(std::move(digest)) {}

  AtomicFile file_;
  Digest digest_;
  std::uint64_t size_ = 0;
};

/// The header with what belongs to a payload of that size and hash.
Result<Header> completed(Header header, std::uint64_t data_size,
                         const std::array<std::byte, 32>& hash);
/// The digest that hashes payloads in that package version; an error for an unknown one.
Result<Digest> digest_for(std::uint64_t pkg_version);

}  // namespace neuron::neff
