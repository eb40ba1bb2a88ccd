// SPDX-License-Identifier: Apache-2.0
#include "nrt/runtime.h"

#include <pthread.h>

#include <algorithm>
#include <string_view>

#include "base/log.h"
#include "nrt/api/border.h"
#include "nrt/async.h"
#include "nrt/collectives/worlds.h"
#include "nrt/cores.h"
#include "nrt/events.h"
#include "nrt/generation.h"
#include "nrt/input_dump.h"
#include "nrt/inspect.h"
#include "nrt/nrt.h"
#include "nrt/profile.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

using log::Level;

const host::Instance& box_or_default() {
  const auto named = host::instance();
  if (named && *named) return **named;
  return host::default_instance(host::Generation::V3);
}

void configure_memory(const host::Instance& box, std::uint32_t cores, std::uint64_t log_entries) {
  const std::uint32_t hbms = hbms_of(box);
  const std::uint32_t cores_per_hbm = std::max(1u, box.cores_per_device / hbms);
  device_memory().configure(cores, cores_per_hbm, box.cores_per_device,
                            box.device_memory_bytes / hbms, log_entries);
}

void warn_of_settings() {
  if (settings::is_set("NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS"))
    log::write("NRT", Level::Warn, "nrt_init",
               "NEURON_RT_ASYNC_EXEC_MAX_INFLIGHT_REQUESTS is no longer supported and is ignored; "
               "use nrta_execute_schedule");
}

/// What the package was built for must be what the box has.
Result<> check_generation(const nrt_model& model) {
  const auto* box = TRY(host::instance());
  if (!box) return {};
  if (model.stages.empty()) return {};  // all of it runs on the CPU
  const auto arch = sim::program_of(*model.stages[0].loaded).arch;
  const auto needs = generation_of(arch);
  if (needs == box->generation) return {};
  const bool allow_old = TRY(settings::flag("NEURON_RT_ALLOW_LEGACY_NEFF"));
  if (needs < box->generation && allow_old) return {};
  return status_error(NRT_HW_ERROR, Code::UnsupportedVersion,
                      "the package was compiled for target {}, {} has other NeuronCores; compile "
                      "it for that box or set NEURON_SIM_INSTANCE to one of its generation",
                      model.neff.target, box->type);
}

}  // namespace

Runtime& runtime() {
  static Runtime* const one = [] {
    auto* made = new Runtime;  // never destroyed: callers free tensors at exit
    ::pthread_atfork(nullptr, nullptr, [] { runtime().become_child(); });
    return made;
  }();
  return *one;
}

void Runtime::become_child() {
  if (state() == State::Running) state_ = State::Child;
}

Result<std::uint32_t> Runtime::total_cores() const {
  const auto* box = TRY(host::instance());
  if (!box) box = &host::default_instance(host::Generation::V3);
  return box->cores();
}

Result<std::uint32_t> Runtime::logical_size() const {
  for (const char* name : {"NEURON_LOGICAL_NC_CONFIG", "NEURON_RT_VIRTUAL_CORE_SIZE"}) {
    const auto size = TRY(settings::number(name));
    if (size > 2) return fail(Code::BadUsage, "{} is {}, expected 1 or 2", name, size);
    if (size != 0) return static_cast<std::uint32_t>(size);
  }
  return 1u;
}

Result<std::uint32_t> Runtime::visible_cores() const {
  if (state() == State::Running) return count_;
  const auto total = TRY(total_cores());
  const auto lnc = TRY(logical_size());
  const auto range = TRY(wanted_cores(total, box_or_default().cores_per_device, lnc));
  return range.count;
}

Result<> Runtime::init() {
  std::lock_guard lock(guard_);
  if (state() == State::Child)
    return fail(Code::BadState, "Incompatible runtime state: NRT_STATE_CHILD");
  if (state() == State::Running)
    return fail(Code::BadUsage, "nrt_init was called twice; call nrt_close first");
  TRY(settings::check_all());
  warn_of_settings();
  const auto total = TRY(total_cores());
  const auto lnc = TRY(logical_size());
  const auto& instance = box_or_default();
  const auto range = TRY(wanted_cores(total, instance.cores_per_device, lnc));
  host::Wish wish{range.first, range.count, lnc,
                  fmt::format("{}.{}.0", NRT_MAJOR_VERSION, NRT_MINOR_VERSION)};
  if (range.anywhere) wish.first.reset();
  const host::Box box = TRY(host::box());
  const auto log_entries = TRY(settings::number("NEURON_RT_DEBUG_MEMLOG_MAX_SIZE"));
  process_ = TRY(host::Process::claim(box, wish));
  first_ = process_->first();
  count_ = range.count;
  configure_memory(instance, count_, log_entries);
  cores_.clear();
  for (std::uint32_t i = 0; i < count_; ++i) cores_.push_back(std::make_unique<CoreSlot>());
  last_ = std::vector<std::atomic<std::uint32_t>>(count_);
  state_ = State::Running;
  log::write("NRT", Level::Info, "nrt_init", "Neuron Runtime {}.{}.0.0 (simulated)",
             NRT_MAJOR_VERSION, NRT_MINOR_VERSION);
  log::write("NRT", Level::Info, "nrt_init",
             "Instance info:: device count:{} cores per device:{} architecture:{}",
             instance.devices, instance.cores_per_device, instance.type);
  return inspect::begin_when_asked();
}

