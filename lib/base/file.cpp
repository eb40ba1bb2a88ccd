// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <thread>

#include "base/cleanup.h"

namespace neuron {
namespace {

Error io_error(const fs::path& path, const char* act) {
  return fail(Code::Io, "{}: cannot {}: {}", path.string(), act, std::strerror(errno));
}

struct Close {
  int fd;
  ~Close() { ::close(fd); }
};

/// Opened for reading; a device or pipe is refused, and not waited for.
Result<int> open_regular(const fs::path& path, struct stat& status) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return io_error(path, "open");
  if (::fstat(fd, &status) != 0) {
    const Error error = io_error(path, "stat");
    ::close(fd);
    return error;
  }
  if (S_ISREG(status.st_mode)) return fd;
  ::close(fd);
  return fail(Code::Io, "{}: not a regular file", path.string());
}

Result<> write_all(int fd, ByteView bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const auto put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error(path, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

Result<Bytes> read_file(const fs::path& path) {
  struct stat status {};
  const int fd = TRY(open_regular(path, status));
  const Close close{fd};
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

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const fs::path& path) {
  struct stat status {};
  const int fd = TRY(open_regular(path, status));
  const Close close{fd};
  return of(fd, path);
}

Result<std::shared_ptr<const MappedFile>> MappedFile::of(int fd, const fs::path& path) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return io_error(path, "stat");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return std::make_shared<const MappedFile>(ByteView{});
  void* at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return io_error(path, "map");
  return std::make_shared<const MappedFile>(ByteView(static_cast<const std::byte*>(at), size));
}

MappedFile::~MappedFile() {
  fetcher_.reset();
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void MappedFile::fetch() const try {
  constexpr std::size_t kMost = std::size_t{1} << 30;  // of a larger file much would leave again
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto part = bytes_.first(std::min(bytes_.size(), kMost));
  fetcher_ = std::make_shared<std::jthread>([part, page](const std::stop_token& stop) {
    for (std::size_t at = 0; at < part.size() && !stop.stop_requested(); at += page)
      static_cast<void>(*static_cast<const volatile std::byte*>(part.data() + at));
  });
} catch (const std::system_error&) {  // no more threads: it was a hint
}

void MappedFile::release(ByteView part) const {
  if (part.data() < bytes_.data() || part.data() + part.size() > bytes_.data() + bytes_.size())
    return;
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(part.data()) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(part.data()) + part.size();
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

namespace {

/// A pipe or a device, such as /dev/null, stays what it is: it is written to, not replaced.
bool is_written_to(const fs::path& path) {
  std::error_code none;
  return fs::is_other(path, none);
}

fs::path temporary_directory() {
  std::error_code none;
  const fs::path directory = fs::temp_directory_path(none);
  return none ? "/tmp" : directory;
}

Result<> pour(int from, const fs::path& path) {
  const int to = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (to < 0) return io_error(path, "open");
  const Close close{to};
  Bytes part(1 << 16);
  for (off_t at = 0;;) {
    const auto got = ::pread(from, part.data(), part.size(), at);
    if (got < 0) return io_error(path, "read what is for");
    if (got == 0) return {};
    TRY(write_all(to, ByteView(part).first(static_cast<std::size_t>(got)), path));
    at += got;
  }
}

}  // namespace

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
  forget_unfinished(aside_);
}

Result<AtomicFile> AtomicFile::create(const fs::path& path) {
  std::string aside =
      (is_written_to(path) ? temporary_directory() / "neuron" : path).string() + ".XXXXXX";
  const int fd = ::mkostemp(aside.data(), O_CLOEXEC);
  if (fd < 0) return io_error(path, "create");
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(fd, 0666 & ~mask);
  remember_unfinished(aside);
  return AtomicFile(path, aside, fd);
}

Result<> AtomicFile::append(ByteView bytes) {
  TRY(write_all(fd_, bytes, path_));
  // What goes to the disk on the way need not be waited for in commit().
  constexpr off_t kStep = 8 << 20;
  const off_t end = ::lseek(fd_, 0, SEEK_CUR), begin = end - static_cast<off_t>(bytes.size());
  if (begin / kStep != end / kStep)
    ::sync_file_range(fd_, begin / kStep * kStep, end - begin / kStep * kStep,
                      SYNC_FILE_RANGE_WRITE);
  return {};
}

Result<> AtomicFile::write_at(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const auto put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return io_error(path_, "write");
    bytes = bytes.subspan(static_cast<std::size_t>(put));
    offset += static_cast<std::uint64_t>(put);
  }
  return {};
}

Result<> AtomicFile::commit() {
  if (is_written_to(path_)) return pour(fd_, path_);
  if (::fsync(fd_) != 0) return io_error(path_, "sync");
  if (::rename(aside_.c_str(), path_.c_str()) != 0) return io_error(path_, "rename into place");
  ::close(std::exchange(fd_, -1));
  forget_unfinished(aside_);
  return {};
}

Result<SpoolFile> SpoolFile::create() {
  const fs::path directory = temporary_directory();
  int fd = ::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {  // not every file system knows O_TMPFILE
    std::string name = (directory / "neuron.XXXXXX").string();
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0) return io_error(directory, "create a temporary file");
  return SpoolFile(fd);
}

SpoolFile::~SpoolFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<> SpoolFile::append(ByteView bytes) {
  return write_all(fd_, bytes, "temporary file (see TMPDIR)");
}

Result<std::shared_ptr<const MappedFile>> SpoolFile::map() const {
  return MappedFile::of(fd_, "temporary file (see TMPDIR)");
}

Result<> write_file(const fs::path& path, ByteView bytes) {
  auto file = TRY(AtomicFile::create(path));
  TRY(file.append(bytes));
  return file.commit();
}

}  // namespace neuron
