// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "host/host.h"
#include "nrt/counting.h"
#include "nrt/model.h"

/// The state of the process between nrt_init and nrt_close.
namespace neuron::nrt {

enum class State { Start, Running, Closed };

/// Answers: is the runtime up, which cores are ours, which models are loaded?
class Runtime {
 public:
  Result<> init();
  Result<> close();
  /// BadState with the reason when calls are not allowed now.
  Result<> check() const;
  State state() const { return state_; }

  Result<nrt_model*> load(ByteView neff, int vnc);
  Result<> unload(nrt_model* model);
  Result<> execute(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs);

  /// Physical cores of the box, and logical cores visible to this process.
  Result<std::uint32_t> total_cores() const;
  Result<std::uint32_t> visible_cores() const;
  /// Our page of the box's counters; null before init and after close.
  const std::shared_ptr<host::Process>& process() const { return process_; }

 private:
  /// A physical core, made when a model first runs on it.
  sim::Core& core(std::uint32_t index, isa::ArchId arch);

  mutable std::mutex guard_;
  State state_ = State::Start;
  int owner_pid_ = 0;
  std::uint32_t first_ = 0, count_ = 0;  ///< visible cores
  std::uint32_t next_ = 0;               ///< where a model without a wish goes
  std::set<std::unique_ptr<nrt_model>> models_;
  std::vector<std::unique_ptr<sim::Core>> cores_;
  std::vector<std::unique_ptr<std::mutex>> busy_;
  std::shared_ptr<host::Process> process_;
};

Runtime& runtime();

}  // namespace neuron::nrt
