// SPDX-License-Identifier: Apache-2.0
#include "base/cleanup.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

// A signal handler may neither allocate nor lock: names stand in fixed storage, and directories
// are listed by the system call itself (opendir allocates).
namespace neuron {
namespace {

struct Slot {
  std::atomic<bool> taken{false};
  std::atomic<bool> live{false};
  char name[4096] = {};
};
constinit std::array<Slot, 64> unfinished;

/// What getdents64 writes, from its manual page.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};
constexpr std::size_t kNameAt = 19;

void remove_tree(int parent, const char* name, int depth) {
  if (::unlinkat(parent, name, 0) == 0 || depth == 0) return;
  const int directory = ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (directory < 0) return;
  alignas(8) char buffer[2048];
  for (int round = 0; round < 8192; ++round) {
    // From the start each time: removal moves what is left.
    ::lseek(directory, 0, SEEK_SET);
    const long got = ::syscall(SYS_getdents64, directory, buffer, sizeof buffer);
    if (got <= 0) break;
    bool any = false;
    for (long at = 0; at < got;) {
      std::uint16_t length = 0;
      std::memcpy(&length, buffer + at + offsetof(Entry, length), sizeof length);
      const char* entry = buffer + at + kNameAt;
      at += length;
      if (std::strcmp(entry, ".") == 0 || std::strcmp(entry, "..") == 0) continue;
      remove_tree(directory, entry, depth - 1);
      any = true;
    }
    if (!any) break;
  }
  ::close(directory);
  ::unlinkat(parent, name, AT_REMOVEDIR);
}

}  // namespace

void remember_unfinished(const std::filesystem::path& path) {
  for (Slot& slot : unfinished) {
    if (slot.taken.exchange(true)) continue;
    std::strncpy(slot.name, path.c_str(), sizeof slot.name - 1);
    slot.name[sizeof slot.name - 1] = 0;
    slot.live = path.native().size() < sizeof slot.name;
    return;
  }
}

void forget_unfinished(const std::filesystem::path& path) {
  for (Slot& slot : unfinished) {
    if (!slot.live || path.native() != slot.name) continue;
    slot.live = false;
    slot.taken = false;
    return;
  }
}

void remove_unfinished() {
  constexpr int kDeepest = 80;  // members lie at most 64 directories deep
  for (Slot& slot : unfinished)
    if (slot.live) remove_tree(AT_FDCWD, slot.name, kDeepest);
}

}  // namespace neuron
