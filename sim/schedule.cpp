// SPDX-License-Identifier: Apache-2.0
// The clock: a list schedule of five in-order engines, their semaphores and the DMA engines.
#include <algorithm>
#include <array>
#include <map>

#include "isa/cost.h"
#include "sim/loaded.h"
#include "sim/schedule_collective.h"
#include "sim/schedule_costs.h"
#include "sim/schedule_dma.h"
#include "sim/schedule_throttle.h"

namespace neuron::sim {
namespace {

using isa::Engine;
constexpr int kDmaOriginator = isa::kEngines;
constexpr Ps kNever = UINT64_MAX;

/// The moments at which one semaphore grew by one, in order of time.
struct Semaphore {
  std::vector<Ps> at;
  std::vector<std::uint8_t> originator;

  void grow(Ps when, int by) {
    std::size_t i = at.size();
    while (i > 0 && at[i - 1] > when) --i;
    at.insert(at.begin() + static_cast<std::ptrdiff_t>(i), when);
    originator.insert(originator.begin() + static_cast<std::ptrdiff_t>(i),
                      static_cast<std::uint8_t>(by));
  }
  /// When it reaches `value`; kNever if nothing known makes it.
  Ps reaches(std::uint32_t value) const {
    if (value == 0) return 0;
    return value <= at.size() ? at[value - 1] : kNever;
  }
};

/// The array of the tensor engine: what is streaming and what is loaded.
struct Array {
  Ps stream_end = 0;     ///< earliest start of the next MATMUL
  Ps load_end = 0;       ///< earliest start of the next LDWEIGHTS
  Ps weights_ready = 0;  ///< the last LDWEIGHTS may be multiplied with
};

struct Lane {
  std::size_t pc = 0;
  Ps next = 0;      ///< the engine may begin its next instruction
  Ps last_end = 0;  ///< of the instruction before
  bool after_dge = false;
  Ps candidate = kNever;  ///< when instruction pc begins, with what is known now
};

class Scheduler {
 public:
  Scheduler(const Loaded& loaded, const Clock& clock)
      : loaded_(loaded),
        timing_(timing(loaded.program.arch, clock.constants)),
        dma_(loaded.program, timing_),
        throttle_(arch_.tensor_ghz, costs_.throttles != 0, clock) {}

  Result<Schedule> run() {
    enter();
    for (int e = first_to_begin(); e >= 0; e = first_to_begin()) issue(e);
    TRY(check_ends());
    finish();
    return std::move(schedule_);
  }

 private:
  const isa::Instruction& instruction(int e) const {
    return loaded_.program.streams[e][lanes_[e].pc];
  }
  const Step& step(int e) const { return loaded_.steps[e][lanes_[e].pc]; }
  bool at_end(int e) const { return lanes_[e].pc == loaded_.steps[e].size(); }

  void enter() {
    const std::array<double, isa::kEngines> offsets{costs_.enter_tensor, costs_.enter_scalar,
                                                    costs_.enter_gpsimd, costs_.enter_vector,
                                                    costs_.enter_sync};
    std::size_t count = 0;
    for (int e = 0; e < isa::kEngines; ++e) {
      lanes_[e].next = ps_of(offsets[e]);
      count += loaded_.steps[e].size();
    }
    schedule_.instructions.reserve(count);
    for (int e = 0; e < isa::kEngines; ++e) consider(e);
  }

  /// Lowest index first among those that begin together.
  int first_to_begin() const {
    int first = -1;
    for (int e = 0; e < isa::kEngines; ++e)
      if (lanes_[e].candidate != kNever &&
          (first < 0 || lanes_[e].candidate < lanes_[first].candidate))
        first = e;
    return first;
  }

  double wake_ns(int e) const {
    if (e == 0 && std::holds_alternative<isa::event_semaphore>(instruction(e).op))
      return costs_.wake_tensor_semaphore;
    const std::array<double, isa::kEngines> wake{costs_.wake_tensor, costs_.wake_scalar,
                                                 costs_.wake_gpsimd, costs_.wake_vector,
                                                 costs_.wake_sync};
    return wake[e];
  }
  double tell_ns(int e) const {
    const std::array<double, isa::kEngines> tell{costs_.tell_tensor, costs_.tell_scalar,
                                                 costs_.tell_gpsimd, costs_.tell_vector,
                                                 costs_.tell_sync};
    return tell[e];
  }
  bool is_software_dge(int e) const {
    return e == static_cast<int>(Engine::Gpsimd) &&
           std::holds_alternative<isa::pseudo_dma_direct2d>(instruction(e).op);
  }

