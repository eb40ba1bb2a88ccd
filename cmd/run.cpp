// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <sstream>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/inspect_run.h"
#include "cmd/launch.h"
#include "cmd/ranks.h"
#include "cmd/run_checkpoint.h"
#include "cmd/run_outputs.h"
#include "cmd/run_report.h"
#include "compile/checkpoint.h"
#include "compile/saved_model.h"
#include "nrt/bench.h"
#include "nrt/settings.h"

namespace neuron::cmd {
namespace {

constexpr int kMostRanks = 64;

struct Options {
  std::vector<fs::path> neffs{fs::path()};  ///< the first is shown; others run beside it
  std::vector<fs::path> others;
  std::vector<std::string> inputs;
  fs::path npz, times;
  bool interpret = false, predicts = false;
  int determinism = 0;
  OutputWishes outputs;
  std::string fill = "zero";
  std::uint64_t seed = 0;
  std::vector<double> percents{50, 90, 95, 99};
  nrt::BenchOptions bench;
  Inspect inspect;
  nrt::Rank rank;  ///< of this process

  bool is_bench() const {
    return bench.threads > 1 || bench.in_flight > 1 || bench.warm_up > 0 || bench.seconds > 0 ||
           bench.rate > 0 || bench.moves_tensors || neffs.size() > 1;
  }
};

/// The plain case needs no lanes: outputs of the last execution are the session's.
Result<nrt::BenchResult> execute(nrt::Session& session, std::uint64_t executions,
                                 const Progress& progress) {
  using Clock = std::chrono::steady_clock;
  nrt::BenchResult result;
  const auto first = Clock::now();
  for (std::uint64_t i = 0; i < executions; ++i) {
    const auto begin = Clock::now();
    TRY(session.execute());
    const auto end = Clock::now();
    result.executions.push_back({(begin - first).count(), (end - begin).count(), 0, 0});
    if (progress) progress("executing", i + 1, executions);
  }
  result.wall_ns = (Clock::now() - first).count();
  return result;
}

Result<nrt::BenchResult> measure(const Options& o, std::vector<nrt::Session>& sessions,
                                 const Progress& progress) {
  if (!o.is_bench()) return execute(sessions[0], o.bench.executions, progress);
  auto result = TRY(nrt::bench(sessions, o.bench, progress));
  TRY(sessions[0].execute());  // whose outputs are shown and saved
  return result;
}

/// The same inputs must give the same bytes.
Result<> check_determinism(nrt::Session& session, int times) {
  std::vector<Bytes> first;
  for (int i = 0; i < times; ++i) {
    TRY(session.execute());
    for (std::size_t k = 0; k < session.outputs().size(); ++k) {
      Tensor value = TRY(session.read(session.outputs()[k]));
      if (i == 0)
        first.push_back(std::move(value.bytes));
      else if (value.bytes != first[k])
        return fail(Code::Mismatch, "output {}: execution {} differs from the first",
                    session.outputs()[k].name, i + 1);
    }
  }
  return {};
}

Result<> fill_inputs(const Options& o, std::vector<nrt::Session>& sessions, Terminal& io,
                     Json& report) {
  const auto fill = o.fill == "random" ? nrt::Fill::Random
                    : o.fill == "one"  ? nrt::Fill::One
                                       : nrt::Fill::Zero;
  TRY(sessions[0].set_inputs(o.inputs));
  if (!o.npz.empty()) TRY(sessions[0].set_inputs_from(o.npz));
  std::vector<bool> given;
  for (const nrt::Port& port : sessions[0].inputs()) given.push_back(port.is_set);
  for (nrt::Session& session : sessions) TRY(session.fill_inputs(fill, o.seed));
  for (std::size_t i = 0; i < given.size(); ++i) {
    const nrt::Port& port = sessions[0].inputs()[i];
    if (!given[i] && fill == nrt::Fill::Zero)
      io.err << fmt::format("Input tensor {} will be zero-filled\n", port.name);
    report["inputs"].push_back(json_of(port));
    report["inputs"].back()["zero_filled"] = !port.is_set;
  }
  return {};
}

/// Times of the plain case stay two words; a measurement tells all it knows.
Result<> report_times(const Options& o, const std::vector<nrt::Session>& sessions,
                      const nrt::BenchResult& result, Terminal& io, Json& report) {
  const auto device_ps = TRY(sessions[0].device_time_ps());
  const Figures figures = figures_of(result, 0, o.percents);
  report["executions"] = figures.count;
  report["instructions"] = sessions[0].instruction_count();
  report["host_ns"] = json_of(figures);
  report["device_ns"] = static_cast<double>(device_ps) / 1000.0;
  report["parametric"] = sessions[0].is_parametric();
  report["per_second"] = figures.per_second;
  if (!o.outputs.json && !o.is_bench())
    io.out << fmt::format(
        "{} execution{}: host {:.3f} ms (fastest), modelled device time {:.3f} us{}\n",
        figures.count, figures.count == 1 ? "" : "s", static_cast<double>(figures.fastest) / 1e6,
        static_cast<double>(device_ps) / 1e6, sessions[0].is_parametric() ? " (parametric)" : "");
  if (!o.is_bench()) return {};
  report["threads"] = o.bench.threads;
  report["in_flight"] = o.bench.in_flight;
  report["wall_ns"] = result.wall_ns;
  for (std::uint32_t p = 0; p < sessions.size(); ++p) {
    const auto ps = TRY(sessions[p].device_time_ps());
    const Figures each = figures_of(result, p, o.percents);
    const std::string name = o.neffs[p].filename().string();
    if (!o.outputs.json) io.out << name << ":\n" << lines_of(each, ps) << '\n';
    report["packages"].push_back({{"neff", name},
                                  {"executions", each.count},
                                  {"host_ns", json_of(each)},
                                  {"per_second", each.per_second},
                                  {"device_ns", static_cast<double>(ps) / 1000.0}});
  }
  return {};
}

/// A checkpoint has parts whose form only its values tell; it is executed once.
Result<> check_plain(const Options& o) {
  if (!o.is_bench() && o.bench.executions == 1 && o.determinism == 0 && !o.inspect.is_wanted() &&
      o.times.empty() && o.fill == "zero")
    return {};
  return fail(Code::BadUsage,
              "{}: a checkpoint with nodes of the host is executed once, for its outputs; measure "
              "and look into a package: compile the unpartitioned model to a NEFF",
              o.neffs[0].string());
}

Result<SharedBytes> package_at(const fs::path& path) {
  auto inside = TRY(compile::package_in_saved_model(path));
  if (inside) return SharedBytes(std::move(*inside));
  auto file = TRY(MappedFile::open(path));
  return SharedBytes(std::move(file));
}

Result<std::vector<nrt::Session>> open_sessions(const std::vector<fs::path>& paths,
                                                nrt::Rank rank) {
  std::vector<SharedBytes> packages;
  for (const fs::path& path : paths) {
    auto package = TRY(package_at(path));
    packages.push_back(std::move(package));
  }
  return nrt::Session::open_packages(paths, packages, rank);
}

Result<> run_package(const Options& o, Terminal& io) {
  const auto clock = TRY(clock_of(o.inspect));
  if (o.inspect.is_wanted() && !compile::mxnet::is_checkpoint(o.neffs[0]))
    return run_inspect(o.inspect, o.neffs[0], o.inputs, io);
  if (o.interpret) setenv("NEURON_SIM_INTERPRET", "1", 1);
  if (compile::mxnet::is_checkpoint(o.neffs[0])) {
    TRY(check_plain(o));
    return run_checkpoint(o.neffs[0], o.inputs, o.npz, clock, o.outputs, io);
  }
  const auto begin = std::chrono::steady_clock::now();
  auto sessions = TRY(open_sessions(o.neffs, o.rank));
  for (nrt::Session& session : sessions) TRY(session.set_clock(clock));
  const std::chrono::nanoseconds loaded = std::chrono::steady_clock::now() - begin;
  if (o.is_bench() && !o.outputs.json)
    io.out << fmt::format("loaded in {:.3f} ms\n", static_cast<double>(loaded.count()) / 1e6);
  Json report{{"neff", o.neffs[0].filename().string()},
              {"load_ns", loaded.count()},
              {"inputs", Json::array()},
              {"outputs", Json::array()}};
  TRY(fill_inputs(o, sessions, io, report));
  const auto result = TRY(measure(o, sessions, progress_of(io)));
  const nrt::Session& first = sessions[0];
  const Outputs outputs{first.outputs(), [&](const nrt::Port& port) { return first.read(port); }};
  TRY(show_outputs(o.outputs, outputs, io, report));
  TRY(report_times(o, sessions, result, io, report));
  if (!o.times.empty()) TRY(write_file(o.times, view_of(csv_of(result))));
  if (o.outputs.json) io.out << json::text_of(report, 2) << '\n';
  if (o.determinism > 0) TRY(check_determinism(sessions[0], o.determinism));
  if (o.determinism > 0 && !o.outputs.json)
    io.out << fmt::format("{} executions gave the same bytes\n", o.determinism);
  return check_expected(o.outputs, outputs, io);
}

/// Ranks execute equally often, one execution after another, or they would wait for each other.
Result<> check_ranks(const Options& o) {
  if (o.bench.threads == 1 && o.bench.in_flight == 1 && o.bench.seconds == 0 && o.others.empty())
    return {};
  return fail(Code::BadUsage,
              "--ranks cannot be combined with --threads, --in-flight, --duration or --with");
}

/// The first rank tells what it did, all of them check.
Result<> run_rank(const Options& o, std::uint32_t rank, Terminal& io) {
  Options one = o;
  one.neffs = {package_of_rank(o.neffs[0], static_cast<int>(rank))};
  one.rank.rank = rank;
  if (rank == 0) return run_package(one, io);
  one.outputs.save = false;
  one.times.clear();
  std::ostringstream silent;
  Terminal nowhere{silent, silent, false, false};
  return run_package(one, nowhere);
}

/// This process is one of the ranks that a launcher started, here or on other hosts.
Result<> run_launched(const Options& o, const WorkerPlace& place, Terminal& io) {
  if (o.rank.ranks != place.ranks)
    return fail(Code::BadUsage, "--ranks is {}, {} started {}", o.rank.ranks, place.launcher,
                place.ranks);
  if (nrt::settings::text("NEURON_RT_ROOT_COMM_ID").empty())
    ::setenv("NEURON_RT_ROOT_COMM_ID", kDefaultRoot, 1);
  if (nrt::settings::text("NEURON_RT_VISIBLE_CORES").empty())
    ::setenv("NEURON_RT_NUM_CORES", "1", 0);  // others of this host need theirs
  return run_rank(o, place.rank, io).within(fmt::format("rank {}", place.rank));
}

/// Each rank is a process.
Result<> run_ranks(const Options& o, Terminal& io) {
  TRY(check_ranks(o));
  const auto place = TRY(worker_place());
  if (place) return run_launched(o, *place, io);
  TRY(choose_meeting_place());
  return for_each_rank(0, static_cast<int>(o.rank.ranks), io, [&](int rank, Terminal& out) {
    return run_rank(o, static_cast<std::uint32_t>(rank), out);
  });
}

void bind_measurement(CLI::App& app, Options& o) {
  app.add_option("--num-exec", o.bench.executions, "how often to execute")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--duration", o.bench.seconds, "execute for so long instead of a count")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  app.add_option("--warm-up", o.bench.warm_up, "executions of each thread that are not counted")
      ->type_name("N");
  app.add_option("--threads", o.bench.threads, "threads that execute, for each package")
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--in-flight", o.bench.in_flight,
                 "executions that a thread has scheduled at a time")
      ->type_name("N")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--rate", o.bench.rate, "executions a second of each thread; free unless given")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_flag("--transfers", o.bench.moves_tensors,
               "count copies of inputs to and of outputs from the device, too");
  app.add_option("--percentile", o.percents, "latencies to report, in percent, with commas")
      ->type_name("P")
      ->delimiter(',')
      ->check(CLI::Range(0.0, 100.0));
  app.add_option("--times", o.times, "write begin and latency of each execution as CSV")
      ->type_name("FILE");
}

}  // namespace

