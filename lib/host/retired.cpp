// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

#include "host/page.h"

namespace neuron::host {
namespace {

/// What the file `retired` holds: sums, and whose they are until those files are removed.
struct Retired {
  std::vector<CoreCells> cores;
  std::vector<std::string> names;
};

fs::path retired_path(const Box& box) { return box.directory / "retired"; }

Result<Retired> read_retired(const Box& box) {
  Retired retired;
  retired.cores.resize(box.instance->cores());
  std::error_code none;
  if (!fs::exists(retired_path(box), none)) return retired;
  const Bytes bytes = TRY(read_file(retired_path(box)));
  Reader in(bytes);
  const auto magic = in.take<std::uint64_t>(), version = in.take<std::uint64_t>();
  const auto cores = in.take<std::uint64_t>();
  if (magic != kPageMagic || version != kPageVersion || cores != retired.cores.size())
    return retired;  // of another version or box: those sums mean nothing here
  for (CoreCells& core : retired.cores) core = in.take<CoreCells>();
  while (in.ok() && in.left() > 0) {
    const auto size = in.take<std::uint64_t>();
    retired.names.emplace_back(text_of(in.take(size)));
  }
  if (!in.ok())
    return fail(Code::Malformed, "{}: ends at byte {}; remove it to count from zero",
                retired_path(box).string(), in.offset());
  return retired;
}

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto part = std::as_bytes(std::span(&value, 1));
  bytes.insert(bytes.end(), part.begin(), part.end());
}

Result<> write_retired(const Box& box, const Retired& retired) {
  Bytes bytes;
  append(bytes, kPageMagic);
  append(bytes, kPageVersion);
  append(bytes, static_cast<std::uint64_t>(retired.cores.size()));
  for (const CoreCells& core : retired.cores) append(bytes, core);
  for (const std::string& name : retired.names) {
    append(bytes, static_cast<std::uint64_t>(name.size()));
    const auto part = view_of(name);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return write_file(retired_path(box), bytes);
}

}  // namespace

void add_core(CoreCells& sum, const CoreCells& core) {
  CoreCells now;
  copy_cells(now, core);
  for (std::size_t s = 0; s < kStatuses; ++s) {
    sum.calls[s] += now.calls[s];
    sum.executed[s] += now.executed[s];
    sum.led[s] += now.led[s];
  }
  sum.model_load_count += now.model_load_count;
  sum.reset_fail_count += now.reset_fail_count;
  sum.reset_req_count += now.reset_req_count;
  sum.flop_count += now.flop_count;
  sum.busy_ns += now.busy_ns;
  if (now.last_ns) sum.last_ns = now.last_ns, sum.last_flops = now.last_flops;
  if (now.busy_since_ns) sum.busy_since_ns = now.busy_since_ns;
  if (now.running_model) sum.running_model = now.running_model;
  for (std::size_t k = 0; k < kDeviceMemories; ++k) {
    sum.device[k].total += now.device[k].total;
    if (now.device[k].present) sum.device[k].present = now.device[k].present;
    sum.device[k].peak = std::max(sum.device[k].peak, now.device[k].peak);
  }
}

void end_core(CoreCells& core) {
  core.busy_since_ns = core.running_model = 0;
  for (MemoryCells& cells : core.device) cells.total = 0;
}

Result<std::vector<CoreCells>> retired_cells(const Box& box, std::vector<std::string>& names) {
  Retired retired = TRY(read_retired(box));
  names = std::move(retired.names);
  return std::move(retired.cores);
}

Result<> retire(const Box& box, const BoxLock&) {
  Retired retired = TRY(read_retired(box));
  std::vector<fs::path> gone;
  for (const fs::path& path : pages_of(box.directory))
    if (!is_held(path)) gone.push_back(path);
  if (gone.empty()) return {};
  std::vector<std::string> names;
  for (const fs::path& path : gone) {
    const std::string name = path.filename().string();
    names.push_back(name);
    if (std::find(retired.names.begin(), retired.names.end(), name) != retired.names.end())
      continue;  // its sums are in; whoever added them died before the file was removed
    const auto page = open_page(path);
    if (!page) continue;  // half made: never counted anything
    const PageLayout& layout = *(*page)->layout;
    for (std::uint64_t c = 0; c < layout.header.count; ++c) {
      if (layout.header.first + c >= retired.cores.size()) break;
      CoreCells cells = layout.cores[c];
      end_core(cells);
      add_core(retired.cores[layout.header.first + c], cells);
    }
  }
  retired.names = std::move(names);
  TRY(write_retired(box, retired));
  std::error_code ignored;
  for (const fs::path& path : gone) fs::remove(path, ignored);
  return {};
}

Result<BoxLock> BoxLock::take(const fs::path& directory) {
  const fs::path path = directory / "lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0)
    return fail(Code::Io, "{}: cannot be opened: {}", path.string(), std::strerror(errno));
  BoxLock lock(fd);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return fail(Code::Io, "{}: cannot be locked: {}", path.string(), std::strerror(errno));
    if (std::chrono::steady_clock::now() > end)
      return fail(Code::Timeout, "{}: another process has held it for 10 s", path.string());
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return lock;
}

BoxLock::~BoxLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace neuron::host