Result<> Runtime::check() const {
  switch (state()) {
    case State::Start:
      return fail(Code::BadState, "nrt_init has not been called");
    case State::Closed:
      return fail(Code::BadState, "nrt_close has been called");
    case State::Child:
      return fail(Code::BadState, "Incompatible runtime state: NRT_STATE_CHILD");
    case State::Running:
      break;
  }
  return {};
}

Result<> Runtime::close() {
  if (state() == State::Child)
    return fail(Code::BadState, "Incompatible runtime state: NRT_STATE_CHILD");
  async::stop_all();
  cc::leave_all();
  std::lock_guard lock(guard_);
  if (state() != State::Running)
    return fail(Code::BadState, "Unexpected runtime state: NRT_STATE_{}",
                state() == State::Start ? "START" : "CLOSED");
  inspect::end_when_asked();
  state_ = State::Closed;  // who comes now is refused, and the lock below is had in time
  std::unique_lock alone(life_);
  std::unique_lock models(models_guard_);
  for (const auto& [handle, model] : models_) {
    drop_profiles(*model);
    device_memory().forget_model(model->id);
    for (const Placement& p : model->placements) process_->remove_model(p.counter_id);
  }
  models_.clear();
  cores_.clear();
  process_.reset();
  return {};
}

std::shared_ptr<host::Process> Runtime::process() const {
  std::shared_lock lock(life_);
  return process_;
}

Result<> Runtime::check_core(std::int64_t vnc) const {
  const auto lnc = TRY(logical_size());
  if (vnc >= 0 && vnc < static_cast<std::int64_t>(count_ / lnc)) return {};
  log::write("TDRV", Level::Error, "db_vtpb_get_mla_and_tpb", "Could not find VNC id {}", vnc);
  return fail(Code::BadUsage, "Could not find VNC id {}; this process has {}", vnc, count_ / lnc);
}

