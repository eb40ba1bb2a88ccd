// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "neff/model.h"
#include "nrt/cpu_node.h"
#include "nrt/failure.h"
#include "nrt/tensor.h"
#include "sim/clock.h"
#include "sim/plan.h"
#include "sim/sim.h"
#include "sim/way.h"

/// A loaded package: programs for the cores of its logical cores, CPU nodes between them, constants
/// and scratch in device memory, and the names that bind tensors.
namespace neuron::nrt {

enum class Usage { Input, Output };
struct TensorInfo {
  std::string name;
  Usage usage = Usage::Input;
  std::uint64_t size = 0;
  DType type = DType::Unknown;
  Shape shape;
};

/// What flows along the edges of the graph: a tensor of the caller, a constant of cpu.params, or
/// bytes that live only while one execution runs.
struct Value {
  std::string name;
  DType type = DType::Unknown;
  Shape shape;
  std::uint64_t size = 0;
  int tensor = -1;                    ///< index in nrt_model::tensors, or -1
  std::uint64_t arena_offset = 0;     ///< where an intermediate lies in an Arena
  std::shared_ptr<Storage> constant;  ///< of a parameter
};

/// A subgraph: its program, and which Value each of its variables shows (-1: resident bytes).
struct Stage {
  sim::LoadedPtr loaded;
  std::vector<int> bound;
};

/// A node of the graph: subgraphs that run in order on their cores, or a CPU function.
struct Step {
  std::string name;
  std::vector<std::size_t> stages;
  nrt_cpu_node_t function = nullptr;
  std::vector<int> values;  ///< CPU: inputs, then outputs
};

/// One staging of the model on cores of its own, from physical core `first_core` on.
struct Placement {
  std::uint32_t first_core = 0;
  /// By stage and variable: bytes that stay (constants, scratch), or empty.
  std::vector<std::vector<std::span<std::byte>>> resident;
  std::vector<sim::PlanPtr> plans;               ///< by stage; none: the interpreter runs it
  std::vector<std::shared_ptr<Storage>> memory;  ///< what `resident` looks into
  std::uint64_t counter_id = 0;                  ///< as the box's counters know it
  std::vector<Charge> charges;                   ///< memory without bytes: programs, rings
  Placement() = default;
  Placement(Placement&&) = default;
  ~Placement();
};

}  // namespace neuron::nrt

struct nrt_model {
  std::uint32_t id = 0;
  std::string name;
  neuron::neff::Package package;
  neuron::neff::Model neff;
  int vnc = 0;                 ///< first logical core
  std::uint32_t lnc_size = 1;  ///< physical cores of a logical core
  std::vector<neuron::nrt::TensorInfo> tensors;
  std::vector<neuron::nrt::Value> values;
  std::vector<neuron::nrt::Step> steps;
  std::vector<neuron::nrt::Stage> stages;  ///< index = physical core inside a placement
  std::vector<neuron::nrt::Placement> placements;
  std::shared_ptr<neuron::nrt::CpuLibrary> library;
  std::uint64_t flops = 0;        ///< of one execution on the core that works most
  bool fails_on_nan = false;      ///< NaN in an output is an error
  std::uint64_t timeout_ns = 0;   ///< longest execution; 0: none is too long
  std::uint64_t modelled_ns = 0;  ///< device time of one execution, when timeout_ns is not 0
  std::uint64_t arena_bytes = 0;  ///< of the intermediates of one execution
  /// Joins its collective operations with those of other ranks; null when loaded without ranks.
  std::shared_ptr<neuron::sim::CollectivePort> port;
  std::atomic<std::uint64_t> executions{0}, next_placement{0};

  std::mutex arenas_guard;
  std::vector<std::shared_ptr<neuron::nrt::Storage>> arenas;  ///< free ones
  std::mutex schedules_guard;
  /// Computed when first asked for, and anew where data decides the way.
  std::shared_ptr<const std::vector<neuron::sim::Schedule>> schedules;
  neuron::sim::Clock clock;  ///< what schedules go by
  /// By stage, of the last execution: where branches depend on data.
  std::map<std::size_t, neuron::sim::Way> ways;

  std::uint32_t logical_cores() const;  ///< of one placement
};

namespace neuron::nrt {

/// Parses and checks a package; nothing is placed yet, and the model looks into `neff` until
/// let_go(). Of bytes that are kept, constants stay where they are. Errors as the parts give them.
Result<std::shared_ptr<nrt_model>> load(const SharedBytes& neff);
/// Stages the model once more, on physical cores from `first_core` on.
Result<> place(nrt_model& model, std::uint32_t first_core);
/// Parts the model from the bytes that it was loaded from; it cannot be placed again.
void let_go(nrt_model& model);

/// The predicted time of each stage; where its branches depend on data, of the last execution.
using Schedules = std::shared_ptr<const std::vector<sim::Schedule>>;
Result<Schedules> schedules_of(nrt_model& model);
/// What the model's schedules go by from now on.
Result<> set_clock(nrt_model& model, sim::Clock clock);
/// Notes the way of an execution.
void note_way(nrt_model& model, std::size_t stage, sim::Way way);
/// Predicted device time of one execution: nodes one after another, cores of one node together.
Result<std::uint64_t> modelled_time_ps(nrt_model& model);

}  // namespace neuron::nrt
