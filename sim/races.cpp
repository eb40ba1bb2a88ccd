// SPDX-License-Identifier: Apache-2.0
// Who comes before whom: a clock of one counter for each engine and queue (vector clocks), carried
// by semaphores. What was touched: intervals of bytes, each with its last writers and readers.
#include "sim/races.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "sim/access.h"
#include "sim/interpreter.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

using Clock = std::vector<std::uint32_t>;

void join(Clock& into, const Clock& other) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i] = std::max(into[i], other[i]);
}

/// What touched an interval: who, and in which of 32 partitions.
struct Mark {
  std::uint32_t chain, time, partitions, event;
  bool writes;
};

/// Bytes of 32 partitions, as intervals that were touched alike.
class Intervals {
 public:
  template <class Conflict>
  void touch(std::uint64_t begin, std::uint64_t end, const Mark& mark, Conflict conflict) {
    split(begin);
    split(end);
    auto at = nodes_.lower_bound(begin);
    for (std::uint64_t from = begin; from < end;) {
      if (at == nodes_.end() || at->first > from) {
        const std::uint64_t to = at == nodes_.end() ? end : std::min(end, at->first);
        at = nodes_.emplace_hint(at, from, Node{to, {}});
      }
      place(at->second.marks, mark, [&](const Mark& other) {
        conflict(other, from, std::min(end, at->second.end) - from);
      });
      from = at->second.end;
      ++at;
    }
  }

 private:
  struct Node {
    std::uint64_t end;
    std::vector<Mark> marks;
  };

  void split(std::uint64_t at) {
    auto next = nodes_.upper_bound(at);
    if (next == nodes_.begin()) return;
    auto& [begin, node] = *std::prev(next);
    if (begin == at || node.end <= at) return;
    nodes_.emplace_hint(next, at, Node{node.end, node.marks});
    node.end = at;
  }

  /// A write takes the place of what it covers; a read that of the same chain's earlier read.
  template <class Conflict>
  static void place(std::vector<Mark>& marks, const Mark& mark, Conflict conflict) {
    for (Mark& other : marks) {
      if (!(other.partitions & mark.partitions)) continue;
      if (other.writes || mark.writes) conflict(other);
      if (mark.writes || (!other.writes && other.chain == mark.chain))
        other.partitions &= ~mark.partitions;
    }
    std::erase_if(marks, [](const Mark& m) { return m.partitions == 0; });
    marks.push_back(mark);
  }

  std::map<std::uint64_t, Node> nodes_;
};

/// Who raises one semaphore: an engine or a queue, in order.
struct Raiser {
  std::uint64_t total = 0;  ///< in the whole program
  std::uint64_t so_far = 0;
  struct Raise {
    std::uint64_t before;
    std::shared_ptr<const Clock> clock;
  };
  std::vector<Raise> raises;
};

class Finder : public Watcher {
 public:
  std::vector<Race> found;

  Finder(std::span<const Part> parts, std::size_t limit) : limit_(limit) {
    for (const Part& part : parts) {
      first_chain_.push_back(chains_);
      chains_ += isa::kEngines + part.loaded->program.queues.size();
      count_raises(*part.loaded);
    }
    now_.assign(chains_, Clock(chains_));
    started_.resize(chains_);
    for (const Part& part : parts) note_written(*part.loaded);
  }

  bool needs_values() const override { return false; }

  Result<> before(const Moment& m) override {
    m.transfer ? transfer(m) : instruction(m);
    return {};
  }

 private:
  using Semaphores = std::array<std::map<std::size_t, Raiser>, 256>;

  /// Raises that could come at all: without them no wait can say what it needs.
  void count_raises(const Loaded& loaded) {
    Semaphores& all = semaphores_.emplace_back();
    const std::size_t first = first_chain_.back();
    for (int e = 0; e < isa::kEngines; ++e)
      for (const Step& s : loaded.steps[e]) {
        if (s.updates) ++all[s.update.value][first + static_cast<std::size_t>(e)].total;
        if (s.transfer < 0) continue;
        const Transfer& t = loaded.transfers[static_cast<std::size_t>(s.transfer)];
        all[t.semaphore.value][first + isa::kEngines + t.queue.value].total += t.increment;
      }
  }

  /// Device memory that nothing writes cannot race.
  void note_written(const Loaded& loaded) {
    for (const Transfer& t : loaded.transfers)
      for (const Descriptor& d : t.descriptors)
        written_.push_back(loaded.program.variables[d.to.variable.value].name);
    std::ranges::sort(written_);
    written_.erase(std::unique(written_.begin(), written_.end()), written_.end());
  }

  void await(Clock& clock, std::size_t core, std::size_t own, const Wait& wait) {
    auto& raisers = semaphores_[core][wait.semaphore.value];
    std::uint64_t all = 0;
    for (const auto& [chain, r] : raisers) all += chain == own ? r.so_far : r.total;
    for (const auto& [chain, r] : raisers) {
      const std::uint64_t others = all - (chain == own ? r.so_far : r.total);
      if (others >= wait.value) continue;
      // The last raise without which the others cannot reach the value.
      const auto end = std::ranges::partition_point(
          r.raises, [&](const auto& raise) { return raise.before + others < wait.value; });
      if (end != r.raises.begin()) join(clock, *std::prev(end)->clock);
    }
  }

