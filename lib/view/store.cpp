// SPDX-License-Identifier: Apache-2.0
#include "view/store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <list>
#include <thread>

#include "view/sessions.h"
#include "view/store/catalogue.h"
#include "view/store/segment.h"
#include "view/store/write.h"

namespace neuron::view {
namespace {

constexpr std::chrono::seconds kLockPatience{30};
constexpr std::size_t kMostOpened = 4;

/// The right to write to a store, held by one process at a time and freed with it.
class WriterLock {
 public:
  static Result<WriterLock> take(const fs::path& directory) {
    const std::string path = (directory / "writer.lock").string();
    WriterLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666));
    if (lock.fd_ < 0) return fail(Code::Io, "{}: cannot open: {}", path, std::strerror(errno));
    const auto deadline = std::chrono::steady_clock::now() + kLockPatience;
    while (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR)
        return fail(Code::Io, "{}: cannot lock: {}", path, std::strerror(errno));
      if (std::chrono::steady_clock::now() > deadline)
        return fail(Code::NoResource,
                    "{}: another process has been writing for {} s; try again when it ends", path,
                    kLockPatience.count());
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return lock;
  }
  WriterLock(WriterLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit WriterLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

/// A name that no segment of `id` has yet: a reader may still be in the old one.
std::string free_segment_name(const fs::path& directory, const std::string& id) {
  for (int i = 0;; ++i)
    if (std::string name = fmt::format("{}-{}.segment", id, i); !fs::exists(directory / name))
      return name;
}

/// Forgets what an earlier put, or one that was killed, left of `id`. Whoever reads it goes on.
void remove_other_segments(const fs::path& directory, const std::string& id,
                           const std::string& kept) {
  std::error_code ignored;  // a segment that nobody names is only wasted room
  std::vector<fs::path> others;
  for (const auto& entry : fs::directory_iterator(directory, ignored))
    if (const std::string name = entry.path().filename();
        name.rfind(id + "-", 0) == 0 && name != kept)
      others.push_back(entry.path());
  for (const fs::path& other : others) fs::remove(other, ignored);
}

}  // namespace

Result<fs::path> store_directory() {
  const auto variable = [](const char* name) -> std::string {
    const char* value = std::getenv(name);
    return value ? value : "";
  };
  if (auto given = variable("NEURON_PROFILE_DIR"); !given.empty()) return fs::path(given);
  // A relative XDG path is invalid and to be ignored (XDG Base Directory Specification).
  if (auto data = variable("XDG_DATA_HOME"); !data.empty() && data[0] == '/')
    return fs::path(data) / "neuron/profiles";
  if (auto home = variable("HOME"); !home.empty())
    return fs::path(home) / ".local/share/neuron/profiles";
  return fail(Code::BadUsage, "no place for profiles: set HOME or NEURON_PROFILE_DIR");
}

bool is_profile_id(std::string_view id) {
  return id.size() == 42 && id.substr(0, 2) == "n_" &&
         id.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

namespace {

std::int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

struct Store::Opened {
  std::mutex mutex;
  std::list<std::pair<std::string, std::shared_ptr<const Profile>>> newest_first;  // by segment

  std::shared_ptr<const Profile> find(const std::string& name) {
    const std::lock_guard lock(mutex);
    const auto known = std::find_if(newest_first.begin(), newest_first.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (known == newest_first.end()) return nullptr;
    newest_first.splice(newest_first.begin(), newest_first, known);
    return known->second;
  }
  /// Returns the one that another thread kept meanwhile, where one did.
  std::shared_ptr<const Profile> keep(const std::string& name,
                                      std::shared_ptr<const Profile> profile) {
    if (auto known = find(name)) return known;
    const std::lock_guard lock(mutex);
    newest_first.emplace_front(name, profile);
    if (newest_first.size() > kMostOpened) newest_first.pop_back();
    return profile;
  }
};

Store::Store(std::shared_ptr<Catalogue> catalogue)
    : catalogue_(std::move(catalogue)), opened_(std::make_shared<Opened>()) {}

Result<Store> Store::open(const fs::path& directory) {
  auto catalogue = TRY(Catalogue::open(directory));
  return Store(std::move(catalogue));
}

const fs::path& Store::directory() const { return catalogue_->directory(); }

Result<bool> Store::put(const std::string& id, const std::string& display_name,
                        const Timeline& timeline, const std::vector<Metric>& summary, bool force) {
  if (!is_profile_id(id))
    return fail(Code::BadUsage, "profile id {} is not n_ and 40 hexadecimal digits", id);
  const fs::path& directory = catalogue_->directory();
  const auto lock = TRY(WriterLock::take(directory));
  const auto old = TRY(catalogue_->segment_of(id));
  // What cannot be opened, as one that an older version stored, is not there.
  if (old && !old->empty() && !force && Segment::open(directory / *old)) return false;
  const std::string name = free_segment_name(directory, id);
  ProfileEntry entry;
  entry.id = id;
  entry.display_name = display_name;
  entry.neff_name = timeline.neff_name;
  entry.created_s = now_s();
  entry.total_ps = timeline.total_ps;
  // Seen in the list from now on; an earlier profile of that id stays until this one is whole.
  if (!old) TRY(catalogue_->enter(entry, ""));
  entry.bytes = TRY(write_segment(directory / name, timeline, summary));
  entry.instructions = timeline.instructions.size();
  entry.packets = timeline.packets.size();
  entry.is_simulated = timeline.is_simulated;
  TRY(catalogue_->enter(entry, name));
  remove_other_segments(directory, id, name);
  return true;
}

Result<std::vector<ProfileEntry>> Store::list() const { return catalogue_->list(); }

Result<std::shared_ptr<const Profile>> Store::find(const std::string& id) const {
  const auto name = TRY(catalogue_->segment_of(id));
  if (!name)
    return fail(Code::NotFound, "no profile {} in {}", id, catalogue_->directory().string());
  if (name->empty())
    return fail(Code::NotFound, "profile {} is not finished; {}", id,
                is_being_written() ? "it is being written, try again in a moment"
                                   : "its writer died, view its trace again");
  // The catalogue is a file too: what it names must not lead out of the store.
  if (name->find('/') != std::string::npos)
    return fail(Code::Malformed, "profile {} names segment {}", id, *name);
  if (auto known = opened_->find(*name)) return known;
  // Not under the lock: others go on with what is open.
  auto segment = TRY(Segment::open(catalogue_->directory() / *name));
  return opened_->keep(*name, std::make_shared<const Profile>(std::move(segment)));
}

Result<Bytes> Store::segment_bytes(const std::string& id) const {
  TRY(find(id));  // whole, and its name leads nowhere else
  const auto name = TRY(catalogue_->segment_of(id));
  return read_file(catalogue_->directory() / name.value_or(""));
}

Result<> Store::adopt(const std::string& id, const std::string& display_name, ByteView segment) {
  if (!is_profile_id(id))
    return fail(Code::BadUsage, "profile id {} is not n_ and 40 hexadecimal digits", id);
  const fs::path& directory = catalogue_->directory();
  const auto lock = TRY(WriterLock::take(directory));
  const std::string name = free_segment_name(directory, id);
  TRY(write_file(directory / name, segment));
  auto opened = Segment::open(directory / name);
  if (!opened) {
    std::error_code ignored;
    fs::remove(directory / name, ignored);
    return std::move(opened).error();
  }
  const Json& description = (*opened)->description();
  ProfileEntry entry;
  entry.id = id;
  entry.display_name = display_name;
  entry.neff_name = TRY(json::get_or<std::string>(description, "neff_name", ""));
  entry.created_s = now_s();
  entry.total_ps = TRY(json::get_or<std::int64_t>(description, "total_ps", 0));
  entry.instructions = TRY(json::get_or<std::uint64_t>(description, "instructions", 0));
  entry.packets = TRY(json::get_or<std::uint64_t>(description, "packets", 0));
  entry.is_simulated = TRY(json::get_or<bool>(description, "is_simulated", false));
  entry.bytes = segment.size();
  TRY(catalogue_->enter(entry, name));
  remove_other_segments(directory, id, name);
  return {};
}

bool Store::is_being_written() const {
  const std::string path = (catalogue_->directory() / "writer.lock").string();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool is_free = ::flock(fd, LOCK_SH | LOCK_NB) == 0;
  ::close(fd);
  return !is_free;
}

Result<> Store::set_tags(const std::string& id, const std::vector<std::string>& tags) {
  return catalogue_->set_tags(id, tags);
}

Result<> Store::remove(const std::string& id) {
  const auto lock = TRY(WriterLock::take(catalogue_->directory()));
  const auto name = TRY(catalogue_->segment_of(id));
  if (!name)
    return fail(Code::NotFound, "no profile {} in {}", id, catalogue_->directory().string());
  TRY(catalogue_->remove(id));
  remove_other_segments(catalogue_->directory(), id, "");
  return {};
}

Result<std::string> Store::put_group(
    const std::string& display_name,
    const std::vector<std::pair<std::string, std::string>>& members) {
  std::vector<std::string> ids;
  for (const auto& [profile, name] : members) ids.push_back(profile);
  ProfileGroup group{group_id(ids), display_name, now_s(), members};
  TRY(catalogue_->enter_group(group));
  return group.id;
}

Result<std::vector<ProfileGroup>> Store::groups() const { return catalogue_->groups(); }

Result<ProfileGroup> Store::group(const std::string& id) const {
  auto groups = TRY(catalogue_->groups());
  for (ProfileGroup& group : groups)
    if (group.id == id) return std::move(group);
  return fail(Code::NotFound, "no group {} in {}", id, catalogue_->directory().string());
}

Result<> Store::save_markers(const std::string& id, const std::string& set,
                             const std::vector<Marker>& markers) {
  return catalogue_->save_markers(id, set, markers);
}

Result<std::vector<Marker>> Store::markers(const std::string& id, const std::string& set) const {
  return catalogue_->markers(id, set);
}

Result<std::vector<std::string>> Store::marker_sets(const std::string& id) const {
  return catalogue_->marker_sets(id);
}

}  // namespace neuron::view
