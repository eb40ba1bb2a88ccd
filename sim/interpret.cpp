// SPDX-License-Identifier: Apache-2.0
// The reference: five engines that run in order, wait for semaphores and tell when they are done.
// Transfers of one queue complete in the order in which they were started.
#include <deque>
#include <random>

#include "sim/ops/prelude.h"

namespace neuron::sim {
namespace {

using isa::kEngines;

class Interpreter {
 public:
  Interpreter(const Loaded& loaded, std::span<std::byte> memory, Variables variables)
      : loaded_(loaded),
        machine_(memory, loaded.longest_row),
        variables_(variables),
        pending_(loaded.program.queues.size()) {}

  /// Engine after engine, each as far as it gets; transfers happen when they are started.
  Result<> run() {
    for (bool moved = true; moved;) {
      moved = false;
      for (int e = 0; e < kEngines; ++e)
        while (ready(e)) {
          step(e);
          finish_transfers();
          moved = true;
        }
    }
    return check_ends();
  }

  /// One step of a random engine or queue at a time.
  Result<> run_shuffled(std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<std::size_t> choices;
    for (;;) {
      choices.clear();
      for (int e = 0; e < kEngines; ++e)
        if (ready(e)) choices.push_back(static_cast<std::size_t>(e));
      for (std::size_t q = 0; q < pending_.size(); ++q)
        if (!pending_[q].empty()) choices.push_back(kEngines + q);
      if (choices.empty()) return check_ends();
      const std::size_t chosen = choices[random() % choices.size()];
      if (chosen < kEngines)
        step(static_cast<int>(chosen));
      else
        finish_one(chosen - kEngines);
    }
  }

 private:
  bool ready(int e) const {
    if (pc_[e] == loaded_.steps[e].size()) return false;
    const Step& s = loaded_.steps[e][pc_[e]];
    for (int w = 0; w < s.wait_count; ++w)
      if (semaphores_[s.waits[w].semaphore.value] < s.waits[w].value) return false;
    return true;
  }

  void step(int e) {
    const Step& s = loaded_.steps[e][pc_[e]++];
    std::visit(
        [&](const auto& op) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(op)>, std::monostate>)
            execute(machine_, op);
        },
        s.op);
    if (s.transfer >= 0) {
      const Transfer& t = loaded_.transfers[static_cast<std::size_t>(s.transfer)];
      pending_[t.queue.value].push_back(&t);
      started_ = true;
    }
    if (s.updates) ++semaphores_[s.update.value];
  }

  void finish_transfers() {
    if (!std::exchange(started_, false)) return;
    for (std::size_t q = 0; q < pending_.size(); ++q)
      while (!pending_[q].empty()) finish_one(q);
  }

  void finish_one(std::size_t queue) {
    const Transfer& t = *pending_[queue].front();
    pending_[queue].pop_front();
    run_transfer(t, variables_);
    semaphores_[t.semaphore.value] += t.increment;
  }

  Result<> check_ends() const {
    std::string waiting;
    for (int e = 0; e < kEngines; ++e) {
      if (pc_[e] == loaded_.steps[e].size()) continue;
      const Step& s = loaded_.steps[e][pc_[e]];
      waiting += fmt::format("{}{} pc {} waits for", waiting.empty() ? "" : "; ",
                             isa::info(static_cast<isa::Engine>(e)).shown, pc_[e]);
      for (int w = 0; w < s.wait_count; ++w) {
        const auto [semaphore, value] = s.waits[w];
        if (semaphores_[semaphore.value] < value)
          waiting += fmt::format(" S[{}]>={} (is {})", semaphore.value, value,
                                 semaphores_[semaphore.value]);
      }
    }
    if (waiting.empty()) return {};
    return fail(Code::ExecutionFault, "deadlock: {}", waiting);
  }

  const Loaded& loaded_;
  Machine machine_;
  Variables variables_;
  std::array<std::size_t, kEngines> pc_{};
  std::array<std::uint64_t, 256> semaphores_{};
  std::vector<std::deque<const Transfer*>> pending_;
  bool started_ = false;
};

/// The bytes of every variable: Local ones are the core's own.
Result<std::vector<std::span<std::byte>>> place(const Program& program, Core& core,
                                                Variables variables) {
  std::vector<std::span<std::byte>> placed(program.variables.size());
  for (std::size_t i = 0; i < placed.size(); ++i) {
    const Variable& v = program.variables[i];
    if (v.storage == Storage::Local) placed[i] = core.memory();
    if (v.storage != Storage::Device) continue;
    const std::size_t given = i < variables.size() ? variables[i].size() : 0;
    if (given < v.size)
      return fail(Code::BadInput, "variable {} has {} bytes, expected {}", v.name, given, v.size);
    placed[i] = variables[i];
  }
  return placed;
}

}  // namespace

Result<> execute(const Loaded& loaded, Core& core, std::span<const std::span<std::byte>> variables,
                 std::optional<std::uint64_t> shuffle) {
  const Program& program = loaded.program;
  if (core.arch() != program.arch)
    return fail(Code::Mismatch, "{}: compiled for {}, the core is a {}", program.name,
                isa::arch(program.arch).name, isa::arch(core.arch()).name);
  const auto placed = TRY(place(program, core, variables).within(program.name));
  Interpreter interpreter(loaded, core.memory(), placed);
  return (shuffle ? interpreter.run_shuffled(*shuffle) : interpreter.run()).within(program.name);
}

}  // namespace neuron::sim
