// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "base/result.h"
#include "host/counters.h"

/// The simulated box: which instance it is, which process owns which cores, and what they do there.
///   auto box = TRY(host::box());
///   auto process = TRY(host::Process::claim(box, {.count = 2}));   // cores are ours until it ends
///   host::Execution run(*process, model, core, 1, flops);  run.start(true);  ...
///   run.finish(status);
/// Readers (ls, top, monitor) take a host::Snapshot, see snapshot.h.
namespace neuron::host {

enum class Generation { V1, V2, V3 };  ///< NeuronCore generation of the box's devices
enum class Links { None, Line, Ring, Torus };

struct Instance {
  const char* type;  ///< "trn2.48xlarge"
  Generation generation;
  std::uint32_t devices, cores_per_device;  ///< physical cores
  std::uint64_t device_memory_bytes;
  std::uint32_t family, size;  ///< numbers of nrt_instance_info_t
  Links links;
  const char* layout;  ///< whose rows of devices.def apply
  std::uint32_t cores() const { return devices * cores_per_device; }
};

/// The row that NEURON_SIM_INSTANCE or the configuration names; NotFound with the known types when
/// it names none. When nothing names one, null: the runtime then counts the cores of the largest
/// Trn2 box and takes packages of every generation.
Result<const Instance*> instance();
const Instance* find_instance(std::string_view type);
/// The largest single box of a generation.
const Instance& default_instance(Generation generation);

/// What a box is called and where its processes meet.
struct Box {
  const Instance* instance = nullptr;
  std::string id, name, zone, zone_id, region, ami, subnet;
  std::uint32_t lnc = 1;  ///< physical cores of a logical core
  fs::path directory;     ///< NEURON_SIM_ROOT or /dev/shm/neuron-UID, then the type
};
Result<Box> box();

/// Cores that a process wants; nrt reads NEURON_RT_VISIBLE_CORES and NEURON_RT_NUM_CORES.
struct Wish {
  std::optional<std::uint32_t> first;  ///< absent: the first run of `count` free cores
  std::uint32_t count = 1;             ///< physical cores
  std::uint32_t lnc = 1;               ///< for messages, which count logical cores
  std::string runtime_version;         ///< "2.0.0", as neuron-ls shows it
};

/// What a model's part on one core needs, counted while it is loaded.
struct ModelPart {
  std::string name, uuid, subgraph;
  std::uint32_t core = 0;  ///< as Process counts: 0 is its first
  MemoryUse memory;
};

struct Page;
class TreeRefresher;

/// Answers: which cores are ours, and what have they done? Cores stay ours until the object or the
/// process ends, however it ends. Counting never fails, never waits, and works from any thread.
/// Cores are counted from 0, the first of the process.
class Process {
 public:
  /// NoResource, in the words of the runtime's log, when another process owns such a core.
  static Result<std::unique_ptr<Process>> claim(const Box& box, const Wish& wish);
  ~Process();
  Process(const Process&) = delete;
  std::uint32_t first() const;
  std::uint32_t count() const;

  /// Numbers that the runtime gave: 10001, 10002, ... One call for all parts of a model.
  std::uint64_t add_model(const std::vector<ModelPart>& parts);
  void remove_model(std::uint64_t model);
  void use(std::uint32_t core, DeviceMemory kind, std::int64_t bytes);  ///< negative: gives back
  void use(HostMemory kind, std::int64_t bytes);
  /// A call on a core that did not execute, such as a load that failed.
  void count_call(std::uint32_t core, Status status);

 private:
  friend class Execution;
  Process();
  void add_memory(std::uint32_t core, const MemoryUse& memory, std::int64_t sign);
  std::shared_ptr<Page> page_;
  std::unique_ptr<TreeRefresher> refresher_;
  Box box_;
  std::mutex guard_;
  std::map<std::uint64_t, std::vector<ModelPart>> models_;  ///< whose memory is counted
};

/// One execution of a model on `cores` cores from `first`: latency runs from the constructor. From
/// start() to finish() the caller holds these cores against its own other threads, and they count
/// as busy. Without a finish() the execution counts as a failure.
class Execution {
 public:
  Execution(Process& process, std::uint64_t model, std::uint32_t first, std::uint32_t cores,
            std::uint64_t flops_each);
  ~Execution();
  Execution(const Execution&) = delete;
  /// `has_waited` false: the cores were free, so that the clock need not be read again.
  void start(bool has_waited);
  void finish(Status status);

 private:
  Page* page_;
  std::uint64_t model_, flops_, called_ns_, started_ns_ = 0;
  std::uint32_t first_, cores_;
};

}  // namespace neuron::host