std::shared_ptr<nrt_model> Runtime::find(const nrt_model* model) const {
  std::shared_lock lock(models_guard_);
  const auto at = models_.find(model);
  return at == models_.end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<nrt_model>> Runtime::models() const {
  std::shared_lock lock(models_guard_);
  std::vector<std::shared_ptr<nrt_model>> out;
  for (const auto& [handle, model] : models_) out.push_back(model);
  return out;
}

std::string Runtime::loaded_names() const {
  std::string names;
  for (const auto& model : models())
    names += (names.empty() ? "" : ", ") +
             (model->name.empty() ? fmt::format("NEFF {}", model->id) : model->name);
  return names.empty() ? "nothing" : names;
}

/// The first core of the run of cores with the fewest models, aligned to logical cores.
Result<std::uint32_t> Runtime::least_used(const nrt_model& model, std::uint32_t cores) const {
  std::vector<std::uint32_t> load(count_, 0);
  for (const auto& other : models())
    for (const Placement& p : other->placements)
      for (std::size_t c = 0; c < other->stages.size(); ++c) ++load[p.first_core + c];
  std::uint32_t best = 0, least = ~0u;
  for (std::uint32_t first = 0; first + cores <= count_; first += model.lnc_size) {
    const auto begin = load.begin() + first;
    const std::uint32_t most = *std::max_element(begin, begin + cores);
    if (most < least) best = first;
    least = std::min(least, most);
  }
  return best;
}

Result<> Runtime::register_model(const std::shared_ptr<nrt_model>& model, int vnc, int vnc_count) {
  const std::uint32_t needs = model->logical_cores();
  std::uint32_t copies = 1;
  if (vnc_count > 1 && static_cast<std::uint32_t>(vnc_count) != model->lnc_size) {
    if (static_cast<std::uint32_t>(vnc_count) % needs != 0)
      return fail(Code::BadUsage, "vnc_count is {}, no multiple of the {} cores of the model",
                  vnc_count, needs);
    copies = static_cast<std::uint32_t>(vnc_count) / needs;
  }
  const std::uint64_t cores = std::uint64_t{needs} * model->lnc_size * copies;
  const auto explicit_size = TRY(logical_size());
  const bool is_told = settings::is_set("NEURON_LOGICAL_NC_CONFIG") ||
                       settings::is_set("NEURON_RT_VIRTUAL_CORE_SIZE");
  if (is_told && explicit_size != model->lnc_size)
    return fail(Code::BadUsage,
                "the package was compiled for logical cores of {} NeuronCores, "
                "NEURON_LOGICAL_NC_CONFIG is {}",
                model->lnc_size, explicit_size);
  if (cores > count_)
    return status_error(NRT_LOAD_NOT_ENOUGH_NC, Code::NoResource,
                        "{} needs {} NeuronCores, {} are visible; loaded here: {}; let this "
                        "process see more (NEURON_RT_VISIBLE_CORES, NEURON_RT_NUM_CORES) or "
                        "compile for fewer",
                        model->name, cores, count_, loaded_names());
  std::uint32_t first = 0;
  if (vnc < 0)
    first = TRY(least_used(*model, static_cast<std::uint32_t>(cores)));
  else
    first = static_cast<std::uint32_t>(vnc) * model->lnc_size;
  if (vnc >= static_cast<int>(count_) || first + cores > count_) {
    log::write("TDRV", Level::Error, "db_vtpb_get_mla_and_tpb", "Could not find VNC id {}",
               (first + cores) / model->lnc_size - 1);
    log::write("NMGR", Level::Error, "dlr_kelf_stage", "Failed to create shared io");
    log::write("NMGR", Level::Error, "stage_kelf_models",
               "Failed to stage graph: kelf-0.json to NeuronCore");
    log::write("NMGR", Level::Error, "kmgr_load_nn_post_metrics", "Failed to load NN: {}, err: {}",
               model->name, static_cast<int>(NRT_INVALID));
    return fail(Code::BadUsage, "Could not find VNC id {}: {} needs {} NeuronCores, {} are visible",
                vnc, model->name, cores, count_);
  }
  model->vnc = static_cast<int>(first / model->lnc_size);
  for (std::uint32_t c = 0; c < copies; ++c)
    if (auto placed = place(*model, first + c * needs * model->lnc_size); !placed)
      return status_error(NRT_RESOURCE, placed.error().code, "{}: {}; loaded here: {}", model->name,
                          placed.error().message, loaded_names());
  for (Placement& p : model->placements)
    p.counter_id = process_->add_model(parts_of(*model, p.first_core));
  return {};
}

Result<nrt_model*> Runtime::load(const SharedBytes& neff, int vnc, int vnc_count) {
  TRY(check());
  const events::Span span(events::Type::nrt_load, vnc < 0 ? 0 : static_cast<std::uint32_t>(vnc),
                          nullptr, neff.size());
  auto model = TRY(nrt::load(neff));
  TRY(check_generation(*model));
  std::lock_guard lock(guard_);
  TRY(check());  // it may have been closed meanwhile
  model->id = next_id_++;
  device_memory().name_model(model->id, model->name);
  if (auto done = register_model(model, vnc, vnc_count); !done) {
    device_memory().forget_model(model->id);
    return std::move(done).error();
  }
  inspect::note_load(*model);
  let_go(*model);
  std::unique_lock models(models_guard_);
  models_.emplace(model.get(), model);
  return model.get();
}

Result<> Runtime::unload(const nrt_model* handle) {
  TRY(check());
  std::lock_guard lock(guard_);
  std::shared_ptr<nrt_model> model;
  {
    std::unique_lock models(models_guard_);
    const auto at = models_.find(handle);
    if (at == models_.end())
      return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "no such model is loaded");
    model = std::move(at->second);
    models_.erase(at);
  }
  const events::Span span(events::Type::nrt_unload, static_cast<std::uint32_t>(model->vnc),
                          model.get());
  inspect::note_unload(*model);
  drop_profiles(*model);
  device_memory().forget_model(model->id);
  for (const Placement& p : model->placements) process_->remove_model(p.counter_id);
  return {};  // executions that still run hold the model until they end
}

std::shared_ptr<nrt_model> Runtime::last_on(std::uint32_t vnc) const {
  for (const auto& model : models())
    for (const Placement& p : model->placements)
      if (p.first_core / model->lnc_size == vnc && p.first_core < last_.size() &&
          last_[p.first_core].load() == model->id)
        return model;
  return nullptr;
}

Result<> Runtime::execute(const nrt_model* handle, const TensorSet& inputs,
                          const TensorSet& outputs) {
  std::shared_lock alive(life_);
  TRY(check());
  const auto model = find(handle);
  if (!model) return status_error(NRT_INVALID_HANDLE, Code::BadUsage, "no such model is loaded");
  const events::Span span(events::Type::nrt_execute, static_cast<std::uint32_t>(model->vnc),
                          model.get());
  for (const Placement& p : model->placements)
    last_[p.first_core].store(model->id, std::memory_order_relaxed);
  auto done = walk(*model, inputs, outputs, cores_, *process_);
  if (done) return done;
  if (done.error().code == Code::BadInput)
    process_->count_call(static_cast<std::uint32_t>(model->vnc) * model->lnc_size,
                         host::status_of(done.error().code));
  log::write("NMGR", Level::Error, "dlr_infer",
             "Inference completed with err: {}. mode->h_nn={}, lnc={}",
             static_cast<int>(status_of(done.error())), model->id, model->vnc);
  inspect::note_failure();
  dump_inputs_when_asked(*model, inputs, done.error());
  return done;
}

}  // namespace neuron::nrt
