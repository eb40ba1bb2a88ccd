// SPDX-License-Identifier: Apache-2.0
#include "cmd/inspect_run.h"

#include <algorithm>
#include <fstream>

#include "cmd/dump.h"
#include "nrt/trace_clock.h"
#include "nrt/workbench.h"
#include "sim/poison.h"
#include "sim/probe.h"
#include "sim/races.h"
#include "sim/what_if.h"

namespace neuron::cmd {
namespace {

/// "sg00 Vector pc 12 (I-50-0, conv1)", with "the transfer of" where it is one.
std::string who(const nrt::Workbench& in, std::size_t core, isa::Engine engine, std::uint32_t pc,
                bool is_transfer) {
  const std::string name = in.name_of(core, engine, pc);
  return fmt::format("{}{} {} pc {}{}", is_transfer ? "the transfer of " : "",
                     in.model().subgraphs[core].name, isa::info(engine).shown, pc,
                     name.empty() ? "" : " (" + name + ")");
}

Result<> check_races(const nrt::Workbench& in, Terminal& io) {
  const auto races = TRY(sim::find_races(in.parts()));
  for (const sim::Race& r : races) {
    const auto side = [&](const sim::Racer& racer) {
      return fmt::format("{} {}", who(in, racer.core, racer.engine, racer.pc, racer.is_transfer),
                         racer.writes ? "writes" : "reads");
    };
    io.out << fmt::format("race: {} and {} {} bytes of {} from {}; {}\n", side(r.first),
                          side(r.second), r.bytes, r.memory, r.place, r.advice);
  }
  if (races.empty()) {
    io.out << "no races: all that touch the same bytes are ordered\n";
    return {};
  }
  return fail(Code::Race, "{} pair{} in no order; add the waits named above", races.size(),
              races.size() == 1 ? "" : "s");
}

Result<> check_poison(const nrt::Workbench& in, Terminal& io) {
  const auto reads = TRY(sim::execute_poisoned(in.parts(), in.written()));
  for (const sim::Unwritten& r : reads)
    io.out << fmt::format("unwritten: {} reads {}: {} bytes that nothing wrote, from {}\n",
                          who(in, r.core, r.engine, r.pc, r.by_transfer), r.operand, r.bytes,
                          r.place);
  if (reads.empty()) {
    io.out << "nothing is read before it is written\n";
    return {};
  }
  return fail(Code::UnwrittenRead, "{} operand{} read before anything wrote them", reads.size(),
              reads.size() == 1 ? "" : "s");
}

Result<> trace(const nrt::Workbench& in, const fs::path& path, Terminal& io) {
  std::ofstream file;
  if (path != "-") {
    file.open(path);
    if (!file) return fail(Code::Io, "{}: cannot be written", path.string());
  }
  std::ostream& out = path == "-" ? io.out : file;
  return sim::execute_traced(in.parts(), [&](const sim::Traced& t) {
    const std::string name = in.name_of(t.core, t.engine, t.pc);
    out << fmt::format("{} {:<6} {:>6}  {}{}{}\n", in.model().subgraphs[t.core].name,
                       isa::info(t.engine).shown, t.pc, t.text,
                       t.summary.empty() ? "" : "  = " + t.summary,
                       name.empty() ? "" : "  ; " + name);
    return Result<>{};
  });
}

}  // namespace

void bind_inspect(CLI::App& app, Inspect& o) {
  app.add_flag("--check-races", o.races,
               "report instructions and transfers that touch the same bytes in no order; exit 15");
  app.add_flag("--poison", o.poison,
               "start with memory full of NaN and report reads of what nothing wrote; exit 16");
  app.add_option("--trace", o.trace,
                 "write each instruction and a summary of its result to FILE, - for the terminal")
      ->type_name("FILE");
  app.add_option(
         "--dump", o.dump,
         "write what each instruction leaves in SBUF and PSUM as .npy, and in tensors/ what "
         "all instructions of a layer leave there together")
      ->type_name("DIR");
  app.add_option("--what-if", o.what_if,
                 "other constants for the modelled time, a JSON object of names and numbers")
      ->type_name("FILE");
  app.add_option("--clock-from", o.clock_from,
                 "take the clock of the tensor engine from the trace of a device, not from the "
                 "rule of the throttle, whose phase differs from run to run")
      ->type_name("FILE");
}

namespace {

/// Of the core that multiplies: others have no clock to tell of.
Result<std::vector<sim::ThrottleTime>> changes_in(const fs::path& path) {
  const auto trace = TRY(ntff::read(path));
  const auto busiest = std::ranges::max_element(trace.cores, {}, [](const ntff::CoreTrace& core) {
    return core.throttles.size() + (core.instructions.empty() ? 0 : 1);
  });
  if (busiest == trace.cores.end()) return fail(Code::BadInput, "no core, expected at least one");
  return nrt::clock_of(*busiest);
}

}  // namespace

Result<sim::Clock> clock_of(const Inspect& o) {
  sim::Clock clock;
  if (!o.clock_from.empty())
    clock.changes = TRY(changes_in(o.clock_from).within(o.clock_from.string()));
  if (o.what_if.empty()) return clock;
  const auto text = TRY(read_file(o.what_if));
  clock.constants = TRY(sim::what_if(text).within(o.what_if.string()));
  return clock;
}

Result<> run_inspect(const Inspect& o, const fs::path& neff, const std::vector<std::string>& inputs,
                     Terminal& io) {
  // Each look starts on memory of its own.
  const auto look = [&](bool wanted, auto body) -> Result<> {
    if (!wanted) return {};
    auto bench = TRY(nrt::Workbench::open(neff, inputs));
    return body(bench).within(neff.string());
  };
  TRY(look(!o.trace.empty(), [&](const auto& in) { return trace(in, o.trace, io); }));
  TRY(look(!o.dump.empty(), [&](const auto& in) { return dump(in, o.dump, io); }));
  auto poison = look(o.poison, [&](const auto& in) { return check_poison(in, io); });
  TRY(look(o.races, [&](const auto& in) { return check_races(in, io); }));
  return poison;
}

}  // namespace neuron::cmd