const Command run{
    .path = "run",
    .summary = "Execute a NEFF or a compiled model on the simulated NeuronCores",
    .details =
        "Loads the package through libnrt, fills its inputs from files and writes its outputs to "
        "the "
        "current directory: NAME.out holds raw bytes, NAME.npy (--npy) an array. Inputs that get "
        "no "
        "file are zero-filled, which is said on standard error. Characters of a tensor's name that "
        "a "
        "file name cannot bear become '_'.\n\n"
        "Instead of a NEFF it may be a SavedModel that 'neuron compile-saved-model' made, or a "
        "checkpoint of MXNet that the Python module mx_neuron partitioned (its symbol.json, or its "
        ".params where there are several): subgraphs then run on the NeuronCores and the nodes "
        "between them on the CPU, each once.\n\n"
        "Two times are printed: how long this machine took, and how long the schedule predicts "
        "that the device takes. With threads, a queue, a duration, warm-up or other packages "
        "(--with), it becomes a measurement: every thread has tensors of its own, latencies are "
        "told by percentiles, and the outputs shown are those of one more execution. "
        "--expect and --determinism end with status 12 when outputs are not what they must be.\n\n"
        "--check-races, --poison, --trace and --dump run the reference interpreter on the program "
        "of a single NeuronCore node instead, and save no outputs. --what-if changes constants of "
        "the schedule by name, such as matmul_warm, tensor_ghz or hbm_bytes_per_ns; --clock-from "
        "takes the throttling of the tensor engine from a trace.\n\n"
        "A package with collective operations needs all its ranks: --ranks runs them as processes "
        "of this machine, with the same inputs; shown and saved is what rank 0 gets, and all of "
        "them check --expect and --determinism. Under mpirun or srun each process is one of the "
        "--ranks, on this host or others; NEURON_RT_ROOT_COMM_ID then tells where rank 0 waits, by "
        "default 127.0.0.1:48620.",
    .examples =
        "neuron run model.neff image 7.npy  # outputs to NAME.out\n"
        "neuron run model.neff image 7.npy --top 3 --labels labels.txt\n"
        "neuron run model.neff --num-exec 100 --json\n"
        "neuron run compiled-symbol.json data image.npy  # a partitioned checkpoint of MXNet\n"
        "neuron run model.neff --fill random --threads 4 --duration 10 --warm-up 5\n"
        "neuron run model.neff x x.npy --ranks 4  # model.rank0.neff to model.rank3.neff\n"
        "mpirun -n 4 neuron run model.neff x x.npy --ranks 4  # ranks of mpirun\n"
        "neuron run model.neff image 7.npy --expect probabilities 7.expected.npy",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neffs[0],
                     "NEFF, compiled SavedModel or partitioned checkpoint to execute")
          ->type_name("NEFF")
          ->required();
      app.add_option("inputs", o->inputs, "input tensors: name and .npy or raw file, in pairs")
          ->type_name("NAME FILE");
      bind_outputs(app, o->outputs);
      app.add_flag("--interpret", o->interpret,
                   "execute instruction by instruction, without a plan (slower; the reference)");
      bind_measurement(app, *o);
      app.add_option("--determinism", o->determinism, "execute N times more and compare all bytes")
          ->type_name("N")
          ->check(CLI::Range(2, 1'000'000));
      app.add_option("--npz", o->npz, "inputs from an .npz file, by name")->type_name("FILE");
      app.add_option("--fill", o->fill, "inputs without a file: zero, one or random")
          ->type_name("WORD")
          ->check(CLI::IsMember({"zero", "one", "random"}))
          ->capture_default_str();
      app.add_option("--seed", o->seed, "of --fill random")->type_name("N");
      app.add_option("--with", o->others,
                     "another NEFF that runs at the same time; may be repeated")
          ->type_name("NEFF");
      bind_inspect(app, o->inspect);
      app.add_option("--ranks", o->rank.ranks,
                     "processes that run the package together, as ranks of its collective "
                     "operations; rank N takes NEFF.rankN.neff where that exists")
          ->type_name("N")
          ->check(CLI::Range(1, kMostRanks))
          ->capture_default_str();
      app.add_flag("--predict", o->predicts,
                   "execute nothing: tell the time that the schedule predicts, collective "
                   "operations of any number of ranks included");
      return [o](Terminal& io) -> Result<> {
        if (o->predicts) {
          const auto clock = TRY(clock_of(o->inspect));
          return tell_prediction(o->neffs[0], clock, o->outputs.json, io);
        }
        if (o->rank.ranks > 1) return run_ranks(*o, io);
        o->neffs.insert(o->neffs.end(), o->others.begin(), o->others.end());
        return run_package(*o, io);
      };
    }};

}  // namespace neuron::cmd
