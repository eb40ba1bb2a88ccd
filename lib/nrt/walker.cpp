// SPDX-License-Identifier: Apache-2.0
#include "nrt/walker.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/log.h"
#include "base/numbers.h"
#include "nrt/events.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

using Clock = std::chrono::steady_clock;
using Spans = std::vector<std::span<std::byte>>;

/// Memory for the intermediates of one execution, taken from the model and given back.
class Arena {
 public:
  static Result<Arena> of(nrt_model& model) {
    Arena arena(model);
    if (model.arena_bytes == 0) return arena;
    {
      std::lock_guard lock(model.arenas_guard);
      if (!model.arenas.empty()) {
        arena.storage_ = std::move(model.arenas.back());
        model.arenas.pop_back();
      }
    }
    if (!arena.storage_) arena.storage_ = TRY(Storage::allocate(model.arena_bytes));
    return arena;
  }
  Arena(Arena&& other) noexcept = default;
  ~Arena() {
    if (!storage_) return;
    std::lock_guard lock(model_.arenas_guard);
    model_.arenas.push_back(std::move(storage_));
  }
  std::span<std::byte> at(const Value& value) const {
    if (value.size == 0) return {};  // a tensor with an axis of none
    return storage_->bytes().subspan(value.arena_offset, value.size);
  }

 private:
  explicit Arena(nrt_model& model) : model_(model) {}
  nrt_model& model_;
  std::shared_ptr<Storage> storage_;
};

Error wrong_core(const nrt_model& model, const nrt_tensor& tensor, const std::string& name) {
  const std::string where =
      model.placements.size() * model.logical_cores() == 1
          ? std::to_string(model.vnc)
          : fmt::format("{} to {}", model.vnc,
                        static_cast<std::uint32_t>(model.vnc) +
                            model.placements.size() * model.logical_cores() - 1);
  return status_error(NRT_INVALID, Code::BadInput,
                      "Tensor {} allocated on logical nc {} must be allocated on same nc as model "
                      "({})",
                      name, tensor.vnc, where);
}

/// The caller's bytes of one tensor of the model, large enough and on its cores.
Result<nrt_tensor*> tensor_for(const nrt_model& model, const TensorInfo& info,
                               const TensorSet& set) {
  const char* word = info.usage == Usage::Input ? "input" : "output";
  nrt_tensor* tensor = set.find(info.name);
  if (!tensor) return fail(Code::BadInput, "{} {} is missing from the tensor set", word, info.name);
  if (tensor->bytes.size() < info.size)
    return fail(Code::BadInput, "{} {}: its tensor has {} bytes, the model needs {}", word,
                info.name, tensor->bytes.size(), info.size);
  const auto last = model.vnc + static_cast<int>(model.placements.size() * model.logical_cores());
  if (tensor->vnc >= 0 && (tensor->vnc < model.vnc || tensor->vnc >= last))
    return wrong_core(model, *tensor, info.name);
  return tensor;
}

Spans variables_of(const nrt_model& model, const Placement& placement, std::size_t stage,
                   const Spans& values) {
  const Stage& s = model.stages[stage];
  Spans variables = placement.resident[stage];
  for (std::size_t v = 0; v < variables.size(); ++v)
    if (s.bound[v] >= 0) variables[v] = values[static_cast<std::size_t>(s.bound[v])];
  return variables;
}

/// The core of NeuronCore `index`; its settings are read once, when it is first used.
Result<sim::Core*> core_in(CoreSlot& slot, const Stage& s, std::uint32_t index) {
  const auto arch = sim::program_of(*s.loaded).arch;
  if (slot.core && slot.core->arch() == arch) return slot.core.get();
  const bool at_random = TRY(settings::flag("NEURON_RT_STOCHASTIC_ROUNDING_EN"));
  const std::uint64_t seed = TRY(settings::number("NEURON_RT_STOCHASTIC_ROUNDING_SEED"));
  slot.core = std::make_unique<sim::Core>(arch);
  if (at_random) slot.core->round_at_random(seed + (std::uint64_t{index} << 32));
  return slot.core.get();
}

