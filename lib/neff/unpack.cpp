// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <future>
#include <system_error>

#include "base/cleanup.h"
#include "base/workers.h"
#include "neff/archive.h"
#include "neff/spool.h"

// Members are written into a directory of our own beside the goal, which takes the goal's place
// when all are whole. Nobody else writes there, so no name in it can be a link to elsewhere.
namespace neuron::neff {
namespace {

constexpr const char* kArchiveName = "neff.tgz";

Error io_error(const fs::path& path, const char* act, const std::error_code& why) {
  return fail(Code::Io, "{}: cannot {}: {}", path.string(), act, why.message());
}
std::error_code last_error() { return {errno, std::generic_category()}; }

/// A directory that goes away with everything in it, unless keep() was called.
class Scratch {
 public:
  static Result<Scratch> beside(const fs::path& goal) {
    std::string name = (goal.parent_path() / ("." + goal.filename().string() + ".XXXXXX")).string();
    if (!::mkdtemp(name.data())) return io_error(goal, "create", last_error());
    remember_unfinished(name);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(name.c_str(), 0777 & ~mask);  // mkdtemp gives 0700
    return Scratch(name);
  }
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    if (path_.empty()) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
    forget_unfinished(path_);
  }
  const fs::path& path() const { return path_; }
  void keep() { forget_unfinished(std::exchange(path_, {})); }

 private:
  fs::path path_;
};

/// A new file in the scratch directory.
class NewFile {
 public:
  static Result<NewFile> create(const fs::path& path) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return io_error(path, "create", last_error());
    return NewFile(path, fd);
  }
  NewFile(NewFile&& other) noexcept
      : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  Result<> append(ByteView bytes) {
    while (!bytes.empty()) {
      const auto put = ::write(fd_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return io_error(path_, "write", last_error());
      bytes = bytes.subspan(static_cast<std::size_t>(put));
    }
    return {};
  }

 private:
  NewFile(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  fs::path path_;
  int fd_;
};

Result<> write_archive(const SharedBytes& payload, NewFile file) {
  TRY(in_steps(payload, [&](ByteView step) { return file.append(step); }));
  return {};
}

Result<std::vector<std::string>> write_members(ArchiveWalk& walk, const fs::path& root) {
  std::vector<std::string> paths;
  std::error_code why;
  while (true) {
    const auto entry = TRY(walk.next());
    if (!entry) break;
    if (entry->path == kArchiveName)
      return fail(Code::Malformed, "member {} has the name that the archive itself gets",
                  kArchiveName);
    const fs::path path = root / entry->path;
    fs::create_directories(path.parent_path(), why);
    if (why) return io_error(path.parent_path(), "create", why);
    auto file = TRY(NewFile::create(path));
    while (true) {
      const auto piece = TRY(walk.piece());
      if (piece.empty()) break;
      TRY(file.append(piece));
    }
    paths.push_back(entry->path);
  }
  if (paths.empty()) return fail(Code::Malformed, "it holds no files");
  TRY(check_case(paths));
  return paths;
}

/// Answers whether something that may be replaced stands at `goal`; an error when it may not.
Result<bool> is_replaced(const fs::path& goal, bool replace) {
  std::error_code why;
  const auto status = fs::symlink_status(goal, why);
  if (!fs::exists(status)) return false;
  if (!fs::is_directory(status))
    return fail(Code::Io, "{}: exists and is no directory", goal.string());
  if (fs::is_empty(goal, why) && !why) return false;
  if (!replace) return fail(Code::Io, "{}: exists and is not empty (see --force)", goal.string());
  if (!fs::is_regular_file(fs::symlink_status(goal / kArchiveName, why)))
    return fail(Code::Io, "{}: is no unpacked NEFF, for it holds no {}; remove it first",
                goal.string(), kArchiveName);
  return true;
}

/// Puts the scratch directory in the goal's place; what stood there goes away.
Result<> take_place(Scratch& scratch, const fs::path& goal, bool replaced) {
  // Everything is on disk before its name is: one call, for thousands of files wait long one by
  // one.
  const int directory = ::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::syncfs(directory) == 0;
  const auto sync_error = last_error();
  if (directory >= 0) ::close(directory);
  if (!synced) return io_error(goal, "sync", sync_error);
  std::error_code why;
  if (replaced) {
    // One step, so that there is always one whole directory of this name.
    if (::renameat2(AT_FDCWD, scratch.path().c_str(), AT_FDCWD, goal.c_str(), RENAME_EXCHANGE) != 0)
      return io_error(goal, "replace", last_error());
    return {};  // the scratch directory is the old one now, and goes
  }
  fs::rename(scratch.path(), goal, why);
  if (why) return io_error(goal, "create", why);
  scratch.keep();
  return {};
}

}  // namespace

Result<std::size_t> unpack(const fs::path& neff, const fs::path& directory,
                           const UnpackOptions& options) {
  const auto mapped = TRY(MappedFile::open(neff));
  TRY(header_of(mapped->bytes()).within("header").within(neff.string()));
  const SharedBytes file(mapped);
  const auto payload = file.part(sizeof(Header), file.size() - sizeof(Header));
  std::error_code why;
  fs::path goal = fs::absolute(directory, why).lexically_normal();
  if (goal.filename().empty()) goal = goal.parent_path();
  const bool replaced = TRY(is_replaced(goal, options.replace));
  auto scratch = TRY(Scratch::beside(goal));
  ArchiveWalk walk(payload, options.limits, mapped.get());
  // The copy of the archive is made at the same time; its thread ends before `scratch` does. It
  // makes no file itself: none must appear while a signal's handler removes what is unfinished.
  Workers copier(Workers::for_bytes(payload.size()) > 0 ? 1 : 0);
  auto copy_file = TRY(NewFile::create(scratch.path() / kArchiveName));
  auto copy = copier.run([&payload, file = std::move(copy_file)]() mutable {
    return write_archive(payload, std::move(file));
  });
  auto paths = write_members(walk, scratch.path()).within("archive").within(neff.string());
  const auto copied = copy.get();
  const auto written = TRY(std::move(paths));
  if (!copied) return copied.error();
  TRY(take_place(scratch, goal, replaced));
  return written.size() + 1;
}

}  // namespace neuron::neff
