// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>

#include "host/observe.h"
#include "host/page.h"
#include "host/sysfs.h"

namespace neuron::host {
namespace {

template <std::size_t N>
void set_text(char (&to)[N], std::string_view text) {
  const std::size_t size = std::min(text.size(), N - 1);
  std::copy_n(text.data(), size, to);
  to[size] = 0;
}

PageHeader header_of(const Wish& wish, std::uint32_t first) {
  using namespace std::chrono;
  PageHeader header{};
  header.magic = kPageMagic;
  header.version = kPageVersion;
  header.pid = static_cast<std::uint64_t>(::getpid());
  header.first = first;
  header.count = wish.count;
  header.lnc = wish.lnc;
  header.next_model = 10001;
  header.started_unix_ns = static_cast<std::uint64_t>(
      duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count());
  const char* tag = std::getenv("NEURON_PROCESS_TAG");
  set_text(header.tag, tag && *tag ? std::string(tag) : std::to_string(header.pid));
  set_text(header.command, own_command());
  set_text(header.runtime_version, wish.runtime_version);
  return header;
}

ModelSlot slot_of(std::uint64_t model, const ModelPart& part) {
  ModelSlot slot{};
  slot.model = model;
  slot.core = part.core;
  std::copy(part.memory.device.begin(), part.memory.device.end(), slot.device);
  std::copy(part.memory.host.begin(), part.memory.host.end(), slot.host);
  set_text(slot.name, part.name);
  set_text(slot.uuid, part.uuid);
  set_text(slot.subgraph, part.subgraph);
  return slot;
}

struct Owners {
  std::vector<std::uint64_t> pid_of;  ///< by core of the box; 0: free
  std::string names;                  ///< "pid 12 (python train.py)", ...
};

Owners owners_of(const Box& box) {
  Owners owners{std::vector<std::uint64_t>(box.instance->cores()), ""};
  for (const fs::path& path : pages_of(box.directory)) {
    if (!is_held(path)) continue;
    const auto own = own_page(path);
    const auto page = own ? Result<std::shared_ptr<Page>>(own) : open_page(path);
    if (!page) continue;
    const PageHeader& header = (*page)->layout->header;
    for (std::uint64_t c = header.first; c < header.first + header.count; ++c)
      if (c < owners.pid_of.size()) owners.pid_of[c] = header.pid;
    const std::string command(header.command, ::strnlen(header.command, 40));
    owners.names += fmt::format("{}pid {} ({})", owners.names.empty() ? "" : ", ", header.pid,
                                command.substr(0, command.find(' ')));
  }
  return owners;
}

/// The usual place is open to every user of the host: what another one put there is not ours.
Result<> check_root(const Box& box) {
  if (const char* told = std::getenv("NEURON_SIM_ROOT"); told && *told) return {};
  const fs::path root = box.directory.parent_path();
  struct stat about {};
  if (::lstat(root.c_str(), &about) != 0 || !S_ISDIR(about.st_mode) || about.st_uid != ::getuid())
    return fail(Code::BadState,
                "{}: is another user's; NEURON_SIM_ROOT can name a directory of "
                "yours",
                root.string());
  (void)::chmod(root.c_str(), 0700);
  return {};
}

/// The first core of the wish when all are free.
Result<std::uint32_t> choose(const Box& box, const Wish& wish) {
  const Owners owners = owners_of(box);
  const auto& pids = owners.pid_of;
  const auto total = static_cast<std::uint32_t>(pids.size());
  const auto is_free = [&](std::uint32_t at) {
    return wish.count <= total && at <= total - wish.count &&
           std::all_of(pids.begin() + at, pids.begin() + at + wish.count,
                       [](std::uint64_t pid) { return pid == 0; });
  };
  if (wish.first && is_free(*wish.first)) return *wish.first;
  if (!wish.first)
    // No two processes share a logical core of the box, whatever they count in.
    for (std::uint32_t at = 0; at < total; at += std::max(wish.lnc, box.lnc))
      if (is_free(at)) return at;
  const auto from = wish.first ? pids.begin() + std::min(*wish.first, total) : pids.begin();
  const auto to =
      wish.first ? from + std::min<std::ptrdiff_t>(wish.count, pids.end() - from) : pids.end();
  const auto available = static_cast<std::uint64_t>(std::count(from, to, 0u)) / wish.lnc;
  const std::string held = owners.names.empty() ? "" : "; owned by " + owners.names;
  if (!wish.first)
    return fail(Code::NoResource,
                "Logical Neuron Core(s) not available - Requested:{} Available:{} Logical Core "
                "size:{}{}",
                wish.count / wish.lnc, available, wish.lnc, held);
  return fail(Code::NoResource,
              "Logical Neuron Core(s) not available - Requested:lnc{}-lnc{} Available:{} Logical "
              "Core size:{}{}",
              *wish.first / wish.lnc, (*wish.first + wish.count) / wish.lnc - 1, available,
              wish.lnc, held);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::claim(const Box& box, const Wish& wish) {
  if (wish.count == 0 || wish.lnc == 0 || wish.count % wish.lnc != 0)
    return fail(Code::BadUsage, "{} NeuronCores are no whole number of logical cores of {}",
                wish.count, wish.lnc);
  std::error_code wrong;
  fs::create_directories(box.directory / "processes", wrong);
  if (wrong)
    return fail(Code::Io, "{}: cannot be made: {}; NEURON_SIM_ROOT can name another directory",
                box.directory.string(), wrong.message());
  TRY(check_root(box));
  const BoxLock lock = TRY(BoxLock::take(box.directory));
  TRY(retire(box, lock));
  const std::uint32_t first = TRY(choose(box, wish));
  std::unique_ptr<Process> process(new Process);
  process->page_ = TRY(create_page(box.directory, header_of(wish, first)));
  TRY(publish(process->page_));
  process->box_ = box;
  process->refresher_ = std::make_unique<TreeRefresher>(box);
  return process;
}

Process::Process() = default;

Process::~Process() {
  if (!page_ || load(page_->layout->header.pid) != static_cast<std::uint64_t>(::getpid())) {
    refresher_.release();  // a forked child: page and thread are the parent's
    return;
  }
  disown(*page_);
  page_.reset();  // drops the lock
  if (const auto lock = BoxLock::take(box_.directory)) (void)retire(box_, *lock);
  refresher_.reset();  // shows the tree as we leave it
}

std::uint32_t Process::first() const {
  return static_cast<std::uint32_t>(page_->layout->header.first);
}
std::uint32_t Process::count() const {
  return static_cast<std::uint32_t>(page_->layout->header.count);
}

void Process::use(std::uint32_t core, DeviceMemory kind, std::int64_t bytes) {
  host::use(page_->layout->cores[core].device[static_cast<std::size_t>(kind)], bytes);
}
void Process::use(HostMemory kind, std::int64_t bytes) {
  host::use(page_->layout->process.host[static_cast<std::size_t>(kind)], bytes);
}
void Process::count_call(std::uint32_t core, Status status) {
  add(page_->layout->cores[core].calls[CoreCells::index(status)], 1);
  // Only an execution can have bad input: one that was refused before it had a core.
  if (status == Status::exec_bad_input)
    add(page_->layout->process.rejected[CoreCells::index(status)], 1);
}

std::uint64_t Process::add_model(const std::vector<ModelPart>& parts) {
  PageLayout& page = *page_->layout;
  const std::uint64_t model = add(page.header.next_model, 1) - 1;
  for (const ModelPart& part : parts) {
    add_memory(part.core, part.memory, 1);
    add(page.cores[part.core].model_load_count, 1);
    count_call(part.core, Status::success);
    const ModelSlot filled = slot_of(model, part);
    for (ModelSlot& slot : page.models) {
      std::uint64_t free = 0;
      if (!Cell(slot.model).compare_exchange_strong(free, kSlotTaken)) continue;
      write_slot(slot, filled);
      break;
    }
  }
  std::lock_guard lock(guard_);
  models_[model] = parts;
  return model;
}

void Process::remove_model(std::uint64_t model) {
  for (ModelSlot& slot : page_->layout->models) {
    std::uint64_t held = model;
    Cell(slot.model).compare_exchange_strong(held, 0);
  }
  std::lock_guard lock(guard_);
  for (const ModelPart& part : models_[model]) add_memory(part.core, part.memory, -1);
  models_.erase(model);
}

void Process::add_memory(std::uint32_t core, const MemoryUse& memory, std::int64_t sign) {
  for (std::size_t k = 0; k < kDeviceMemories; ++k)
    if (memory.device[k])
      use(core, static_cast<DeviceMemory>(k), sign * static_cast<std::int64_t>(memory.device[k]));
  for (std::size_t k = 0; k < kHostMemories; ++k)
    if (memory.host[k])
      use(static_cast<HostMemory>(k), sign * static_cast<std::int64_t>(memory.host[k]));
}

Execution::Execution(Process& process, std::uint64_t model, std::uint32_t first,
                     std::uint32_t cores, std::uint64_t flops_each)
    : page_(process.page_.get()),
      model_(model),
      flops_(flops_each),
      called_ns_(now_ns()),
      first_(first),
      cores_(cores) {}

Execution::~Execution() {
  if (page_) finish(Status::failure);
}

void Execution::start(bool has_waited) {
  started_ns_ = has_waited ? now_ns() : called_ns_;
  for (CoreCells& core : std::span(page_->layout->cores + first_, cores_)) {
    store(core.running_model, model_);
    store(core.busy_since_ns, started_ns_);
  }
}

void Execution::finish(Status status) {
  ProcessCells& process = page_->layout->process;
  const std::span cores(page_->layout->cores + first_, cores_);
  page_ = nullptr;
  const std::size_t row = CoreCells::index(status);
  if (!started_ns_) {
    for (CoreCells& core : cores) add(core.calls[row], 1);
    add(process.rejected[row], 1);
    return;
  }
  const std::uint64_t now = now_ns();
  for (CoreCells& core : cores) {
    store(core.busy_since_ns, 0);
    store(core.running_model, 0);
    add_alone(core.busy_ns, now - started_ns_);
    store(core.last_ns, now - started_ns_);
    add_alone(core.executed[row], 1);
    if (status != Status::success) continue;
    add_alone(core.flop_count, flops_);
    store(core.last_flops, flops_);
  }
  add_alone(cores.front().led[row], 1);
  add(process.total_latency[bucket_of(now - called_ns_)], 1);
  add(process.device_latency[bucket_of(now - started_ns_)], 1);
}

}  // namespace neuron::host
