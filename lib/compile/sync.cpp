// SPDX-License-Identifier: Apache-2.0
#include "compile/sync.h"

#include <algorithm>
#include <map>

namespace neuron::compile {
namespace {

/// Last writers and readers of a range of bytes, by agent and count.
struct Segment {
  std::uint64_t end = 0;
  std::uint32_t note = 0;  ///< of the writers
  Clock writes{}, reads{};
};

void raise(Clock& clock, const Clock& to) {
  for (int a = 0; a < kAgents; ++a) clock[a] = std::max(clock[a], to[a]);
}

/// The history of one memory, as segments that never overlap.
class History {
 public:
  /// Adds what an access must wait for to `needs` (for its data) or `order` (for its place), then
  /// remembers the access. `device` memory knows no order among the writes of one note.
  void access(const Access& a, std::uint32_t note, bool device, int agent, std::uint32_t count,
              Clock& needs, Clock& order) {
    split(a.begin);
    split(a.end);
    if (!a.write) return read(a, agent, count, needs);
    const auto collect = [&](Clock clock) {
      if (clock[agent] == count) clock[agent] = 0;  // another part of the same step
      raise(order, clock);
    };
    Segment merged;
    merged.end = a.end;
    merged.note = note;
    auto it = segments_.lower_bound(a.begin);
    while (it != segments_.end() && it->first < a.end) {
      const bool disjoint = device && it->second.note == note;
      if (disjoint) {
        raise(merged.writes, it->second.writes);
        raise(merged.reads, it->second.reads);
      } else {
        collect(it->second.writes);
      }
      collect(it->second.reads);
      it = segments_.erase(it);
    }
    merged.writes[agent] = count;
    segments_[a.begin] = merged;
  }

 private:
  void read(const Access& a, int agent, std::uint32_t count, Clock& needs) {
    std::uint64_t at = a.begin;
    while (at < a.end) {
      auto it = segments_.lower_bound(at);
      if (it == segments_.end() || it->first > at) {  // never written: only remember the reader
        Segment gap;
        gap.end = it == segments_.end() ? a.end : std::min(a.end, it->first);
        it = segments_.emplace(at, gap).first;
      }
      raise(needs, it->second.writes);
      it->second.reads[agent] = count;
      at = it->second.end;
    }
  }
  void split(std::uint64_t at) {
    auto it = segments_.upper_bound(at);
    if (it == segments_.begin()) return;
    --it;
    if (it->first == at || it->second.end <= at) return;
    Segment tail = it->second;
    it->second.end = at;
    segments_[at] = tail;
  }
  std::map<std::uint64_t, Segment> segments_;
};

/// The walk over all steps in program order.
class Planner {
 public:
  explicit Planner(const Kernel& kernel)
      : kernel_(kernel), memories_(kernel.variables.size() + 1) {}

  SyncPlan plan() {
    out_.steps.resize(kernel_.steps.size());
    for (std::size_t s = 0; s < kernel_.steps.size(); ++s) visit(kernel_.steps[s], out_.steps[s]);
    finish();
    return std::move(out_);
  }

 private:
  void visit(const Step& step, StepSync& sync) {
    const int engine = static_cast<int>(step.engine);
    const bool moves = step.transfer >= 0;
    const int agent =
        moves ? isa::kEngines + static_cast<int>(kernel_.transfers[step.transfer].queue) : engine;
    if (moves) done_at_[engine].push_back(known_[engine]);  // the trigger itself, never awaited
    sync.ordinal = static_cast<std::uint32_t>(done_at_[agent].size() + 1);
    Clock needs{}, order{};
    for (const Access& a : step.access)
      memories_[space_of(a)].access(shifted(a), step.note, a.variable != kLocal, agent,
                                    sync.ordinal, needs, order);
    // An engine reads and writes in order, but a result may still be under way when the next
    // instruction begins; the tensor engine orders its own sums.
    if (!moves) order[engine] = 0;
    if (step.engine == Engine::Tensor) needs[engine] = 0;
    raise(needs, order);
    sync.waits = needed(needs, engine);
    Clock done = known_[engine];
    done[agent] = sync.ordinal;
    done_at_[agent].push_back(done);
  }

  /// The waits among `before` that do not follow from others or from what the engine knows.
  std::vector<Wait> needed(const Clock& before, int engine) {
    std::vector<Wait> open, waits;
    for (int a = 0; a < kAgents; ++a)
      if (before[a] > known_[engine][a]) open.push_back({a, before[a]});
    // Whoever knows most first: others may follow from it.
    auto knows = [&](const Wait& w) {
      const Clock& clock = done_at_[w.agent][w.count - 1];
      return std::count_if(open.begin(), open.end(),
                           [&](const Wait& o) { return clock[o.agent] >= o.count; });
    };
    std::stable_sort(open.begin(), open.end(),
                     [&](const Wait& a, const Wait& b) { return knows(a) > knows(b); });
    for (const Wait& w : open) {
      if (known_[engine][w.agent] >= w.count) continue;
      raise(known_[engine], done_at_[w.agent][w.count - 1]);
      waits.push_back(w);
      if (w.agent < isa::kEngines) await(w);
    }
    return waits;
  }

  void await(const Wait& w) {
    auto& flags = out_.awaited[w.agent];
    if (flags.size() < w.count) flags.resize(w.count);
    flags[w.count - 1] = true;
  }

  void finish() {
    const int engine = static_cast<int>(owner_of(Queue::Store));
    Clock all{};
    for (int a = isa::kEngines; a < kAgents; ++a)
      all[a] = static_cast<std::uint32_t>(done_at_[a].size());
    out_.last = needed(all, engine);
    for (int e = 0; e < isa::kEngines; ++e) out_.awaited[e].resize(done_at_[e].size());
  }

  /// Scratch variables share one memory, the scratchpad.
  std::size_t space_of(const Access& a) const {
    const bool scratch = kernel_.variables[a.variable.value].use == VariableUse::Scratch;
    return scratch ? memories_.size() - 1 : a.variable.value;
  }
  Access shifted(Access a) const {
    a.begin += kernel_.variables[a.variable.value].offset;
    a.end += kernel_.variables[a.variable.value].offset;
    return a;
  }

  const Kernel& kernel_;
  std::vector<History> memories_;
  std::array<std::vector<Clock>, kAgents> done_at_;  ///< what is done when an agent's work n is
  std::array<Clock, isa::kEngines> known_{};
  SyncPlan out_;
};

}  // namespace

SyncPlan plan_sync(const Kernel& kernel) { return Planner(kernel).plan(); }

}  // namespace neuron::compile
