// SPDX-License-Identifier: Apache-2.0
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

#include "neff/archive.h"

// Members are written into a directory of our own beside the goal and move there when all are
// whole: into place at once where nothing was, file by file where a directory stood.
namespace neuron::neff {
namespace {

constexpr const char* kArchiveName = "neff.tgz";

Error io_error(const fs::path& path, const char* act, const std::error_code& why) {
  return fail(Code::Io, "{}: cannot {}: {}", path.string(), act, why.message());
}

/// A directory that goes away with everything in it, unless keep() was called.
class Scratch {
 public:
  static Result<Scratch> beside(const fs::path& goal) {
    std::string name = (goal.parent_path() / ("." + goal.filename().string() + ".XXXXXX")).string();
    if (!::mkdtemp(name.data()))
      return io_error(goal, "create", std::error_code(errno, std::generic_category()));
    const mode_t mask = ::umask(0);
    ::umask(mask);
    ::chmod(name.c_str(), 0777 & ~mask);  // mkdtemp gives 0700
    return Scratch(name);
  }
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  Scratch(Scratch&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Scratch& operator=(Scratch&&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

Result<> write_members(const std::vector<Member>& members, ByteView archive, const fs::path& root) {
  std::error_code why;
  for (const Member& m : members) {
    const fs::path path = root / m.path;
    fs::create_directories(path.parent_path(), why);
    if (why) return io_error(path.parent_path(), "create", why);
    TRY(write_file(path, m.bytes));
  }
  return write_file(root / kArchiveName, archive);
}

/// Moves a file to its place below `root`; nothing on the way may be a link that leads elsewhere.
Result<> move_into(const fs::path& from, const fs::path& root, const fs::path& relative) {
  std::error_code why;
  fs::path directory = root;
  for (const fs::path& part : relative.parent_path()) {
    directory /= part;
    if (fs::is_symlink(directory, why))
      return fail(Code::Io, "{}: is a symbolic link; unpack into another directory",
                  directory.string());
    fs::create_directory(directory, why);
    if (why) return io_error(directory, "create", why);
  }
  fs::rename(from / relative, root / relative, why);
  if (why) return io_error(root / relative, "replace", why);
  return {};
}

}  // namespace

Result<std::size_t> unpack(const Package& package, const fs::path& directory) {
  Bytes made;
  if (package.archive.empty())
    made = TRY(write_archive(package.members, Compression::Gzip).within("archive"));
  const ByteView archive = package.archive.empty() ? made : package.archive;
  if (package.find(kArchiveName))
    return fail(Code::Malformed, "member {} has the name that the archive itself gets",
                kArchiveName);
  std::error_code why;
  fs::path goal = fs::absolute(directory, why).lexically_normal();
  if (goal.filename().empty()) goal = goal.parent_path();
  const bool into = fs::is_directory(goal, why);
  if (!into && fs::exists(fs::symlink_status(goal, why)))
    return fail(Code::Io, "{}: exists and is no directory", directory.string());
  auto scratch = TRY(Scratch::beside(into ? goal / "unpack" : goal));
  TRY(write_members(package.members, archive, scratch.path()));
  if (!into) {
    fs::rename(scratch.path(), goal, why);
    if (why) return io_error(directory, "create", why);
    scratch.keep();
  } else {
    for (const Member& m : package.members) TRY(move_into(scratch.path(), goal, m.path));
    TRY(move_into(scratch.path(), goal, kArchiveName));
  }
  return package.members.size() + 1;
}

}  // namespace neuron::neff