  /// When the array of the tensor engine takes the next instruction.
  Ps array_free(int e) const {
    if (e != 0) return 0;
    const isa::Operation& op = instruction(e).op;
    if (std::holds_alternative<isa::matmul>(op)) return array_.stream_end;
    return std::holds_alternative<isa::ldweights>(op) ? array_.load_end : 0;
  }

  /// When the next instruction of `e` begins, as far as semaphores are known.
  void consider(int e) {
    Lane& lane = lanes_[e];
    lane.candidate = kNever;
    if (at_end(e)) return;
    const Step& s = step(e);
    Ps begin = std::max(lane.next, array_free(e));
    const bool software = is_software_dge(e);
    const Ps wake = ps_of(software ? costs_.wake_software_dge : wake_ns(e));
    // Software that goes on to its next transfer is awake already.
    if (software && !lane.after_dge) begin += wake;
    for (int w = 0; w < s.wait_count; ++w) {
      const Ps reached = semaphores_[s.waits[w].semaphore.value].reaches(s.waits[w].value);
      if (reached == kNever) return;
      if (reached != 0) begin = std::max(begin, reached + wake);
    }
    lane.candidate = begin;
  }

  void issue(int e) {
    Lane& lane = lanes_[e];
    const isa::Instruction& i = instruction(e);
    const Step& s = step(e);
    const Ps begin = lane.candidate;
    const Ps wait = begin > lane.next && s.wait_count > 0 ? begin - lane.next : 0;
    const Ps end =
        e == static_cast<int>(Engine::Tensor) ? issue_tensor(i, begin) : issue_other(e, i, begin);
    const auto pc = static_cast<std::uint32_t>(lane.pc);
    schedule_.instructions.push_back({static_cast<Engine>(e), pc, wait, begin, end});
    lane.after_dge = is_software_dge(e);
    lane.last_end = end;
    ++lane.pc;

    std::array<bool, 256> grown{};
    if (s.updates) {
      semaphores_[s.update.value].grow(end + ps_of(tell_ns(e)), e);
      grown[s.update.value] = true;
    }
    if (s.transfer >= 0) {
      const Transfer& t = loaded_.transfers[static_cast<std::size_t>(s.transfer)];
      if (t.collective)
        start_collective(t, static_cast<Engine>(e), pc, begin);
      else
        for (const Ps at : dma_.start(t, static_cast<Engine>(e), pc, begin, schedule_.packets))
          semaphores_[t.semaphore.value].grow(at, kDmaOriginator);
      grown[t.semaphore.value] = true;
    }
    consider_again(e, grown);
  }

  /// Operations of one stream run one after another on its CC-core.
  void start_collective(const Transfer& t, Engine issuer, std::uint32_t pc, Ps trigger) {
    Ps& free = streams_[t.collective->stream];
    schedule_.collectives.push_back(
        collective_span(t, arch_.id, {issuer, pc, trigger, std::max(free, trigger)}));
    free = schedule_.collectives.back().end_ps;
    for (std::uint32_t i = 0; i < t.increment; ++i)
      semaphores_[t.semaphore.value].grow(free, kDmaOriginator);
  }

  /// The engine itself, and those that wait for a semaphore which just grew.
  void consider_again(int e, const std::array<bool, 256>& grown) {
    for (int other = 0; other < isa::kEngines; ++other) {
      if (other == e) {
        consider(e);
        continue;
      }
      if (at_end(other)) continue;
      const Step& s = step(other);
      for (int w = 0; w < s.wait_count; ++w)
        if (grown[s.waits[w].semaphore.value]) {
          consider(other);
          break;
        }
    }
  }

  Ps issue_other(int e, const isa::Instruction& i, Ps begin) {
    Lane& lane = lanes_[e];
    const isa::Cost c = isa::cost(i, static_cast<Engine>(e), timing_.engines, arch_.tensor_ghz);
    lane.next = begin + ps_of(c.occupancy_ns);
    Ps end = begin + ps_of(c.latency_ns);
    // A few wait inside the pipeline, where they leave no faster than this.
    if (c.drain_ns > 0) end = std::max(end, lane.last_end + ps_of(c.drain_ns));
    return end;
  }