  void raise(std::size_t core, std::size_t chain, SemaphoreId s, std::uint32_t by) {
    Raiser& r = semaphores_[core][s.value][chain];
    r.raises.push_back({r.so_far, std::make_shared<Clock>(now_[chain])});
    r.so_far += by;
  }

  void instruction(const Moment& m) {
    const std::size_t chain = first_chain_[m.core] + static_cast<std::size_t>(m.engine);
    const Step& s = m.machine.loaded().steps[static_cast<int>(m.engine)][m.pc];
    Clock& clock = now_[chain];
    for (int w = 0; w < s.wait_count; ++w) await(clock, m.core, chain, s.waits[w]);
    if (machines_.size() <= m.core) machines_.resize(m.core + 1);
    machines_[m.core] = &m.machine;
    if (const auto* barrier = std::get_if<bound::pseudo_core_barrier>(&s.op))
      meet(m.core, barrier->id, clock);
    ++clock[chain];
    const std::uint32_t event = add_event(m);
    for (const Access& a : accesses_of(s.op)) touch_view(m, a, {chain, event});
    if (s.transfer >= 0) {
      const Transfer& t = m.machine.loaded().transfers[static_cast<std::size_t>(s.transfer)];
      started_[first_chain_[m.core] + isa::kEngines + t.queue.value].push_back(clock);
    }
    if (s.updates) raise(m.core, chain, s.update, 1);
  }

  void transfer(const Moment& m) {
    const std::size_t chain = first_chain_[m.core] + isa::kEngines + m.transfer->queue.value;
    Clock& clock = now_[chain];
    join(clock, started_[chain].front());
    started_[chain].pop_front();
    ++clock[chain];
    const std::uint32_t event = add_event(m);
    for (const SideAccess& a : accesses_of(*m.transfer)) touch_side(m, a, {chain, event});
    raise(m.core, chain, m.transfer->semaphore, m.transfer->increment);
  }

  /// Both cores have come to this barrier: each knows what the other did before it.
  void meet(std::size_t core, std::uint32_t id, Clock& clock) {
    const Clock own = clock;
    for (std::size_t other = 0; other < first_chain_.size(); ++other) {
      if (other == core) continue;
      if (const auto passed = passed_.find({other, id}); passed != passed_.end())
        join(clock, passed->second);
      if (other >= machines_.size() || machines_[other] == nullptr) continue;
      const Interpreter& peer = *machines_[other];
      for (int e = 0; e < isa::kEngines; ++e) {
        if (peer.at_end(e)) continue;
        const Step& s = peer.loaded().steps[e][peer.pc(e)];
        const auto* barrier = std::get_if<bound::pseudo_core_barrier>(&s.op);
        if (barrier == nullptr || barrier->id != id) continue;
        const std::size_t chain = first_chain_[other] + static_cast<std::size_t>(e);
        Clock waiting = now_[chain];
        for (int w = 0; w < s.wait_count; ++w) await(waiting, other, chain, s.waits[w]);
        join(clock, waiting);
      }
    }
    passed_.insert_or_assign({core, id}, own);
  }

  struct Who {
    std::size_t chain;
    std::uint32_t event;
  };

  std::uint32_t add_event(const Moment& m) {
    events_.push_back({m.core, m.engine, m.pc, m.transfer != nullptr, false});
    return static_cast<std::uint32_t>(events_.size() - 1);
  }

  Mark mark_of(const Who& who, std::uint32_t partitions, bool writes) const {
    return {static_cast<std::uint32_t>(who.chain), now_[who.chain][who.chain], partitions,
            who.event, writes};
  }

  void touch_view(const Moment& m, const Access& a, const Who& who) {
    const unsigned first = a.view.at % isa::kPsumBase / isa::kPartitionStride;
    for (unsigned q = first / 32; q * 32 < first + a.view.partitions; ++q) {
      std::uint32_t mask = 0;
      for (unsigned p = std::max(first, q * 32);
           p < std::min(first + a.view.partitions, q * 32 + 32); ++p)
        mask |= 1u << p % 32;
      each_run(a.view, [&](std::uint64_t at, std::uint64_t bytes) {
        touch_local(m.machine.memory().data(), at, bytes, q, mask, who, a.writes);
      });
    }
  }

