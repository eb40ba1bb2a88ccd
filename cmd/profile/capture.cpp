// SPDX-License-Identifier: Apache-2.0
#include <charconv>
#include <iterator>
#include <sstream>

#include "cmd/profile/foreign.h"
#include "cmd/profile/worker.h"
#include "cmd/ranks.h"
#include "nrt/events.h"

namespace neuron::cmd {
namespace {

constexpr int kMostWorkers = 64;

struct Options : CaptureOptions {
  std::vector<std::string> inputs;
  fs::path multi_input;
  int workers = 0, all_workers = 0, start_id = 0;
  std::string profile_id = "all", capture_type = "profile", exec_mode = "sync";
  bool lists_event_types = false;
  bool is_collective() const { return workers > 0 || all_workers > 0; }
  int worker_count() const { return workers > 0 ? workers : all_workers; }
};

Result<> check(const Options& o) {
  if (o.every > o.executions)
    return fail(Code::BadUsage, "--profile-nth-exec is {}, but --num-exec is {}", o.every,
                o.executions);
  if (!o.is_collective() && (!o.multi_input.empty() || o.profile_id != "all" || o.start_id))
    return fail(Code::BadUsage,
                "-m, -i and --collectives-worker-start-id are for several workers; say how many "
                "with -r");
  if (!o.multi_input.empty() && !o.inputs.empty())
    return fail(Code::BadUsage, "give inputs either here or in {}", o.multi_input.string());
  if (o.all_workers > 0 && o.all_workers < o.start_id + o.worker_count())
    return fail(Code::BadUsage, "workers {} to {} are here, but --collectives-worker-count is {}",
                o.start_id, o.start_id + o.worker_count() - 1, o.all_workers);
  return {};
}

/// The rank that is profiled; -1 for all.
Result<int> profiled_rank(const Options& o) {
  if (o.profile_id == "all") return -1;
  int rank = -1;
  const char* end = o.profile_id.data() + o.profile_id.size();
  const auto [at, status] = std::from_chars(o.profile_id.data(), end, rank);
  if (status != std::errc() || at != end || rank < o.start_id ||
      rank >= o.start_id + o.worker_count())
    return fail(Code::BadUsage, "--collectives-profile-id {}: expected all or a rank from {} to {}",
                o.profile_id, o.start_id, o.start_id + o.worker_count() - 1);
  return rank;
}

/// One line of NAME FILE NAME FILE ... for each worker.
Result<std::vector<std::vector<std::string>>> inputs_of_workers(const Options& o) {
  const auto count = static_cast<std::size_t>(o.worker_count());
  if (o.multi_input.empty()) return std::vector<std::vector<std::string>>(count, o.inputs);
  const Bytes bytes = TRY(read_file(o.multi_input));
  std::vector<std::vector<std::string>> inputs;
  std::istringstream lines{std::string(text_of(bytes))};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    inputs.emplace_back(std::istream_iterator<std::string>(words),
                        std::istream_iterator<std::string>());
  }
  while (inputs.size() > count && inputs.back().empty()) inputs.pop_back();
  if (inputs.size() != count)
    return fail(Code::BadInput, "{}: {} lines for {} workers", o.multi_input.string(),
                inputs.size(), count);
  return inputs;
}

/// Options that the simulated device has no use for, or that another command serves.
Result<> check_foreign(const Options& o, const ForeignOptions& foreign, Terminal& io) {
  TRY(foreign.answer(io));
  if (o.capture_type != "profile")
    return fail(Code::BadUsage,
                "--capture-type {}: events of the runtime are recorded by 'neuron profile inspect "
                "COMMAND'; this command traces the device",
                o.capture_type);
  if (o.exec_mode != "sync")
    io.err << fmt::format(
        "neuron: notice: --exec-mode {} has no effect: executions are modelled one by one, and "
        "how they are queued changes no trace\n",
        o.exec_mode);
  return {};
}

Result<> capture(const Options& o, const ForeignOptions& foreign, Terminal& io) {
  if (o.lists_event_types) {
    for (const std::string& name : nrt::events::all_names()) io.out << name << "\n";
    return {};
  }
  TRY(check_foreign(o, foreign, io));
  if (o.neff.empty()) return fail(Code::BadUsage, "no package: give the NEFF with -n");
  TRY(check(o));
  if (!o.is_collective()) return capture_worker(o, o.inputs, -1, io);
  const auto inputs = TRY(inputs_of_workers(o));
  const int profiled = TRY(profiled_rank(o));
  const int all = o.all_workers > 0 ? o.all_workers : o.start_id + o.worker_count();
  if (all == o.worker_count()) TRY(choose_meeting_place());
  return for_each_rank(o.start_id, o.worker_count(), io, [&](int rank, Terminal& out) {
    CaptureOptions one = o;
    one.neff = package_of_rank(o.neff, rank);
    one.ranks = all;
    one.disable_profile = o.disable_profile || (profiled >= 0 && profiled != rank);
    return capture_worker(one, inputs[static_cast<std::size_t>(rank - o.start_id)], rank, out);
  });
}

void add_worker_options(CLI::App& app, Options& o) {
  app.add_option("-r,--collectives-workers-per-node", o.workers,
                 "workers on this machine, each a process on a NeuronCore of its own; traces get "
                 "_rank_N in their names")
      ->type_name("N")
      ->check(CLI::Range(1, kMostWorkers));
  app.add_option("--collectives-worker-count", o.all_workers, "workers on all machines")
      ->type_name("N")
      ->check(CLI::Range(1, kMostWorkers));
  app.add_option("--collectives-worker-start-id", o.start_id, "rank of the first worker here")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("-i,--collectives-profile-id", o.profile_id, "the rank that is traced, or all")
      ->type_name("RANK")
      ->capture_default_str();
  app.add_option("-m,--multi-input", o.multi_input,
                 "inputs of each worker, a line of NAME FILE ...")
      ->type_name("FILE");
}

void add_options(CLI::App& app, Options& o) {
  app.add_option("-n,--neff", o.neff, "compiled NEFF to profile")->type_name("NEFF");
  app.add_option("-s,--session-file", o.session_file, "trace to write")
      ->type_name("NTFF")
      ->capture_default_str();
  app.add_option("inputs", o.inputs, "input tensors: name and .npy or raw file, in pairs")
      ->type_name("NAME FILE");
  app.add_option("--num-exec", o.executions, "how often to execute")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--profile-nth-exec", o.every,
                 "trace every Nth execution, into files with _exec_N in their names; 0: none; "
                 "unless given, the last one, under the plain name")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--ignore-exec-errors", o.ignore_errors, "go on after an execution that failed");
  app.add_flag("--disable-profile", o.disable_profile, "load and execute only");
  app.add_option("-t,--capture-type", o.capture_type,
                 "what is traced: profile, the device; systrace is 'neuron profile inspect'")
      ->check(CLI::IsMember({"profile", "systrace"}))
      ->capture_default_str();
  app.add_option("--exec-mode", o.exec_mode,
                 "how executions are queued; all three give the same traces here")
      ->check(CLI::IsMember({"sync", "async", "async-wait"}))
      ->capture_default_str();
  app.add_flag("--systrace-get-event-types", o.lists_event_types,
               "print the events that the runtime records, and end");
  app.add_flag("--save-output", o.save_raw,
               "write raw outputs beside the trace, named as the tensors");
  app.add_flag("--save-output-npy", o.save_npy, "write outputs beside the trace as NAME.npy");
  app.add_flag("--check-output-determinism", o.check_determinism,
               "fail when an execution gives other outputs than the first");
}

}  // namespace

