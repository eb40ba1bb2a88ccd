// SPDX-License-Identifier: Apache-2.0
// Runs programs to their ends with the reference interpreter: one core, or those of one logical
// core together.
#include <algorithm>
#include <random>

#include "sim/interpreter.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

using isa::kEngines;

/// The cores of one logical core, and who looks on.
class Group {
 public:
  Group(std::deque<Interpreter>& cores, Watcher* watcher) : cores_(cores), watcher_(watcher) {}

  /// Engine after engine, each as far as it gets; transfers happen when they are started.
  Result<> run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t c = 0; c < cores_.size(); ++c)
        for (int e = 0; e < kEngines; ++e)
          while (cores_[c].ready(e)) {
            TRY(step(c, e));
            TRY(finish_transfers(c));
            moved = true;
          }
    }
    return check_ends();
  }

  /// One step of a random engine or queue at a time.
  Result<> run_shuffled(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::pair<std::size_t, std::size_t>> choices;
    for (;;) {
      choices.clear();
      for (std::size_t c = 0; c < cores_.size(); ++c) {
        for (int e = 0; e < kEngines; ++e)
          if (cores_[c].ready(e)) choices.emplace_back(c, e);
        for (std::size_t q = 0; q < cores_[c].queues(); ++q)
          if (cores_[c].next_transfer(q) != nullptr) choices.emplace_back(c, kEngines + q);
      }
      if (choices.empty()) return check_ends();
      const auto [core, chosen] = choices[random() % choices.size()];
      if (chosen < kEngines)
        TRY(step(core, static_cast<int>(chosen)));
      else
        TRY(finish(core, chosen - kEngines));
    }
  }

 private:
  Result<> step(std::size_t core, int e) {
    if (watcher_ == nullptr) return cores_[core].step(e);
    const Moment moment{core, cores_[core], static_cast<isa::Engine>(e), cores_[core].pc(e),
                        nullptr};
    TRY(watcher_->before(moment));
    TRY(cores_[core].step(e));
    return watcher_->after(moment);
  }
  Result<> finish(std::size_t core, std::size_t queue) {
    if (watcher_ == nullptr) return cores_[core].finish_one(queue);
    const Pending pending = *cores_[core].next_transfer(queue);
    const Moment moment{core, cores_[core], pending.issuer, pending.pc, &pending.transfer};
    TRY(watcher_->before(moment));
    TRY(cores_[core].finish_one(queue));
    return watcher_->after(moment);
  }
  Result<> finish_transfers(std::size_t core) {
    for (std::size_t q = 0; q < cores_[core].queues(); ++q)
      while (cores_[core].next_transfer(q) != nullptr) {
        TRY(finish(core, q));
      }
    return {};
  }

  Result<> check_ends() const {
    std::string waiting;
    for (const Interpreter& core : cores_) {
      const std::string text = core.waiting();
      if (text.empty()) continue;
      if (!waiting.empty()) waiting += "; ";
      if (cores_.size() > 1) waiting += core.loaded().program.name + ": ";
      waiting += text;
    }
    if (waiting.empty()) return {};
    return fail(Code::ExecutionFault, "deadlock: {}", waiting);
  }

  std::deque<Interpreter>& cores_;
  Watcher* watcher_;
};

/// The bytes of every variable: Local ones are the core's own, RemoteCore ones its peer's.
Result<std::vector<std::span<std::byte>>> place(const Part& part, Core* peer) {
  const Program& program = part.loaded->program;
  std::vector<std::span<std::byte>> placed(program.variables.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const Variable& v = program.variables[i];
    if (v.storage == Storage::Local) placed[i] = part.core->memory();
    if (v.storage == Storage::RemoteCore && peer != nullptr) placed[i] = peer->memory();
    if (v.storage != Storage::Device) continue;
    const std::size_t given = i < part.variables.size() ? part.variables[i].size() : 0;
    if (given < v.size)
      return fail(Code::BadInput, "variable {} has {} bytes, expected {}", v.name, given, v.size);
    placed[i] = part.variables[i];
  }
  return placed;
}

Result<> check_part(const Part& part, std::size_t parts) {
  const Program& program = part.loaded->program;
  if (part.core->arch() != program.arch)
    return fail(Code::Mismatch, "compiled for {}, the core is a {}", isa::arch(program.arch).name,
                isa::arch(part.core->arch()).name);
  if (part.loaded->needs_peer && parts != 2)
    return fail(Code::ExecutionFault,
                "works with the other core of its logical core: run both together");
  return {};
}

/// Brings the constants that stay in SBUF, unless they are there already.
void take_up(std::size_t index, const Part& part, Interpreter& machine, Watcher* watcher) {
  const Loaded& loaded = *part.loaded;
  if (part.core->holder() == loaded.serial && machine.computes()) return;
  for (const std::size_t i : loaded.at_load) {
    const Transfer& t = loaded.transfers[i];
    if (watcher != nullptr)
      watcher->prepared({index, machine, loaded.program.queues[t.queue.value].owner, 0, &t});
    if (machine.computes()) run_transfer(t, machine.variables());
  }
  part.core->hold_for(machine.computes() ? loaded.serial : 0);
}

}  // namespace

Result<> execute_watched(std::span<const Part> parts, Watcher* watcher,
                         std::optional<std::uint64_t> shuffle) {
  std::deque<Interpreter> cores;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    TRY(check_part(part, parts.size()).within(part.loaded->program.name));
    Core* peer = parts.size() == 2 ? parts[1 - i].core : nullptr;
    auto placed = TRY(place(part, peer).within(part.loaded->program.name));
    cores.emplace_back(*part.loaded, part.core->memory(), std::move(placed));
    cores.back().set_rounding(part.core->rounding());
    cores.back().set_port(part.core->port());
  }
  if (cores.size() == 2) {
    cores[0].set_peer(&cores[1]);
    cores[1].set_peer(&cores[0]);
  }
  const bool dynamic = std::ranges::any_of(
      parts, [](const Part& part) { return part.loaded->is_dynamic || part.loaded->is_indirect; });
  if (watcher != nullptr && !watcher->needs_values() && !dynamic)
    for (Interpreter& core : cores) core.skip_values();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    take_up(i, parts[i], cores[i], watcher);
    if (parts.size() > 1) parts[i].core->hold_for(0);  // the other core may write here
  }
  Group group(cores, watcher);
  return shuffle ? group.run_shuffled(*shuffle) : group.run();
}

Result<> execute_together(std::span<const Part> parts, std::optional<std::uint64_t> shuffle) {
  return execute_watched(parts, nullptr, shuffle);
}

Result<> execute(const Loaded& loaded, Core& core, std::span<const std::span<std::byte>> variables,
                 std::optional<std::uint64_t> shuffle) {
  const Part part{&loaded, &core, variables};
  // Errors of the parts name their program already.
  auto ran = execute_watched(std::span(&part, 1), nullptr, shuffle);
  if (ran || ran.error().message.starts_with(loaded.program.name)) return ran;
  return std::move(ran).error().within(loaded.program.name);
}

}  // namespace neuron::sim
