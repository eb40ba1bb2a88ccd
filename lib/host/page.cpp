// SPDX-License-Identifier: Apache-2.0
#include "host/page.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>

namespace neuron::host {
namespace {

// Pages of this process, so that it never opens one again (see own_page).
struct OwnPages {
  std::mutex guard;
  std::map<fs::path, std::weak_ptr<Page>> pages;
};
OwnPages& own_pages() {
  static OwnPages* const one = new OwnPages;  // processes end while pages are held
  return *one;
}

Error io_error(const fs::path& path, const char* what) {
  return fail(Code::Io, "{}: {}: {}; NEURON_SIM_ROOT can name another directory", path.string(),
              what, std::strerror(errno));
}

struct flock whole_file(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

Result<> map(Page& page, int protection) {
  void* at = ::mmap(nullptr, page.bytes, protection, MAP_SHARED, page.fd, 0);
  if (at == MAP_FAILED) return io_error(page.path, "cannot be mapped");
  page.layout = static_cast<PageLayout*>(at);
  return {};
}

std::string random_name() {
  std::uint64_t salt = 0;
  if (::getrandom(&salt, sizeof salt, 0) != sizeof salt) salt = now_ns();
  return fmt::format("{}-{:016x}", ::getpid(), salt);
}

}  // namespace

std::uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

// Each cell is released after the taking of the slot and acquired before the second look at
// `model`: who reads a byte of another model sees that the number is another one, too.
void write_slot(ModelSlot& to, const ModelSlot& from) {
  const auto source = cells_of(const_cast<ModelSlot&>(from)), target = cells_of(to);
  for (std::size_t i = 1; i < target.size(); ++i)
    Cell(target[i]).store(source[i], std::memory_order_release);
  Cell(to.model).store(from.model, std::memory_order_release);
}

bool read_slot(ModelSlot& to, const ModelSlot& from) {
  static_assert(offsetof(ModelSlot, model) == 0);
  const auto source = cells_of(const_cast<ModelSlot&>(from)), target = cells_of(to);
  target[0] = Cell(source[0]).load(std::memory_order_acquire);
  if (to.model == 0 || to.model == kSlotTaken) return false;
  for (std::size_t i = 1; i < target.size(); ++i)
    target[i] = Cell(source[i]).load(std::memory_order_acquire);
  return load(from.model) == to.model;
}

void use(MemoryCells& cells, std::int64_t bytes) {
  const std::uint64_t total = add(cells.total, static_cast<std::uint64_t>(bytes));
  store(cells.present, static_cast<std::uint64_t>(bytes < 0 ? -bytes : bytes));
  if (bytes <= 0) return;
  std::uint64_t peak = load(cells.peak);
  while (total > peak && !Cell(cells.peak).compare_exchange_weak(peak, total)) {
  }
}

Page::~Page() {
  if (layout) ::munmap(layout, bytes);
  if (fd >= 0) ::close(fd);
}

Result<std::shared_ptr<Page>> create_page(const fs::path& directory, const PageHeader& header) {
  auto page = std::make_shared<Page>();
  page->path = directory / "processes" / (random_name() + kUnpublished);
  page->bytes = page_bytes(header.count);
  page->fd = ::open(page->path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (page->fd < 0) return io_error(page->path, "cannot be made");
  // All of it now: a full file system must fail here, not at a write through the mapping.
  if (const int wrong = ::posix_fallocate(page->fd, 0, static_cast<off_t>(page->bytes))) {
    errno = wrong;
    return io_error(page->path, "cannot be allocated");
  }
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(page->fd, F_SETLK, &lock) != 0) return io_error(page->path, "cannot be locked");
  TRY(map(*page, PROT_READ | PROT_WRITE));
  page->layout->header = header;
  page->layout->header.bytes = page->bytes;
  return page;
}

Result<> publish(const std::shared_ptr<Page>& page) {
  fs::path seen = page->path;
  seen.replace_extension();
  if (::rename(page->path.c_str(), seen.c_str()) != 0) return io_error(seen, "cannot be named");
  page->path = seen;
  auto& own = own_pages();
  std::lock_guard lock(own.guard);
  own.pages[seen] = page;
  return {};
}

void disown(const Page& page) {
  auto& own = own_pages();
  std::lock_guard lock(own.guard);
  own.pages.erase(page.path);
}

std::shared_ptr<Page> own_page(const fs::path& path) {
  auto& own = own_pages();
  std::lock_guard lock(own.guard);
  const auto at = own.pages.find(path);
  auto page = at == own.pages.end() ? nullptr : at->second.lock();
  // After a fork the parent's pages are here too, and they are not ours.
  if (page && page->layout->header.pid != static_cast<std::uint64_t>(::getpid())) return nullptr;
  return page;
}

Result<std::shared_ptr<Page>> open_page(const fs::path& path) {
  auto page = std::make_shared<Page>();
  page->path = path;
  page->fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (page->fd < 0) return io_error(path, "cannot be opened");
  struct stat about {};
  if (::fstat(page->fd, &about) != 0) return io_error(path, "cannot be read");
  page->bytes = static_cast<std::size_t>(about.st_size);
  if (page->bytes < page_bytes(1))
    return fail(Code::Malformed, "{}: {} bytes, a page has {} at least", path.string(), page->bytes,
                page_bytes(1));
  TRY(map(*page, PROT_READ));
  const PageHeader& header = page->layout->header;
  if (header.magic != kPageMagic || header.version != kPageVersion)
    return fail(Code::Malformed, "{}: no page of version {}", path.string(), kPageVersion);
  if (header.count == 0 || header.count > 4096 || page->bytes != page_bytes(header.count))
    return fail(Code::Malformed, "{}: {} bytes do not hold {} cores", path.string(), page->bytes,
                header.count);
  return page;
}

bool is_held(const fs::path& path) {
  if (own_page(path)) return true;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  struct flock lock = whole_file(F_WRLCK);
  const bool known = ::fcntl(fd, F_GETLK, &lock) == 0;
  ::close(fd);
  return known && lock.l_type != F_UNLCK;
}

std::vector<fs::path> pages_of(const fs::path& directory) {
  std::vector<fs::path> pages;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(directory / "processes", ignored))
    pages.push_back(entry.path());
  std::sort(pages.begin(), pages.end());
  return pages;
}

}  // namespace neuron::host
