// SPDX-License-Identifier: Apache-2.0
#include "sim/way.h"

#include "sim/interpreter.h"
#include "sim/unroll.h"
#include "sim/watch.h"

namespace neuron::sim {
namespace {

/// Writes down where engines go, before registers change.
class Follower : public Watcher {
 public:
  explicit Follower(Way& way) : way_(way) {}

  Result<> before(const Moment& m) override {
    if (m.transfer != nullptr || !way_.is_whole) return {};
    const int e = static_cast<int>(m.engine);
    auto& stops = way_.stops[static_cast<std::size_t>(e)];
    way_.is_whole = stops.size() < kMostSteps;
    if (way_.is_whole) stops.push_back({m.pc, value_at(m, e)});
    return {};
  }

 private:
  static std::uint32_t value_at(const Moment& m, int e) {
    const Step& step = m.machine.loaded().steps[e][m.pc];
    if (const auto* wait = std::get_if<bound::wait_register>(&step.op))
      return m.machine.register_of(e, wait->src_register);
    if (step.source_register < 0) return 0;
    return m.machine.register_of(e, static_cast<std::uint8_t>(step.source_register));
  }

  Way& way_;
};

/// The stream of one engine as it ran.
Result<> lay_out_stops(Loaded& to, std::size_t engine, const std::vector<Way::Stop>& stops) {
  LaidOut out;
  for (const auto [pc, value] : stops) {
    Step step = to.steps[engine][pc];
    const auto* wait = std::get_if<bound::wait_register>(&step.op);
    if (wait != nullptr && to.has_branches)  // else it is among the waits already
      step.waits[step.wait_count++] = {{wait->semaphore}, value};
    TRY(fix_source(to, step, value, to.transfers.size(), out));
    out.path.push_back(pc);
    out.steps.push_back(std::move(step));
  }
  lay_out(to, engine, std::move(out));
  return {};
}

}  // namespace

bool has_branches(const Loaded& loaded) { return loaded.has_branches; }

Result<> execute(const Loaded& loaded, Core& core, std::span<const std::span<std::byte>> variables,
                 Way& way) {
  way = {};
  Follower follower(way);
  const Part part{&loaded, &core, variables};
  return execute_watched(std::span(&part, 1), &follower).within(loaded.program.name);
}

Result<Schedule> schedule(const Loaded& loaded, const Way& way, const Clock& clock) {
  if (!way.is_whole)
    return fail(Code::ExecutionFault,
                "{}: an engine ran more than {} instructions, and no time is "
                "predicted",
                loaded.program.name, kMostSteps);
  Loaded laid = loaded;
  for (std::size_t e = 0; e < isa::kEngines; ++e)
    TRY(lay_out_stops(laid, e, way.stops[e]).within(loaded.program.name));
  laid.has_branches = false;
  return schedule(laid, clock);
}

}  // namespace neuron::sim
