// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <bit>
#include <cstring>
#include <span>
#include <utility>

#include "host/host.h"

/// The page of a process: a file of the box's directory that the process maps and counts in, and
/// that readers map too. All numbers are 64-bit cells, each written whole, so a reader always sees
/// a value that was true, and whoever dies in between leaves a readable page.
///
/// The owner holds a POSIX record lock on its page for life. The kernel drops that lock when the
/// process ends in whatever way, tells others who holds it, and a forked child does not inherit it
/// (as it would flock's or OFD locks): so ownership of cores is never guessed from process ids.
namespace neuron::host {

constexpr std::uint64_t kPageMagic = 0x314547415052554e;  // "NURPAGE1"
constexpr std::uint64_t kPageVersion = 1;
constexpr std::size_t kModelSlots = 256;
constexpr const char* kUnpublished = ".new";  ///< ending of a page that is still being made

/// Latencies in ns, in buckets of less than 1 % width: 128 in each power of two, up to 73 minutes.
constexpr std::size_t kBuckets = 128 * 36;
constexpr std::size_t bucket_of(std::uint64_t ns) {
  if (ns < 256) return ns;
  const int shift = std::bit_width(ns) - 8;
  const std::size_t bucket = 128 * static_cast<std::size_t>(shift) + (ns >> shift);
  return bucket < kBuckets ? bucket : kBuckets - 1;
}
constexpr std::uint64_t bucket_begin(std::size_t bucket) {
  if (bucket < 256) return bucket;
  const std::size_t shift = bucket / 128 - 1;
  return static_cast<std::uint64_t>(128 + bucket % 128) << shift;
}

/// As the sysfs guide has it: bytes now, bytes of the last change, most bytes so far.
struct MemoryCells {
  std::uint64_t total, present, peak;
};
/// A core's cells. Those of `executed` and below change only while an execution holds the core,
/// from Execution::start() to finish(), so they need no atomic addition: that is what makes
/// counting cheap. All others may change at any time.
struct CoreCells {
  std::uint64_t calls[kStatuses];  ///< calls that ended without an execution
  MemoryCells device[kDeviceMemories];
  std::uint64_t model_load_count, reset_fail_count, reset_req_count;
  std::uint64_t executed[kStatuses];  ///< executions by how they ended
  std::uint64_t led[kStatuses];       ///< those whose first core this is
  std::uint64_t flop_count;
  std::uint64_t busy_ns;              ///< time that executions took on the core
  std::uint64_t last_ns, last_flops;  ///< of the execution that ended last
  std::uint64_t busy_since_ns;        ///< CLOCK_MONOTONIC when the running one began; 0: idle
  std::uint64_t running_model;        ///< 0: none
  std::uint64_t status(Status s) const { return calls[index(s)] + executed[index(s)]; }
  std::uint64_t inference_count() const { return executed[index(Status::success)]; }
  static std::size_t index(Status s) { return static_cast<std::size_t>(s); }
};
struct ProcessCells {
  MemoryCells host[kHostMemories];
  std::uint64_t rejected[kStatuses];  ///< executions that ended before a core was theirs
  std::uint64_t total_latency[kBuckets], device_latency[kBuckets];
};
/// A part of a loaded model. The rest of a slot is written before `model`, all cell by cell;
/// numbers of models never come back, so a reader that finds the same number before and after has
/// read one model.
constexpr std::uint64_t kSlotTaken = ~0ull;  ///< being written
struct ModelSlot {
  std::uint64_t model;  ///< 0: free
  std::uint64_t core;   ///< of the process
  std::uint64_t device[kDeviceMemories], host[kHostMemories];
  char name[128], uuid[40], subgraph[48];
};
struct PageHeader {
  std::uint64_t magic, version, bytes;
  std::uint64_t pid, first, count, lnc, started_unix_ns, next_model;
  char runtime_version[32], tag[256], command[1024];
};
struct PageLayout {
  PageHeader header;
  ModelSlot models[kModelSlots];
  ProcessCells process;
  CoreCells cores[1];  ///< header.count of them
};
constexpr std::size_t page_bytes(std::uint64_t cores) {
  return offsetof(PageLayout, cores) + cores * sizeof(CoreCells);
}

using Cell = std::atomic_ref<std::uint64_t>;
inline std::uint64_t load(const std::uint64_t& cell) {
  return Cell(const_cast<std::uint64_t&>(cell)).load(std::memory_order_relaxed);
}
inline void store(std::uint64_t& cell, std::uint64_t value) {
  Cell(cell).store(value, std::memory_order_relaxed);
}
inline std::uint64_t add(std::uint64_t& cell, std::uint64_t value) {
  return Cell(cell).fetch_add(value, std::memory_order_relaxed) + value;
}
/// Of a cell that nobody else writes.
inline void add_alone(std::uint64_t& cell, std::uint64_t value) { store(cell, load(cell) + value); }
void use(MemoryCells& cells, std::int64_t bytes);
/// A struct of cells as the cells that it is.
template <class T>
std::span<std::uint64_t> cells_of(T& value) {
  static_assert(sizeof(T) % sizeof(std::uint64_t) == 0);
  return {reinterpret_cast<std::uint64_t*>(&value), sizeof(T) / sizeof(std::uint64_t)};
}
template <class T>
void copy_cells(T& to, const T& from) {
  auto source = cells_of(const_cast<T&>(from));
  auto target = cells_of(to);
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = load(source[i]);
}
/// Of a slot that is ours (kSlotTaken): everything, and `model` last.
void write_slot(ModelSlot& to, const ModelSlot& from);
/// False when the slot is free or changed under the reader's eyes.
bool read_slot(ModelSlot& to, const ModelSlot& from);

/// A page file, mapped; the owner's is locked too.
struct Page {
  fs::path path;
  int fd = -1;
  PageLayout* layout = nullptr;
  std::size_t bytes = 0;
  Page() = default;
  Page(const Page&) = delete;
  ~Page();
};

/// Makes and locks a page that nobody sees yet; publish() gives it its name.
Result<std::shared_ptr<Page>> create_page(const fs::path& directory, const PageHeader& header);
Result<> publish(const std::shared_ptr<Page>& page);
void disown(const Page& page);  ///< before its owner closes it
/// An existing page. Malformed when it is none of this version.
Result<std::shared_ptr<Page>> open_page(const fs::path& path);
/// Does a living process hold the page? True for this process's own.
bool is_held(const fs::path& path);
/// This process's own page of that path: opening it again, and closing, would drop the lock.
std::shared_ptr<Page> own_page(const fs::path& path);

/// The names of all pages of a box.
std::vector<fs::path> pages_of(const fs::path& directory);

/// Holds the box still: claims and the end of pages happen one at a time.
class BoxLock {
 public:
  static Result<BoxLock> take(const fs::path& directory);
  BoxLock(BoxLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~BoxLock();

 private:
  explicit BoxLock(int fd) : fd_(fd) {}
  int fd_;
};

void add_core(CoreCells& sum, const CoreCells& core);
/// What a core of a page whose owner is gone leaves: counts and peaks, no memory, no execution.
void end_core(CoreCells& core);
/// Sums of the pages that are gone, by core of the box, and the names of those pages: when a file
/// of such a name is still there, it is in the sums already.
Result<std::vector<CoreCells>> retired_cells(const Box& box, std::vector<std::string>& names);
/// Adds the pages that nobody holds to the sums and removes them. Under the BoxLock. Whoever dies
/// in between leaves neither a loss nor a double count.
Result<> retire(const Box& box, const BoxLock& lock);

std::uint64_t now_ns();  ///< CLOCK_MONOTONIC

}  // namespace neuron::host
