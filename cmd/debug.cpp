// SPDX-License-Identifier: Apache-2.0
#include "sim/debug.h"

#include <fstream>
#include <iostream>

#include "cmd/command.h"
#include "nrt/workbench.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff, script;
  std::vector<std::string> inputs;
};

Result<> debug_package(const Options& o, Terminal& io) {
  auto bench = TRY(nrt::Workbench::open(o.neff, o.inputs));
  std::ifstream file;
  if (!o.script.empty()) {
    file.open(o.script);
    if (!file) return fail(Code::Io, "{}: cannot be read", o.script.string());
  }
  const sim::DebugNames names{[&](std::size_t core, isa::Engine engine, std::uint32_t pc) {
                                return bench.name_of(core, engine, pc);
                              },
                              [&](const std::string& variable) { return bench.type_of(variable); }};
  const sim::DebugOptions options{io.progress && o.script.empty() ? "(neuron) " : "",
                                  !o.script.empty()};
  return sim::debug(bench.parts(), names, o.script.empty() ? std::cin : file, io.out, options)
      .within(o.neff.string());
}

}  // namespace

const Command debug{
    .path = "debug",
    .summary = "Stop inside a NEFF, step through it and look at its memory",
    .details =
        "Runs the package with the reference interpreter and reads commands, from the terminal or "
        "--script FILE: break (engine and pc, layer, opcode, semaphore), watch, step, continue, "
        "print (tensors, SBUF, PSUM, semaphores, registers), expect, where, disassemble, quit; "
        "help "
        "explains each. A step is one instruction, or one transfer that an instruction started. "
        "Where commands end, the program runs to its end. With --script, a command that is not "
        "understood fails, and a value that is not as expected fails with exit status 11.",
    .examples =
        "neuron debug model.neff image 7.npy  # stops before the first instruction\n"
        "neuron debug model.neff image 7.npy --script check.txt",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to run")->type_name("NEFF")->required();
      app.add_option("inputs", o->inputs, "input tensors: name and .npy or raw file, in pairs")
          ->type_name("NAME FILE");
      app.add_option("--script", o->script, "read commands from FILE")->type_name("FILE");
      return [o](Terminal& io) { return debug_package(*o, io); };
    }};

}  // namespace neuron::cmd
