// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace neuron {
namespace {

Error io_error(const fs::path& path, const char* act) {
  return fail(Code::Io, "{}: cannot {}: {}", path.string(), act, std::strerror(errno));
}

// Names of unfinished files in fixed storage, because a signal handler may not allocate.
struct Slot {
  std::atomic<bool> taken{false};
  std::atomic<bool> live{false};
  char name[1024];
};
std::array<Slot, 64> unfinished;

void remember(const fs::path& aside) {
  for (Slot& slot : unfinished) {
    if (slot.taken.exchange(true)) continue;
    std::strncpy(slot.name, aside.c_str(), sizeof slot.name - 1);
    slot.name[sizeof slot.name - 1] = 0;
    slot.live = aside.native().size() < sizeof slot.name;
    return;
  }
}

void forget(const fs::path& aside) {
  for (Slot& slot : unfinished) {
    if (!slot.live || aside.native() != slot.name) continue;
    slot.live = false;
    slot.taken = false;
  }
}

}  // namespace

void forget_unfinished_files() {
  for (Slot& slot : unfinished)
    if (slot.live) ::unlink(slot.name);
}

Result<Bytes> read_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_error(path, "open");
  struct Close {
    int fd;
    ~Close() { ::close(fd); }
  } close{fd};
  struct stat status {};
  if (::fstat(fd, &status) != 0) return io_error(path, "stat");
  if (!S_ISREG(status.st_mode)) return fail(Code::Io, "{}: not a regular file", path.string());
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto got = ::read(fd, bytes.data() + done, bytes.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error(path, "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

AtomicFile::AtomicFile(fs::path path, fs::path aside, int fd)
    : path_(std::move(path)), aside_(std::move(aside)), fd_(fd) {}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      aside_(std::move(other.aside_)),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(aside_.c_str());
  forget(aside_);
}

Result<AtomicFile> AtomicFile::create(const fs::path& path) {
  std::string aside = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(aside.data(), O_CLOEXEC);
  if (fd < 0) return io_error(path, "create");
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
  remember(aside);
  return AtomicFile(path, aside, fd);
}

Result<> AtomicFile::append(ByteView bytes) {
  while (!bytes.empty()) {
    const auto put = ::write(fd_, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error(path_, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

Result<> AtomicFile::commit() {
  if (::fsync(fd_) != 0) return io_error(path_, "sync");
  if (::rename(aside_.c_str(), path_.c_str()) != 0) return io_error(path_, "rename into place");
  ::close(std::exchange(fd_, -1));
  forget(aside_);
  return {};
}

Result<> write_file(const fs::path& path, ByteView bytes) {
  auto file = TRY(AtomicFile::create(path));
  TRY(file.append(bytes));
  return file.commit();
}

}  // namespace neuron
