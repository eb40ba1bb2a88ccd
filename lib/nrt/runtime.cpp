// SPDX-License-Identifier: Apache-2.0
#include "nrt/runtime.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/log.h"
#include "nrt/nrt.h"
#include "nrt/profile.h"

namespace neuron::nrt {
namespace {

struct Range {
  std::uint32_t first, count;
  bool anywhere = false;  ///< the first cores that are free will do
};

Result<std::uint32_t> number(std::string_view text, const char* variable) {
  std::uint32_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size())
    return fail(Code::BadUsage, "{}: \"{}\" is no core number", variable, text);
  return value;
}

/// "3", "3-6", "3,4,5" or "3-5,6": cores must ascend without a gap.
Result<Range> visible_range(std::string_view text) {
  constexpr const char* kVariable = "NEURON_RT_VISIBLE_CORES";
  std::optional<Range> all;
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto part = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    const auto dash = part.find('-');
    const auto first = TRY(number(part.substr(0, dash), kVariable));
    auto last = first;
    if (dash != std::string_view::npos) last = TRY(number(part.substr(dash + 1), kVariable));
    if (last < first || (all && first != all->first + all->count))
      return fail(Code::BadUsage, "Neuron cores are not contiguous");
    all = Range{all ? all->first : first, (all ? all->count : 0) + last - first + 1};
  }
  if (!all) return fail(Code::BadUsage, "{} is empty", kVariable);
  return *all;
}

Result<Range> wanted_cores(std::uint32_t total) {
  if (const char* visible = std::getenv("NEURON_RT_VISIBLE_CORES"); visible && *visible)
    return visible_range(visible);
  if (const char* text = std::getenv("NEURON_RT_NUM_CORES"); text && *text) {
    const auto count = TRY(number(text, "NEURON_RT_NUM_CORES"));
    if (count != 0) return Range{0, count, true};
  }
  return Range{0, total};
}

}  // namespace

Runtime& runtime() {
  static Runtime* const one = new Runtime;  // never destroyed: callers free tensors at exit
  return *one;
}

Result<std::uint32_t> Runtime::total_cores() const {
  const auto* box = TRY(host::instance());
  if (!box) box = &host::default_instance(host::Generation::V3);
  return box->cores();
}

Result<std::uint32_t> Runtime::visible_cores() const {
  if (state_ == State::Running) return count_;
  const auto total = TRY(total_cores());
  const auto range = TRY(wanted_cores(total));
  return range.count;
}

Result<> Runtime::init() {
  std::lock_guard lock(guard_);
  if (state_ == State::Running)
    return fail(Code::BadUsage, "nrt_init was called twice; call nrt_close first");
  const auto total = TRY(total_cores());
  const auto range = TRY(wanted_cores(total));
  if (range.first >= total || range.count > total - range.first)
    return fail(Code::NoResource,
                "Logical Neuron Core(s) not available - Requested:lnc{}-lnc{} Available:{}",
                range.first, range.first + range.count - 1, total);
  const auto version = fmt::format("{}.{}.0", NRT_MAJOR_VERSION, NRT_MINOR_VERSION);
  host::Wish wish{range.first, range.count, 1, version};
  if (range.anywhere) wish.first.reset();
  const host::Box box = TRY(host::box());
  process_ = TRY(host::Process::claim(box, wish));
  first_ = process_->first();
  count_ = range.count;
  cores_.resize(count_);
  while (busy_.size() < count_) busy_.push_back(std::make_unique<std::mutex>());
  owner_pid_ = ::getpid();
  state_ = State::Running;
  return {};
}

Result<> Runtime::check() const {
  if (state_ == State::Start) return fail(Code::BadState, "nrt_init has not been called");
  if (state_ == State::Closed) return fail(Code::BadState, "nrt_close has been called");
  if (owner_pid_ != ::getpid())
    return fail(Code::BadState, "Incompatible runtime state: NRT_STATE_CHILD");
  return {};
}

Result<> Runtime::close() {
  std::lock_guard lock(guard_);
  if (state_ != State::Running)
    return fail(Code::BadState, "Unexpected runtime state: NRT_STATE_START");
  for (const auto& model : models_) drop_profiles(*model);
  models_.clear();
  cores_.clear();
  process_.reset();
  state_ = State::Closed;
  return {};
}

Result<nrt_model*> Runtime::load(ByteView neff, int vnc) {
  TRY(check());
  auto model = TRY(nrt::load(neff, vnc));
  std::lock_guard lock(guard_);
  const auto need = static_cast<std::uint32_t>(model->stages.size());
  if (need > count_)
    return fail(Code::NoResource, "{} needs {} NeuronCores, {} are visible", model->name, need,
                count_);
  if (vnc >= 0) {
    if (static_cast<std::uint64_t>(vnc) * need + need > count_)
      return fail(Code::BadUsage, "Could not find VNC id {}", vnc);
    model->vnc = vnc;
  } else {
    model->vnc = static_cast<int>(next_ % (count_ / need));
    next_ = static_cast<std::uint32_t>(model->vnc) + 1;
  }
  model->id = process_->add_model(parts_of(*model, static_cast<std::uint32_t>(model->vnc) * need));
  model->flops = flops_of(*model);
  nrt_model* handle = model.get();
  models_.insert(std::move(model));
  return handle;
}

Result<> Runtime::unload(nrt_model* model) {
  TRY(check());
  std::lock_guard lock(guard_);
  const auto at = std::find_if(models_.begin(), models_.end(),
                               [&](const auto& held) { return held.get() == model; });
  if (at == models_.end()) return fail(Code::BadUsage, "no such model is loaded");
  drop_profiles(*model);
  process_->remove_model(model->id);
  models_.erase(at);
  return {};
}

sim::Core& Runtime::core(std::uint32_t index, isa::ArchId arch) {
  auto& slot = cores_[index];
  if (!slot || slot->arch() != arch) slot = std::make_unique<sim::Core>(arch);
  return *slot;
}

Result<> Runtime::execute(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs) {
  TRY(check());
  std::vector<std::unique_lock<std::mutex>> locks;
  std::vector<sim::Core*> cores;
  const auto stages = static_cast<std::uint32_t>(model.stages.size());
  const std::uint32_t first = static_cast<std::uint32_t>(model.vnc) * stages;
  bool has_waited = false;
  host::Execution counted(*process_, model.id, first, stages, model.flops);
  for (std::uint32_t s = 0; s < stages; ++s) {
    locks.emplace_back(*busy_[first + s], std::try_to_lock);
    has_waited |= !locks.back();
    if (!locks.back()) locks.back().lock();
    std::lock_guard lock(guard_);
    cores.push_back(&core(first + s, sim::program_of(*model.stages[s].loaded).arch));
  }
  counted.start(has_waited);
  auto done = nrt::execute(model, inputs, outputs, cores);
  counted.finish(done ? host::Status::success : host::status_of(done.error().code));
  return done;
}

}  // namespace neuron::nrt
