// SPDX-License-Identifier: Apache-2.0
#include "base/spool.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>

namespace neuron {
namespace {

// In front of a block: whether its pages can be had again from a file.
struct Header {
  bool is_file = false;
};
constexpr std::size_t kHeaderBytes = 4096;

/// A file of that size with its room on the disk taken, so that writing cannot fail later.
int make_file(std::size_t bytes, const fs::path& directory) {
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {  // not every file system knows O_TMPFILE
    std::string name = (directory / "rows.XXXXXX").string();
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd >= 0 && ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) != 0)
    ::close(std::exchange(fd, -1));
  return fd;
}

}  // namespace

void* spool_map(std::size_t bytes, const fs::path& directory) {
  const std::size_t size = bytes + kHeaderBytes;
  const int fd = make_file(size, directory);
  void* at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                    fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd, 0);
  if (fd >= 0) ::close(fd);
  if (at == MAP_FAILED) return nullptr;
  static_cast<Header*>(at)->is_file = fd >= 0;
  return static_cast<std::byte*>(at) + kHeaderBytes;
}

void spool_unmap(void* at, std::size_t bytes) {
  ::munmap(static_cast<std::byte*>(at) - kHeaderBytes, bytes + kHeaderBytes);
}

void spool_release(const void* block, const void* begin, const void* end) {
  const auto* header = static_cast<const std::byte*>(block) - kHeaderBytes;
  if (!reinterpret_cast<const Header*>(header)->is_file) return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto from = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
  const auto to = reinterpret_cast<std::uintptr_t>(end) / page * page;
  if (from < to) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

}  // namespace neuron