Result<> run_stage(nrt_model& model, Placement& placement, std::size_t stage, CoreSlot& slot,
                   const Spans& values) {
  const Stage& s = model.stages[stage];
  sim::Core* core = TRY(core_in(slot, s, placement.first_core + static_cast<std::uint32_t>(stage)));
  core->join(model.port.get());
  const Spans variables = variables_of(model, placement, stage, values);
  if (placement.plans[stage]) return sim::run(*placement.plans[stage], *core, variables);
  if (!sim::has_branches(*s.loaded)) return sim::execute(*s.loaded, *core, variables);
  sim::Way way;
  TRY(sim::execute(*s.loaded, *core, variables, way));
  note_way(model, stage, std::move(way));
  return {};
}

/// Cores that wait for each other, or read each other's memory, run side by side.
Result<> run_together(nrt_model& model, Placement& placement, std::span<const std::size_t> stages,
                      std::span<const std::unique_ptr<CoreSlot>> cores, const Spans& values) {
  std::vector<Spans> variables;
  std::vector<sim::Part> parts;
  for (const std::size_t stage : stages)
    variables.push_back(variables_of(model, placement, stage, values));
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const Stage& s = model.stages[stages[i]];
    const auto index = placement.first_core + static_cast<std::uint32_t>(stages[i]);
    sim::Core* core = TRY(core_in(*cores[i], s, index));
    core->join(model.port.get());
    parts.push_back({s.loaded.get(), core, variables[i]});
  }
  return sim::execute_together(parts);
}

/// A deadlock is what hardware only sees as a time-out.
Error as_device_says(const Error& error, const nrt_model& model, std::uint32_t core) {
  if (error.message.starts_with("deadlock"))
    return status_error(
        NRT_TIMEOUT, Code::ExecutionFault, "[NC {}] execution timeout ({} ms) on model {}, {}",
        core, model.timeout_ns ? model.timeout_ns / 1'000'000 : 30'000, model.name, error.message);
  if (error.message.find("out of bound") != std::string::npos)
    return status_error(NRT_EXEC_OOB, error.code, "{}", error.message);
  return error;
}

/// The subgraphs of one logical core, with its physical cores held meanwhile.
Result<> run_group(nrt_model& model, Placement& placement, std::span<const std::size_t> stages,
                   std::span<const std::unique_ptr<CoreSlot>> cores, host::Process& process,
                   const Spans& values) {
  const auto first = placement.first_core + static_cast<std::uint32_t>(stages[0]);
  host::Execution counted(process, placement.counter_id, first,
                          static_cast<std::uint32_t>(stages.size()), model.flops);
  std::vector<std::unique_lock<FairMutex>> locks;
  bool has_waited = false;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    auto& lock = locks.emplace_back(cores[first + i]->busy, std::try_to_lock);
    has_waited |= !lock;
    if (!lock) lock.lock();
  }
  counted.start(has_waited);
  const events::Span running(events::Type::nc_exec_running, first / model.lnc_size, &model);
  const bool together = std::any_of(stages.begin(), stages.end(), [&](std::size_t stage) {
    return sim::needs_peer(*model.stages[stage].loaded);
  });
  for (std::size_t i = 0; i < (together ? 1 : stages.size()); ++i) {
    auto done = together ? run_together(model, placement, stages, cores.subspan(first), values)
                         : run_stage(model, placement, stages[i], *cores[first + i], values);
    if (done) continue;
    counted.finish(host::status_of(done.error().code));
    return as_device_says(done.error(), model, first);
  }
  counted.finish(host::Status::success);
  return {};
}

