// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <vector>

#include "neff/model.h"
#include "nrt/tensor.h"
#include "sim/plan.h"
#include "sim/sim.h"

/// A loaded package: one program for each physical core of its logical core, its constants and
/// scratch in device memory, and the names that bind tensors.
namespace neuron::nrt {

enum class Usage { Input, Output };
struct TensorInfo {
  std::string name;
  Usage usage = Usage::Input;
  std::uint64_t size = 0;
  DType type = DType::Unknown;
  Shape shape;
};

/// A subgraph on its core.
struct Stage {
  sim::LoadedPtr loaded;
  sim::PlanPtr plan;  ///< none: the interpreter runs it
  /// Per variable of the program: bytes that stay (constants, scratch), or empty.
  std::vector<std::span<std::byte>> resident;
  /// Per variable: index in Model::tensors of the tensor that is bound at execute, or -1.
  std::vector<int> bound;
};

}  // namespace neuron::nrt

struct nrt_model {
  std::string name;
  neuron::neff::Package package;
  neuron::neff::Model neff;
  int vnc = 0;
  std::vector<neuron::nrt::TensorInfo> tensors;
  std::vector<neuron::nrt::Stage> stages;  ///< index = physical core inside the logical core
  std::vector<std::shared_ptr<neuron::nrt::Storage>> memory;  ///< what `resident` looks into
  std::mutex running;  ///< a logical core executes one model at a time
  std::uint64_t executions = 0;
  std::uint64_t id = 0;     ///< as the box's counters know it
  std::uint64_t flops = 0;  ///< of one execution on one core
  /// Computed when first asked for; independent of data.
  std::vector<neuron::sim::Schedule> schedules;
};

namespace neuron::nrt {

/// Parses, checks and places a package. Errors as the parts give them.
Result<std::unique_ptr<nrt_model>> load(ByteView neff, int vnc);
/// One execution on `cores` (one for each stage). BadInput names a missing or wrong-sized tensor.
Result<> execute(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs,
                 std::span<sim::Core* const> cores);
/// The predicted time of each stage.
Result<const std::vector<sim::Schedule>*> schedules_of(nrt_model& model);
/// The longest stage's predicted device time.
Result<std::uint64_t> modelled_time_ps(nrt_model& model);

/// What went wrong in the last call of this thread that did not succeed. The C API has only
/// numbers; our own commands show this.
Error last_failure();

}  // namespace neuron::nrt
