// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "neff/verify_parts.h"

// Semaphores without values: five streams in order, each instruction when its waits hold. Time and
// data do not matter to whether all streams end, because semaphores only grow.
namespace neuron::neff {
namespace {

constexpr std::size_t kSemaphores = 256;

using Semaphores = std::array<std::uint64_t, kSemaphores>;

struct Streams {
  Inspection& in;
  const Subgraph& subgraph;
  const std::vector<ReadProgram>& programs;
  std::map<std::pair<std::string_view, std::uint32_t>, Signal> of_transfer{};
  Semaphores now{}, ever{};
  std::vector<std::size_t> pcs{};
  bool foreign_help = false;

  void list_transfers() {
    std::map<std::string_view, std::uint32_t> rings;
    for (const Queue& q : subgraph.queues) rings.emplace(q.name, q.rings);
    for (const ReadProgram& p : programs)
      for (const Transfer& t : p.engine().transfers)
        if (t.semaphore && rings.contains(t.queue))
          of_transfer.emplace(std::pair<std::string_view, std::uint32_t>(t.queue, t.id),
                              Signal{*t.semaphore, rings[t.queue]});
  }
  void raise(Semaphores& semaphores, const InstructionFacts& facts) const {
    const auto add = [&](const Signal& s) {
      if (s.semaphore < kSemaphores) semaphores[s.semaphore] += s.value;
    };
    for (const auto& s : facts.signals)
      if (s) add(*s);
    if (!facts.starts) return;
    const auto at = of_transfer.find({facts.starts->queue, facts.starts->id});
    if (at != of_transfer.end()) add(at->second);
  }
  bool holds(const Signal& wait) const {
    return wait.semaphore < kSemaphores && now[wait.semaphore] >= wait.value;
  }
  bool may_start(const InstructionFacts& facts) const {
    for (const auto& wait : facts.waits)
      if (wait && !holds(*wait)) return false;
    return true;
  }
  /// What the whole program raises, and whether something else may raise semaphores that are not
  /// followed here: unknown instructions, transfers that do not say what they raise, another core.
  void sum_up() {
    for (const ReadProgram& p : programs)
      for (std::size_t pc = 0; pc < p.size(); ++pc) {
        const InstructionFacts facts = p.facts(pc);
        raise(ever, facts);
        foreign_help |=
            !facts.unknown.empty() ||
            (facts.starts && !of_transfer.contains({facts.starts->queue, facts.starts->id}));
      }
    for (const Variable& v : subgraph.variables) foreign_help |= v.kind == VariableKind::Remote;
  }
  /// Runs engine `e` until it waits; answers whether it moved.
  bool run(std::size_t e) {
    const ReadProgram& p = programs[e];
    const std::size_t before = pcs[e];
    for (; pcs[e] < p.size(); ++pcs[e]) {
      const InstructionFacts facts = p.facts(pcs[e]);
      if (!may_start(facts)) break;
      raise(now, facts);
    }
    return pcs[e] != before;
  }
  void run() {
    pcs.assign(programs.size(), 0);
    for (bool moved = true; moved;) {
      moved = false;
      for (std::size_t e = 0; e < programs.size(); ++e) moved |= run(e);
    }
  }
  /// Tells of the waits that stopped engine `e`; of those that cannot be met at all first.
  bool tell(std::size_t e, bool hopeless_only) {
    const ReadProgram& p = programs[e];
    if (pcs[e] >= p.size()) return false;
    const InstructionFacts facts = p.facts(pcs[e]);
    bool told = false;
    for (const auto& wait : facts.waits) {
      if (!wait || holds(*wait)) continue;
      const bool exists = wait->semaphore < kSemaphores;
      const bool hopeless = !exists || ever[wait->semaphore] < wait->value;
      if (hopeless_only && !hopeless) continue;
      const auto id = foreign_help ? FindingId::WaitUndecided : FindingId::Wait;
      const std::uint64_t most =
          exists ? hopeless ? ever[wait->semaphore] : now[wait->semaphore] : 0;
      in.find_at(id, p.path(), pcs[e] * kInstructionBytes,
                 "instruction {} ({}) waits for semaphore {} to reach {}, {} {}", pcs[e],
                 facts.name, wait->semaphore, wait->value,
                 hopeless ? "which the whole program raises to" : "which stops before that at",
                 most);
      told = true;
    }
    return told;
  }
};

}  // namespace

void check_waits(Inspection& in, const Subgraph& subgraph,
                 const std::vector<ReadProgram>& programs) {
  Streams s{in, subgraph, programs};
  s.list_transfers();
  s.sum_up();
  s.run();
  bool told = false;
  for (std::size_t e = 0; e < programs.size(); ++e) told |= s.tell(e, true);
  // Otherwise engines wait for each other in a circle.
  for (std::size_t e = 0; e < programs.size() && !told; ++e) s.tell(e, false);
}

}  // namespace neuron::neff