/// The placement whose first core is free, else the next in turn.
Placement& choose(nrt_model& model, std::span<const std::unique_ptr<CoreSlot>> cores) {
  const std::size_t count = model.placements.size();
  if (count == 1) return model.placements[0];
  const std::size_t turn = model.next_placement.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    Placement& placement = model.placements[(turn + i) % count];
    if (std::unique_lock(cores[placement.first_core]->busy, std::try_to_lock)) return placement;
  }
  return model.placements[turn % count];
}

Result<> run_cpu(const nrt_model& model, const Step& step, const Spans& values) {
  const events::Span span(events::Type::cpu_node, static_cast<std::uint32_t>(model.vnc), &model);
  std::vector<CpuTensor> tensors;
  for (const int v : step.values) {
    const Value& value = model.values[static_cast<std::size_t>(v)];
    tensors.push_back({values[static_cast<std::size_t>(v)], value.type, &value.shape});
  }
  return call(step.function, step.name, tensors);
}

bool is_floating(DType type) {
  constexpr DType kFloats[] = {DType::BFloat16, DType::Float16, DType::Float32, DType::Float32r,
                               DType::Fp8E3,    DType::Fp8E4,   DType::Fp8E5};
  return std::find(std::begin(kFloats), std::end(kFloats), type) != std::end(kFloats);
}

Result<> check_nan(const nrt_model& model, const Spans& values) {
  for (std::size_t v = 0; v < model.values.size(); ++v) {
    const Value& value = model.values[v];
    if (value.tensor < 0 ||
        model.tensors[static_cast<std::size_t>(value.tensor)].usage != Usage::Output ||
        !is_floating(value.type))
      continue;
    for (std::size_t i = 0; i < value.size / size_of(value.type); ++i)
      if (std::isnan(load_as_float(values[v], i, value.type)))
        return status_error(NRT_EXEC_COMPLETED_WITH_NUM_ERR, Code::ExecutionFault,
                            "output {}: element {} is NaN", value.name, i);
  }
  return {};
}

}  // namespace

Result<> walk(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs,
              std::span<const std::unique_ptr<CoreSlot>> cores, host::Process& process) {
  const auto arena = TRY(Arena::of(model));
  Spans values(model.values.size());
  std::vector<nrt_tensor*> written;
  for (std::size_t v = 0; v < values.size(); ++v) {
    const Value& value = model.values[v];
    if (value.tensor >= 0) {
      const TensorInfo& info = model.tensors[static_cast<std::size_t>(value.tensor)];
      nrt_tensor* tensor =
          TRY(tensor_for(model, info, info.usage == Usage::Input ? inputs : outputs));
      values[v] = tensor->bytes.first(info.size);
      if (info.usage == Usage::Output) written.push_back(tensor);
    } else {
      values[v] = value.constant ? value.constant->bytes() : arena.at(value);
    }
  }
  Placement& placement = choose(model, cores);
  std::uint64_t spent_ns = model.modelled_ns;
  for (const Step& step : model.steps) {
    if (step.function) {
      const auto begin = Clock::now();
      TRY(run_cpu(model, step, values));
      spent_ns += static_cast<std::uint64_t>((Clock::now() - begin).count());
    }
    for (std::size_t i = 0; i < step.stages.size(); i += model.lnc_size)
      TRY(run_group(model, placement,
                    std::span(step.stages)
                        .subspan(i, std::min<std::size_t>(model.lnc_size, step.stages.size() - i)),
                    cores, process, values));
    if (model.timeout_ns && spent_ns > model.timeout_ns)
      return status_error(NRT_TIMEOUT, Code::Timeout,
                          "[NC {}] execution timeout ({} ms) on model {}, which takes {} ms",
                          placement.first_core, model.timeout_ns / 1'000'000, model.name,
                          spent_ns / 1'000'000);
  }
  if (model.fails_on_nan) TRY(check_nan(model, values));
  for (nrt_tensor* tensor : written) tensor->completions.fetch_add(1, std::memory_order_release);
  model.executions.fetch_add(1, std::memory_order_relaxed);
  return {};
}

}  // namespace neuron::nrt
