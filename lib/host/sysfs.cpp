// SPDX-License-Identifier: Apache-2.0
#include "host/sysfs.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

#include "host/devices.h"

namespace neuron::host {
namespace {

/// Names of the files of a core, in the order of core_values().
std::vector<std::string> core_rows() {
  std::vector<std::string> rows;
#define NEURON_STATUS(name, ...)                  \
  rows.push_back("stats/status/" #name "/total"); \
  rows.push_back("stats/status/" #name "/present");
#define NEURON_DEVICE_MEMORY(name, ...)                 \
  for (const char* leaf : {"total", "present", "peak"}) \
    rows.push_back(fmt::format("stats/memory_usage/device_mem/" #name "/{}", leaf));
#define NEURON_CORE_COUNTER(name, ...)                \
  rows.push_back("stats/other_info/" #name "/total"); \
  rows.push_back("stats/other_info/" #name "/present");
#include "host/counters.def"
  return rows;
}

void core_values(const CoreCells& core, std::vector<std::uint64_t>& values) {
#define NEURON_STATUS(name, ...)               \
  values.push_back(core.status(Status::name)); \
  values.push_back(core.status(Status::name) ? 1 : 0);
#define NEURON_DEVICE_MEMORY(name, ...)                                       \
  {                                                                           \
    const MemoryCells& m = core.device[static_cast<int>(DeviceMemory::name)]; \
    values.insert(values.end(), {m.total, m.present, m.peak});                \
  }
#define NEURON_CORE_COUNTER(name, total, present) \
  values.push_back(total);                        \
  values.push_back(present);
#include "host/counters.def"
}

std::vector<std::string> device_rows() {
  std::vector<std::string> rows{"stats/hardware/mem_ecc_uncorrected",
                                "stats/hardware/mem_ecc_repairable_uncorrected",
                                "stats/hardware/sram_ecc_uncorrected"};
#define NEURON_HOST_MEMORY(name, ...)                   \
  for (const char* leaf : {"total", "present", "peak"}) \
    rows.push_back(fmt::format("stats/memory_usage/host_mem/" #name "/{}", leaf));
#include "host/counters.def"
  return rows;
}

/// Host memory belongs to the device that a process's first core is on.
void device_values(const Snapshot& snapshot, std::uint32_t device,
                   std::vector<std::uint64_t>& values) {
  values.insert(values.end(), 3, 0);  // a simulated device has no memory errors
  std::array<MemoryCells, kHostMemories> sums{};
  for (const ProcessView& p : snapshot.processes) {
    if (p.first / snapshot.box.instance->cores_per_device != device) continue;
    for (std::size_t k = 0; k < kHostMemories; ++k) {
      sums[k].total += p.cells->host[k].total;
      sums[k].present = std::max(sums[k].present, p.cells->host[k].present);
      sums[k].peak += p.cells->host[k].peak;
    }
  }
  for (const MemoryCells& m : sums) values.insert(values.end(), {m.total, m.present, m.peak});
}

/// What the files hold, so that only changes are written: a mapped file beside the tree, used under
/// a lock. It is changed after the file that it speaks of, so dying in between costs a rewrite.
class Known {
 public:
  static constexpr std::uint64_t kNever = ~0ull;

  /// Empty when another process holds it, or when there is no box to write in.
  static std::unique_ptr<Known> take(const Box& box, std::size_t count) {
    const int fd = ::open((box.directory / "tree").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return nullptr;
    std::unique_ptr<Known> known(new Known);
    known->fd_ = fd;
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) return nullptr;
    const std::size_t bytes = count * sizeof(std::uint64_t);
    const bool is_new = ::lseek(fd, 0, SEEK_END) != static_cast<off_t>(bytes);
    if (is_new &&
        (::ftruncate(fd, 0) != 0 || ::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) != 0))
      return nullptr;
    void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) return nullptr;
    known->values_ = {static_cast<std::uint64_t*>(at), count};
    if (is_new) std::fill(known->values_.begin(), known->values_.end(), kNever);
    return known;
  }
  ~Known() {
    if (values_.data()) ::munmap(values_.data(), values_.size_bytes());
    ::close(fd_);
  }
  std::span<std::uint64_t> values() { return values_; }

 private:
  Known() = default;
  int fd_ = -1;
  std::span<std::uint64_t> values_;
};

/// A text file that appears whole. Most numbers are zero for ever: these files are one file, by
/// links, so that a box with thousands of counters stays small.
class Files {
 public:
  explicit Files(const Box& box)
      : root_(box.directory / "neuron_device"),
        aside_(box.directory / "aside"),
        zero_(box.directory / "zero") {}

  Result<> put(const fs::path& name, std::uint64_t number) {
    return number ? put(name, std::to_string(number)) : put_zero(name);
  }
  Result<> put(const fs::path& name, const std::string& text) {
    TRY(make_parent(name));
    TRY(write(aside_, text));
    return move(name);
  }

 private:
  Result<> make_parent(const fs::path& name) {
    const fs::path parent = (root_ / name).parent_path();
    if (parent == made_) return {};
    std::error_code wrong;
    fs::create_directories(parent, wrong);
    if (wrong) return fail(Code::Io, "{}: cannot be made: {}", parent.string(), wrong.message());
    made_ = parent;
    return {};
  }
  Result<> write(const fs::path& path, const std::string& text) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    const std::string line = text + "\n";
    const bool written =
        fd >= 0 && ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (fd >= 0) ::close(fd);
    if (!written)
      return fail(Code::Io, "{}: cannot be written: {}", path.string(), std::strerror(errno));
    return {};
  }
  Result<> move(const fs::path& name) {
    if (::rename(aside_.c_str(), (root_ / name).c_str()) == 0) return {};
    return fail(Code::Io, "{}: cannot be named: {}", (root_ / name).string(), std::strerror(errno));
  }
  Result<> put_zero(const fs::path& name) {
    TRY(make_parent(name));
    ::unlink(aside_.c_str());
    if (::link(zero_.c_str(), aside_.c_str()) != 0) {
      if (errno == ENOENT) TRY(write(zero_, "0"));
      if (::link(zero_.c_str(), aside_.c_str()) != 0) TRY(write(aside_, "0"));
    }
    return move(name);
  }

  fs::path root_, aside_, zero_, made_;
};

Result<> put_facts(Files& files, const Box& box, const Device& device) {
  const GenerationNames names = names_of(*box.instance, box.lnc);
  const fs::path at = fmt::format("neuron{}", device.index);
  TRY(files.put(at / "connected_devices", fmt::format("{}", fmt::join(device.connected, ", "))));
  TRY(files.put(at / "core_count", box.instance->cores_per_device));
  TRY(files.put(at / "reset", std::string()));
  TRY(files.put(at / "info/notify_delay", std::string("-1")));
  TRY(files.put(at / "info/serial_number",
                fmt::format("{}{:02x}", box.id.substr(std::min<std::size_t>(2, box.id.size())),
                            device.index)));
  TRY(files.put(at / "info/architecture/arch_type", std::string(names.core_type)));
  TRY(files.put(at / "info/architecture/device_name", std::string(names.device_name)));
  TRY(files.put(at / "info/architecture/instance_type", std::string(box.instance->type)));
  TRY(files.put(at / "stats/power/utilization",
                std::string("POWER_STATUS_NO_DATA,0,0.00,0.00,0.00")));
  for (std::uint32_t c = 0; c < box.instance->cores_per_device; ++c)
    TRY(files.put(at / fmt::format("neuron_core{}/info/architecture/arch_type", c),
                  std::string(names.core_type)));
  return {};
}

/// Writes what differs of `rows`.
Result<> put_rows(Files& files, const fs::path& at, const std::vector<std::string>& rows,
                  std::span<const std::uint64_t> values, std::span<std::uint64_t> known) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (known[i] == values[i]) continue;
    TRY(files.put(at / rows[i], values[i]));
    known[i] = values[i];
  }
  return {};
}

}  // namespace

Result<> refresh_tree(const Snapshot& snapshot, TreeExtent extent) {
  // Never destroyed: a thread of the runtime refreshes until a client's exit handler closes it.
  static const auto& of_core = *new std::vector<std::string>(core_rows());
  static const auto& of_device = *new std::vector<std::string>(device_rows());
  const Box& box = snapshot.box;
  const std::size_t each = box.instance->cores_per_device;
  const std::size_t stride = 1 + of_device.size() + each * of_core.size();
  std::error_code ignored;
  fs::create_directories(box.directory, ignored);
  const auto known = Known::take(box, stride * box.instance->devices);
  if (!known) return {};
  Files files(box);
  for (const Device& device : devices_of(*box.instance)) {
    std::vector<std::uint64_t> values;
    device_values(snapshot, device.index, values);
    for (std::size_t c = 0; c < each; ++c)
      core_values(snapshot.cores[device.index * each + c], values);
    auto mine = known->values().subspan(device.index * stride, stride);
    const bool is_touched =
        mine[0] == 1 || std::any_of(values.begin(), values.end(), [](auto v) { return v != 0; });
    if (!is_touched && extent == TreeExtent::Touched) continue;
    const std::span<const std::uint64_t> all = values;
    const fs::path at = fmt::format("neuron{}", device.index);
    TRY(put_rows(files, at, of_device, all, mine.subspan(1)));
    for (std::size_t c = 0; c < each; ++c) {
      const std::size_t begin = of_device.size() + c * of_core.size();
      TRY(put_rows(files, at / fmt::format("neuron_core{}", c), of_core, all.subspan(begin),
                   mine.subspan(1 + begin)));
    }
    if (mine[0] == 1) continue;
    TRY(put_facts(files, box, device));
    mine[0] = 1;
  }
  return {};
}

}  // namespace neuron::host
