// SPDX-License-Identifier: Apache-2.0
#include "nrt/model.h"

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "base/workers.h"
#include "nrt/counting.h"
#include "nrt/graph.h"
#include "nrt/program.h"
#include "nrt/settings.h"

namespace neuron::nrt {
namespace {

/// The documented 0x80000000000000ff, and bits 10, 11, 12, 15, 21 and 24 of public packages whose
/// programs run here; any other bit may change what a program means.
constexpr std::uint64_t kSupportedFeatures = 0x8000000001209cff;

Result<> check_header(const neff::Package& package) {
  const std::uint64_t features = package.header.feature_bits;
  const std::uint64_t major = package.header.neff_version_major,
                      minor = package.header.neff_version_minor;
  if (features & ~kSupportedFeatures)
    return fail(Code::UnsupportedVersion,
                "NEFF version: {}.{}, features: {:#x} are not supported.  Currently supporting: "
                "{:#x}",
                major, minor, features & ~kSupportedFeatures, kSupportedFeatures);
  const bool validate = TRY(settings::flag("NEURON_RT_VALIDATE_HASH"));
  if (validate && !neff::hash_matches(package.header, package.archive))
    return fail(Code::Malformed, "the hash of the header is not that of the package's data");
  return {};
}

/// A limit of time counts what a device would take, where that is known before the execution.
Result<> note_modelled_time(nrt_model& model) {
  const auto is_timed = [](const Stage& s) { return !sim::has_branches(*s.loaded); };
  if (model.timeout_ns == 0 || !std::all_of(model.stages.begin(), model.stages.end(), is_timed))
    return {};  // by the host
  const auto modelled_ps = TRY(modelled_time_ps(model));
  model.modelled_ns = modelled_ps / 1000;
  return {};
}

Result<> read_settings(nrt_model& model) {
  const bool nan_flag = TRY(settings::flag("NEURON_FAIL_ON_NAN"));
  const std::string verbosity = settings::text("NEURON_RT_NUMERICAL_ERRORS_VERBOSITY");
  model.fails_on_nan = nan_flag || (verbosity != "none" && verbosity != "0");
  const auto seconds = TRY(settings::number("NEURON_RT_EXEC_TIMEOUT"));
  // The default is longer than anything runs on a device; looking at the clock is not free.
  if (!settings::is_set("NEURON_RT_EXEC_TIMEOUT")) return {};
  model.timeout_ns = std::max<std::uint64_t>(1, seconds * 1'000'000'000);
  return note_modelled_time(model);
}

std::uint64_t scratchpad_bytes(const neff::Subgraph& subgraph) {
  std::uint64_t most = 0;
  for (const neff::Variable& v : subgraph.variables)
    if (v.kind == neff::VariableKind::Virtual) most = std::max(most, v.backing_offset + v.size);
  return most;
}

bool holds_mostly_constants(const nrt_model& model) {
  std::uint64_t all = 0, constants = 0;
  for (const neff::Member& m : model.package.members) all += m.bytes.size();
  for (const neff::Subgraph& s : model.neff.subgraphs)
    for (const neff::Variable& v : s.variables)
      if (v.kind == neff::VariableKind::File) constants += v.size;
  return constants >= all / 2;
}

/// Gives the variables of one subgraph their bytes on one core.
class Placer {
 public:
  Placer(nrt_model& model, std::size_t stage, Placement& placement)
      : model_(model),
        subgraph_(model.neff.subgraphs[stage]),
        stage_(stage),
        is_written_(written()),
        mostly_constants_(holds_mostly_constants(model)),
        placement_(placement),
        resident_(placement.resident[stage]) {}

  Result<> run() {
    resident_.resize(model_.stages[stage_].bound.size());
    TRY(charge_program());
    const auto pad = TRY(allocate(scratchpad_bytes(subgraph_), MemoryUse::SharedScratchpad));
    for (const neff::Variable& v : subgraph_.variables) TRY(bind(v, pad));
    for (const neff::Variable& v : subgraph_.variables)
      if (v.kind == neff::VariableKind::Pointer) resident_[v.id] = resident_[*v.referenced];
    copy_constants();
    make_plan();
    return {};
  }

 private:
  /// NEURON_SIM_INTERPRET=1 asks for the interpreter, and a program that no plan can hold gets it.
  void make_plan() {
    auto& plan = placement_.plans.emplace_back();
    const char* interpret = std::getenv("NEURON_SIM_INTERPRET");
    if (interpret && *interpret && std::string_view(interpret) != "0") return;
    std::vector<ByteView> constants(resident_.size());
    for (const neff::Variable& v : subgraph_.variables)
      if (v.kind == neff::VariableKind::File) constants[v.id] = resident_[v.id];
    for (const neff::Variable& v : subgraph_.variables)
      if (v.kind == neff::VariableKind::Pointer) constants[v.id] = constants[*v.referenced];
    auto made = sim::make_plan(*model_.stages[stage_].loaded, constants);
    if (made)
      plan = *std::move(made);
    else
      log::write("NRT", log::Level::Debug, "load", "{}: runs by the interpreter: {}",
                 subgraph_.name, made.error().message);
  }

  Owner owner(MemoryUse use) const {
    return {placement_.first_core + static_cast<std::uint32_t>(stage_), use, model_.id,
            subgraph_.name};
  }

  Result<std::span<std::byte>> allocate(std::uint64_t size, MemoryUse use) {
    if (size == 0) return std::span<std::byte>();
    auto storage = TRY(Storage::on_device(size, owner(use)));
    placement_.memory.push_back(storage);
    return storage->bytes();
  }

  Result<> charge_program() {
    std::uint64_t code = 0, descriptors = 0;
    for (const neff::EngineProgram& e : subgraph_.engines) {
      code += e.instructions.size();
      for (const neff::Transfer& t : e.transfers) descriptors += t.descriptors.size();
    }
    auto programs = TRY(device_memory().charge(code, owner(MemoryUse::ModelCode)));
    placement_.charges.push_back(std::move(programs));
    // A descriptor is 16 bytes.
    auto rings = TRY(device_memory().charge(descriptors * 16, owner(MemoryUse::DmaRingsIo)));
    placement_.charges.push_back(std::move(rings));
    return {};
  }

  Result<> bind(const neff::Variable& v, std::span<std::byte> pad) {
    switch (v.kind) {
      case neff::VariableKind::Virtual:
        resident_[v.id] = pad.subspan(v.backing_offset, v.size);
        break;
      case neff::VariableKind::TmpBuf:
        resident_[v.id] = TRY(allocate(v.size, MemoryUse::Scratchpad));
        break;
      case neff::VariableKind::File:
        resident_[v.id] = TRY(constant(v));
        break;
      default:
        break;
    }
    return {};
  }

  Result<std::span<std::byte>> constant(const neff::Variable& v) {
    const bool share = TRY(settings::flag("NEURON_RT_MULTI_INSTANCE_SHARED_WEIGHTS"));
    if (share && !model_.placements.empty()) return model_.placements[0].resident[stage_][v.id];
    const auto data = TRY(neff::constant_of(model_.package, subgraph_, v));
    if (may_stay(v, data)) {
      auto storage = TRY(Storage::on_device(data, owner(MemoryUse::ModelConstants)));
      placement_.memory.push_back(storage);
      return storage->bytes();
    }
    auto bytes =
        TRY(allocate(std::max<std::uint64_t>(v.size, data.size()), MemoryUse::ModelConstants));
    copies_.push_back({data, bytes});
    return bytes;
  }
  /// Constants of bytes that the caller takes back, by all threads: memory is the bottleneck.
  void copy_constants() {
    static constexpr std::size_t kStep = std::size_t{4} << 20;
    std::uint64_t all = 0;
    for (const Copy& c : copies_) all += c.from.size();
    Workers workers(Workers::for_bytes(all));
    std::vector<std::future<void>> jobs;
    for (const auto& [from, to] : copies_)
      for (std::size_t at = 0; at < from.size(); at += kStep)
        jobs.push_back(workers.run([from = from.view().subspan(at), to = to.subspan(at)] {
          std::copy_n(from.begin(), std::min(kStep, from.size()), to.begin());
        }));
    for (auto& job : jobs) job.get();
    copies_.clear();
  }

  /// Whether a constant may be used where it lies: nothing writes to it, and what lies around it
  /// costs no memory, or less than a copy.
  bool may_stay(const neff::Variable& v, const SharedBytes& data) const {
    constexpr std::uintptr_t kAlignment = alignof(std::max_align_t);
    return data.is_kept() && data.size() >= v.size && data.size() > 0 && !is_written_[v.id] &&
           reinterpret_cast<std::uintptr_t>(data.data()) % kAlignment == 0 &&
           (data.file() != nullptr || mostly_constants_);
  }

  /// By id, also through pointers.
  std::vector<bool> written() const {
    auto written = sim::written_variables(*model_.stages[stage_].loaded);
    for (const neff::Variable& v : subgraph_.variables)
      if (v.kind == neff::VariableKind::Pointer && written[v.id]) written[*v.referenced] = true;
    return written;
  }

  nrt_model& model_;
  const neff::Subgraph& subgraph_;
  std::size_t stage_;
  std::vector<bool> is_written_;
  bool mostly_constants_;  ///< of the package's bytes
  struct Copy {
    SharedBytes from;
    std::span<std::byte> to;
  };
  std::vector<Copy> copies_;
  Placement& placement_;
  std::vector<std::span<std::byte>>& resident_;
};

}  // namespace

Placement::~Placement() {
  for (const Charge& charge : charges) device_memory().release(charge);
}

Result<std::shared_ptr<nrt_model>> load(const SharedBytes& neff) {
  auto model = std::make_shared<nrt_model>();
  model->package = TRY(neff::view(neff, {}, neff::Inflate::ToMemory));
  TRY(check_header(model->package));
  model->neff = TRY(neff::model_of(model->package));
  model->name = std::string(neff::text_of(model->package.header.name));
  model->lnc_size = std::max(1u, std::uint32_t{model->package.header.lnc_size});
  const bool has_cpu_nodes =
      std::any_of(model->neff.nodes.begin(), model->neff.nodes.end(),
                  [](const neff::Node& n) { return n.executor == neff::Executor::Cpu; });
  if (model->neff.subgraphs.empty() && !has_cpu_nodes)
    return fail(Code::Malformed, "the package holds no subgraph to run");
  TRY(build_graph(*model));
  model->flops = flops_of(*model);
  TRY(read_settings(*model));
  return model;
}

void let_go(nrt_model& model) {
  model.package.archive = {};
  model.package.members.clear();
  for (neff::Subgraph& s : model.neff.subgraphs)
    for (neff::EngineProgram& e : s.engines) e.instructions.edit();
}

Result<> place(nrt_model& model, std::uint32_t first_core) {
  Placement placement;
  placement.first_core = first_core;
  placement.resident.resize(model.stages.size());
  for (std::size_t s = 0; s < model.stages.size(); ++s)
    TRY(Placer(model, s, placement).run().within(model.neff.subgraphs[s].name));
  model.placements.push_back(std::move(placement));
  return {};
}

Result<Schedules> schedules_of(nrt_model& model) {
  std::lock_guard lock(model.schedules_guard);
  if (!model.schedules) {
    std::vector<sim::Schedule> schedules;
    for (std::size_t s = 0; s < model.stages.size(); ++s) {
      const sim::Loaded& loaded = *model.stages[s].loaded;
      const auto way = model.ways.find(s);
      auto schedule = way == model.ways.end() ? sim::schedule(loaded, model.clock)
                                              : sim::schedule(loaded, way->second, model.clock);
      if (!schedule) return std::move(schedule).error();
      schedules.push_back(*std::move(schedule));
    }
    model.schedules = std::make_shared<const std::vector<sim::Schedule>>(std::move(schedules));
  }
  return model.schedules;
}

Result<> set_clock(nrt_model& model, sim::Clock clock) {
  {
    std::lock_guard lock(model.schedules_guard);
    model.clock = std::move(clock);
    model.schedules.reset();
  }
  return note_modelled_time(model);
}

void note_way(nrt_model& model, std::size_t stage, sim::Way way) {
  std::lock_guard lock(model.schedules_guard);
  sim::Way& last = model.ways[stage];
  if (last.stops == way.stops && last.is_whole == way.is_whole) return;
  last = std::move(way);
  model.schedules.reset();
}

Result<std::uint64_t> modelled_time_ps(nrt_model& model) {
  const auto schedules = TRY(schedules_of(model));
  std::uint64_t total = 0;
  for (const Step& step : model.steps) {
    // Subgraphs of one logical core run together, logical cores of a node one after another.
    std::uint64_t longest = 0;
    for (std::size_t i = 0; i < step.stages.size(); ++i) {
      longest = std::max(longest, (*schedules)[step.stages[i]].total_ps);
      if ((i + 1) % model.lnc_size != 0 && i + 1 != step.stages.size()) continue;
      total += std::exchange(longest, 0);
    }
  }
  return total;
}

}  // namespace neuron::nrt

std::uint32_t nrt_model::logical_cores() const {
  const auto cores = static_cast<std::uint32_t>(stages.size());
  return std::max(1u, (cores + lnc_size - 1) / lnc_size);
}