const Command profile_capture{
    .path = "profile capture",
    .summary = "Execute a NEFF and record a device trace",
    .details =
        "Executes the package on the simulated NeuronCores and writes an NTFF file in the layout "
        "of real device traces, version 6; a name that ends in .zst is framed with zstd. Inputs "
        "that get no file are zero-filled.\n\n"
        "With -r, that many workers run at once, each a process on its own NeuronCore; worker N "
        "writes profile_rank_N.ntff. `profile view -d` shows them together. Workers are the ranks "
        "of the package's collective operations; where model.rankN.neff stands beside model.neff, "
        "worker N takes that. On several machines they meet at NEURON_RT_ROOT_COMM_ID.",
    .examples =
        "neuron profile capture -n model.neff -s profile.ntff\n"
        "neuron profile capture -n model.neff -s profile.ntff image 7.npy\n"
        "neuron profile capture -n model.neff --num-exec 10 --profile-nth-exec 5  # two traces\n"
        "neuron profile capture -n model.neff -s out/profile.ntff -r 4  # one a worker",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      add_options(app, *o);
      add_worker_options(app, *o);
      const auto foreign = ForeignOptions::add(app, ProfileCommand::Capture);
      return [o, foreign](Terminal& io) { return capture(*o, *foreign, io); };
    }};

}  // namespace neuron::cmd