  void touch_side(const Moment& m, const SideAccess& a, const Who& who) {
    const Program& program = m.machine.loaded().program;
    const Variable& variable = program.variables[a.side->variable.value];
    const std::byte* memory = m.machine.variables()[a.side->variable.value].data();
    if (variable.storage == Storage::Device) {
      if (!std::ranges::binary_search(written_, variable.name)) return;
      // Variables may lie over each other: addresses of the host tell.
      const auto base = reinterpret_cast<std::uintptr_t>(memory);
      const Mark mark = mark_of(who, 1, a.writes);
      each_run(*a.side, [&](std::uint64_t at, std::uint64_t bytes) {
        device_.touch(base + at, base + at + bytes, mark,
                      [&](const Mark& other, std::uint64_t from, std::uint64_t count) {
                        conflict(other, mark, variable.name,
                                 fmt::format("byte 0x{:x}", from - base), count);
                      });
      });
      return;
    }
    // Rows of the same bytes in other partitions are one visit.
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::array<std::uint32_t, 4>> rows;
    each_run(*a.side, [&](std::uint64_t at, std::uint64_t bytes) {
      const std::uint64_t partition = at % isa::kPsumBase / isa::kPartitionStride;
      const std::uint64_t base = at - partition * isa::kPartitionStride;
      rows[{base, bytes}][partition / 32] |= 1u << partition % 32;
    });
    for (const auto& [row, masks] : rows)
      for (unsigned q = 0; q < 4; ++q)
        if (masks[q]) touch_local(memory, row.first, row.second, q, masks[q], who, a.writes);
  }

  void touch_local(const std::byte* memory, std::uint64_t at, std::uint64_t bytes,
                   unsigned quadrant, std::uint32_t mask, const Who& who, bool writes) {
    const bool psum = at >= isa::kPsumBase;
    const std::uint64_t begin = at % isa::kPartitionStride;
    const Mark mark = mark_of(who, mask, writes);
    local_[{memory, psum, quadrant}].touch(
        begin, begin + bytes, mark,
        [&](const Mark& other, std::uint64_t from, std::uint64_t count) {
          const std::uint32_t common = other.partitions & mark.partitions;
          const auto partition = quadrant * 32 + static_cast<unsigned>(std::countr_zero(common));
          conflict(other, mark, psum ? "PSUM" : "SBUF",
                   place_of((psum ? isa::kPsumBase : 0) +
                            std::uint64_t{partition} * isa::kPartitionStride + from),
                   count * static_cast<unsigned>(std::popcount(common)));
        });
  }

  void conflict(const Mark& other, const Mark& mark, const std::string& memory,
                const std::string& place, std::uint64_t bytes) {
    if (other.event == mark.event || now_[mark.chain][other.chain] >= other.time) return;
    const auto key = std::pair(other.event, mark.event);
    const auto known = index_.find(key);
    if (known != index_.end()) {
      found[known->second].bytes += bytes;
      return;
    }
    if (found.size() >= limit_) return;
    index_.emplace(key, found.size());
    Race race{events_[other.event], events_[mark.event], memory, place, bytes, ""};
    race.first.writes = other.writes;
    race.second.writes = mark.writes;
    found.push_back(std::move(race));
  }

  std::size_t limit_, chains_ = 0;
  std::vector<std::size_t> first_chain_;  ///< of each core
  std::vector<Semaphores> semaphores_;
  std::vector<Clock> now_;                  ///< of each chain
  std::vector<std::deque<Clock>> started_;  ///< of each queue: clocks of what waits in it
  std::vector<const Interpreter*> machines_;
  /// What a core knew when it passed a barrier, by core and barrier.
  std::map<std::pair<std::size_t, std::uint32_t>, Clock> passed_;
  std::vector<std::string> written_;  ///< device variables, sorted
  std::vector<Racer> events_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> index_;
  std::map<std::tuple<const std::byte*, bool, unsigned>, Intervals> local_;
  Intervals device_;
};

std::string name_of(const Racer& r) {
  return fmt::format("{} pc {}", isa::info(r.engine).shown, r.pc);
}

/// What the later one would have to wait for: the first raise at or after the end of the earlier.
std::string advice_for(const Race& race, std::span<const Part> parts) {
  const Loaded& loaded = *parts[race.first.core].loaded;
  const auto& steps = loaded.steps[static_cast<int>(race.first.engine)];
  const std::string who = name_of(race.second);
  if (race.first.core != race.second.core)
    return fmt::format("{} of the other core must come after a core barrier", who);
  std::map<std::uint8_t, std::uint64_t> raised;
  for (std::uint32_t pc = 0; pc < steps.size(); ++pc) {
    const Step& s = steps[pc];
    if (race.first.is_transfer && s.transfer >= 0) {
      const Transfer& t = loaded.transfers[static_cast<std::size_t>(s.transfer)];
      raised[t.semaphore.value] += t.increment;
      if (pc == race.first.pc)
        return fmt::format("{} must wait for S[{}]>={}", who, t.semaphore.value,
                           raised[t.semaphore.value]);
    } else if (!race.first.is_transfer && s.updates) {
      ++raised[s.update.value];
      if (pc >= race.first.pc)
        return fmt::format("{} must wait for S[{}]>={}", who, s.update.value,
                           raised[s.update.value]);
    }
  }
  return fmt::format("{} must wait for a semaphore that {} raises; it raises none", who,
                     name_of(race.first));
}

}  // namespace

Result<std::vector<Race>> find_races(std::span<const Part> parts, std::size_t limit) {
  Finder finder(parts, limit);
  TRY(execute_watched(parts, &finder));
  for (Race& race : finder.found) race.advice = advice_for(race, parts);
  return std::move(finder.found);
}

}  // namespace neuron::sim
