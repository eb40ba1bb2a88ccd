// SPDX-License-Identifier: Apache-2.0
#include "cmd/command.h"
#include "nrt/session.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff;
  fs::path session_file = "profile.ntff";
  std::vector<std::string> inputs;
  int executions = 1;
  int profiled = 0;
  bool ignore_errors = false;
};

Result<> capture(const Options& o, Terminal& io) {
  if (o.profiled > o.executions)
    return fail(Code::BadUsage, "--profile-nth-exec is {}, but --num-exec is {}", o.profiled,
                o.executions);
  auto session = TRY(nrt::Session::open(o.neff));
  TRY(session.set_inputs(o.inputs));
  for (const nrt::Port& port : session.inputs())
    if (!port.is_set) io.err << fmt::format("Input tensor {} will be zero-filled\n", port.name);
  const int nth = o.profiled > 0 ? o.profiled : o.executions;
  const Progress progress = progress_of(io);
  for (int i = 1; i <= o.executions; ++i) {
    if (i == nth) TRY(session.start_profile(o.session_file));
    auto done = session.execute();
    if (!done && !o.ignore_errors) return done;
    if (!done) io.err << fmt::format("execution {}: {}\n", i, done.error().message);
    if (i == nth) TRY(session.stop_profile(o.session_file));
    if (progress)
      progress("executing", static_cast<std::uint64_t>(i),
               static_cast<std::uint64_t>(o.executions));
  }
  io.out << fmt::format("Profile of execution {} written to {}\n", nth, o.session_file.string());
  return {};
}

}  // namespace

const Command profile_capture{
    .path = "profile capture",
    .summary = "Execute a NEFF and record a device trace",
    .details =
        "Executes the package on the simulated NeuronCores and writes an NTFF file in the layout "
        "of "
        "real device traces, version 6; a name that ends in .zst is framed with zstd. Inputs that "
        "get no file are zero-filled.",
    .examples =
        "neuron profile capture -n model.neff -s profile.ntff\n"
        "neuron profile capture -n model.neff -s profile.ntff image 7.npy",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("-n,--neff", o->neff, "compiled NEFF to profile")
          ->type_name("NEFF")
          ->required();
      app.add_option("-s,--session-file", o->session_file, "trace to write")
          ->type_name("NTFF")
          ->capture_default_str();
      app.add_option("inputs", o->inputs, "input tensors: name and .npy or raw file, in pairs")
          ->type_name("NAME FILE");
      app.add_option("--num-exec", o->executions, "how often to execute")
          ->type_name("N")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
      app.add_option("--profile-nth-exec", o->profiled,
                     "which execution to trace; the last unless given")
          ->type_name("N")
          ->check(CLI::PositiveNumber);
      app.add_flag("--ignore-exec-errors", o->ignore_errors,
                   "go on after an execution that failed");
      return [o](Terminal& io) { return capture(*o, io); };
    }};

}  // namespace neuron::cmd
