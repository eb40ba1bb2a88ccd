// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "host/host.h"
#include "nrt/counting.h"
#include "nrt/model.h"
#include "nrt/walker.h"

/// The state of the process between nrt_init and nrt_close.
namespace neuron::nrt {

enum class State { Start, Running, Closed, Child };

/// Answers: is the runtime up, which cores are ours, which models are loaded?
class Runtime {
 public:
  Result<> init();
  Result<> close();
  /// BadState with the reason when calls are not allowed now.
  Result<> check() const;
  State state() const { return state_.load(std::memory_order_acquire); }
  /// After fork: the parent's runtime is not this process's.
  void become_child();

  /// `vnc` -1: the least used cores. `vnc_count`: a multiple of what the model needs stages it so
  /// many times; -1 once.
  Result<nrt_model*> load(const SharedBytes& neff, int vnc, int vnc_count);
  Result<> unload(const nrt_model* model);
  /// Null for what is no handle of a loaded model.
  std::shared_ptr<nrt_model> find(const nrt_model* model) const;
  bool is_loaded(const nrt_model* model) const { return find(model) != nullptr; }
  std::vector<std::shared_ptr<nrt_model>> models() const;
  Result<> execute(const nrt_model* model, const TensorSet& inputs, const TensorSet& outputs);
  /// The model that executed last on a logical core; null when none did.
  std::shared_ptr<nrt_model> last_on(std::uint32_t vnc) const;

  /// Physical cores of the box, and cores visible to this process.
  Result<std::uint32_t> total_cores() const;
  Result<std::uint32_t> visible_cores() const;
  /// Physical cores of a logical core that the environment asks for; 1 unless it does.
  Result<std::uint32_t> logical_size() const;
  /// BadUsage when the process has no such logical core.
  Result<> check_core(std::int64_t vnc) const;
  std::uint32_t first_core() const { return first_; }
  /// Our page of the box's counters; null before init and after close.
  std::shared_ptr<host::Process> process() const;

 private:
  Result<std::uint32_t> least_used(const nrt_model& model, std::uint32_t cores) const;
  Result<> register_model(const std::shared_ptr<nrt_model>& model, int vnc, int vnc_count);
  std::string loaded_names() const;

  std::mutex guard_;  ///< init, close, load and unload, one at a time
  /// Executions share it; close takes it alone.
  mutable std::shared_mutex life_;
  std::atomic<State> state_{State::Start};
  std::uint32_t first_ = 0, count_ = 0;  ///< visible cores
  std::uint32_t next_id_ = 1001;
  mutable std::shared_mutex models_guard_;
  std::unordered_map<const nrt_model*, std::shared_ptr<nrt_model>> models_;
  std::vector<std::unique_ptr<CoreSlot>> cores_;
  std::vector<std::atomic<std::uint32_t>> last_;  ///< by core: id of the model that ran
  std::shared_ptr<host::Process> process_;
};

Runtime& runtime();

}  // namespace neuron::nrt
