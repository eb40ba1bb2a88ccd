// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace neuron {
namespace fs = std::filesystem;

/// All bytes of a regular file. Errors name the path.
Result<Bytes> read_file(const fs::path& path);

/// Bytes of a file that will appear under `path` whole or not at all: written aside in the same
/// directory, synced, then renamed by commit(). The destructor forgets what was not committed.
class AtomicFile {
 public:
  static Result<AtomicFile> create(const fs::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  Result<> append(ByteView bytes);
  Result<> commit();

 private:
  AtomicFile(fs::path path, fs::path aside, int fd);
  fs::path path_, aside_;
  int fd_ = -1;
};

/// AtomicFile for bytes that are all there.
Result<> write_file(const fs::path& path, ByteView bytes);

/// Removes the half-written files of every AtomicFile of this process; called by the handler of
/// SIGINT and SIGTERM before the process ends. Async-signal-safe.
void forget_unfinished_files();

}  // namespace neuron