  Ps issue_tensor(const isa::Instruction& i, Ps begin) {
    Lane& lane = lanes_[static_cast<int>(Engine::Tensor)];
    const double ghz = throttle_.ghz_at(begin);
    const isa::Cost c = isa::cost(i, Engine::Tensor, timing_.engines, ghz);
    if (const auto* op = std::get_if<isa::matmul>(&i.op)) return multiply(*op, c, ghz, begin);
    lane.next = begin + ps_of(c.occupancy_ns);
    if (std::holds_alternative<isa::ldweights>(i.op)) {
      // An array that rests takes weights at full speed, throttled or not.
      const double rush = begin > array_.stream_end ? ghz / arch_.tensor_ghz : 1;
      array_.weights_ready = begin + ps_of(c.occupancy_ns * rush);
      lane.next = begin + ps_of(costs_.multiply_after_load);
      array_.load_end = begin + ps_of(c.occupancy_ns);
    }
    return begin + ps_of(c.latency_ns);
  }

  Ps multiply(const isa::matmul& op, const isa::Cost& c, double ghz, Ps begin) {
    const Ps first = std::max(begin, array_.weights_ready);
    const double columns = isa::streamed_columns(op) * timing_.engines.costs.matmul_column_cycles;
    const Ps streamed = throttle_.stream(first, columns);
    array_.stream_end = streamed + ps_of(c.occupancy_ns - columns / ghz);
    lanes_[0].next = first + ps_of(costs_.load_after_multiply);
    return streamed + ps_of(c.latency_ns - columns / ghz);
  }

  Result<> check_ends() const {
    std::string waiting;
    for (int e = 0; e < isa::kEngines; ++e) {
      if (at_end(e)) continue;
      const Step& s = step(e);
      waiting += fmt::format("{}{} pc {} waits for", waiting.empty() ? "" : "; ",
                             isa::info(static_cast<Engine>(e)).shown, lanes_[e].pc);
      for (int w = 0; w < s.wait_count; ++w) {
        const Semaphore& semaphore = semaphores_[s.waits[w].semaphore.value];
        if (semaphore.reaches(s.waits[w].value) == kNever)
          waiting += fmt::format(" S[{}]>={} (is {})", s.waits[w].semaphore.value, s.waits[w].value,
                                 semaphore.at.size());
      }
    }
    if (waiting.empty()) return {};
    return fail(Code::ExecutionFault, "deadlock: {}", waiting);
  }

  void finish() {
    Schedule& out = schedule_;
    for (std::uint16_t id = 0; id < semaphores_.size(); ++id) {
      const Semaphore& s = semaphores_[id];
      for (std::uint32_t n = 0; n < s.at.size(); ++n)
        out.semaphores.push_back(
            {{static_cast<std::uint8_t>(id)}, n + 1, s.originator[n], s.at[n]});
    }
    std::stable_sort(out.semaphores.begin(), out.semaphores.end(),
                     [](const auto& a, const auto& b) { return a.at_ps < b.at_ps; });
    std::stable_sort(out.packets.begin(), out.packets.end(),
                     [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
    for (const InstructionTime& t : out.instructions) out.span_ps = std::max(out.span_ps, t.end_ps);
    for (const PacketTime& t : out.packets) out.span_ps = std::max(out.span_ps, t.end_ps);
    for (const CollectiveSpan& c : out.collectives) out.span_ps = std::max(out.span_ps, c.end_ps);
    throttle_.ghz_at(out.span_ps);  // the change that the last window decided
    out.throttles = throttle_.changes();
    out.preamble_ps = ps_of(out.packets.empty() ? costs_.preamble_without_dma : costs_.preamble);
    out.total_ps = out.preamble_ps + out.span_ps + ps_of(costs_.postamble);
  }

  const Loaded& loaded_;
  const Timing timing_;
  const isa::Arch& arch_ = timing_.engines.arch;
  const SimCosts& costs_ = timing_.machine;
  DmaEngines dma_;
  Throttle throttle_;
  Array array_;
  std::map<std::uint32_t, Ps> streams_;  ///< when the CC-core of a stream is free
  std::array<Lane, isa::kEngines> lanes_;
  std::array<Semaphore, 256> semaphores_;
  Schedule schedule_;
};

}  // namespace

Result<Schedule> schedule(const Loaded& loaded, const Clock& clock) {
  const Program& program = loaded.program;
  if (loaded.has_branches)
    return fail(Code::ExecutionFault,
                "{}: its branches depend on data, and no time is predicted before it is executed",
                program.name);
  auto out = TRY(Scheduler(loaded, clock).run().within(program.name));
  for (InstructionTime& t : out.instructions) t.pc = program.package_pc(t.engine, t.pc);
  for (PacketTime& t : out.packets) t.pc = program.package_pc(t.issuer, t.pc);
  for (CollectiveSpan& t : out.collectives) t.pc = program.package_pc(t.issuer, t.pc);
  return out;
}

Result<Schedule> schedule(const Loaded& loaded) { return schedule(loaded, Clock{}); }

}  // namespace neuron::sim
