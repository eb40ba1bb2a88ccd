// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "neff/neff.h"
#include "neff/paths.h"

/// The payload of a package: a tar archive, gzipped or plain. Only archive.cpp and
/// package_writer.cpp know libarchive.
namespace neuron::neff {

/// What an archive may grow to: kFree bytes, or limits.ratio times its packed size up to kMost.
inline constexpr std::uint64_t kFree = std::uint64_t{1} << 30, kMost = std::uint64_t{1} << 36;
std::uint64_t expansion_limit(std::uint64_t packed_bytes, const Limits& limits = {});

/// What one entry of the archive says of itself.
struct Entry {
  std::string path;
  std::uint64_t size = 0;
};

/// The members of a payload one after another, in pieces, in memory that does not depend on their
/// size. The promise: paths are clean, stand once, and none is both a file and a directory;
/// everything is a regular file of the size that its header says; limits hold.
class ArchiveWalk {
 public:
  /// `file`, when given, is where the payload lies; its pages are let go behind the walk.
  ArchiveWalk(ByteView payload, const Limits& limits, const MappedFile* file = nullptr);
  ArchiveWalk(ArchiveWalk&&) noexcept;
  ~ArchiveWalk();

  /// The next file; nothing at the end, when the rest of the stream has been checked as well.
  Result<std::optional<Entry>> next();
  /// The next piece of the file at hand; empty at its end. Valid until the next call.
  Result<ByteView> piece();

 private:
  Result<> open();

  struct State;
  std::unique_ptr<State> state_;
};

/// The header at the front of a package's file, checked against the file's size.
Result<Header> header_of(ByteView file);

/// All members, as views into the payload or into what it inflates to.
Result<std::vector<Member>> read_archive(const SharedBytes& payload, const Limits& limits,
                                         Inflate inflate = Inflate::ToFile);

}  // namespace neuron::neff
