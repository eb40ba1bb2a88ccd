// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/compare.h"
#include "base/json.h"
#include "base/npy.h"
#include "base/numbers.h"
#include "cmd/command.h"
#include "cmd/inspect_run.h"
#include "cmd/run_report.h"
#include "nrt/bench.h"

namespace neuron::cmd {
namespace {

struct Options {
  std::vector<fs::path> neffs{fs::path()};  ///< the first is shown; others run beside it
  std::vector<fs::path> others;
  std::vector<std::string> inputs;
  fs::path npz, labels, times, directory = ".";
  bool npy = false, json = false, save = true, interpret = false;
  int top = 0, determinism = 0;
  std::vector<std::pair<std::string, std::string>> expected;
  Tolerance tolerance;
  std::string fill = "zero";
  std::uint64_t seed = 0;
  std::vector<double> percents{50, 90, 95, 99};
  nrt::BenchOptions bench;
  Inspect inspect;

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

/// Outputs must be those of files that the user gave.
Result<> check_expected(const Options& o, const nrt::Session& session, Terminal& io) {
  for (const auto& pair : o.expected) {
    const std::string &name = pair.first, &file = pair.second;
    const auto& outputs = session.outputs();
    const auto port = std::find_if(outputs.begin(), outputs.end(),
                                   [&](const nrt::Port& p) { return p.name == name; });
    if (port == outputs.end()) return fail(Code::NotFound, "the model has no output {}", name);
    const Tensor value = TRY(session.read(*port));
    Tensor expected{port->type, port->shape, {}};
    expected.bytes = TRY(read_file(file));
    if (npy::is_npy(expected.bytes)) expected = TRY(npy::parse(expected.bytes).within(file));
    const auto d = TRY(compare(value, expected, o.tolerance).within(file));
    if (d.outside > 0)
      return fail(Code::Mismatch,
                  "output {}: {} of {} elements differ from {}; most at {}: {:g}, expected {:g}",
                  name, d.outside, d.elements, file, d.worst, d.value, d.expected);
    if (!o.json) io.out << fmt::format("{}: as in {}\n", name, file);
  }
  return {};
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

/// Where an output goes: NAME.out holds raw bytes, NAME.npy an array.
Result<fs::path> save(const Options& o, const nrt::Port& port, const Tensor& value) {
  const fs::path path = o.directory / (nrt::file_name_of(port.name) + (o.npy ? ".npy" : ".out"));
  TRY(write_file(path, o.npy ? npy::bytes_of(value) : value.bytes));
  return path;
}

Result<std::vector<std::string>> read_labels(const fs::path& path) {
  std::vector<std::string> labels;
  if (path.empty()) return labels;
  const auto bytes = TRY(read_file(path));
  auto text = text_of(bytes);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    labels.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return labels;
}

/// The `top` largest elements, with their labels where there are some.
void print_top(Terminal& io, const Options& o, const Tensor& value,
               const std::vector<std::string>& labels) {
  std::vector<float> numbers(static_cast<std::size_t>(count_of(value.shape)));
  to_floats(value.bytes, value.type, numbers);
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = std::min<std::size_t>(static_cast<std::size_t>(o.top), order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(),
                    [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; });
  for (std::size_t i = 0; i < count; ++i)
    io.out << fmt::format(
        "  {:>2}. {:<16} {:.6g}\n", i + 1,
        order[i] < labels.size() ? labels[order[i]] : fmt::format("[{}]", order[i]),
        numbers[order[i]]);
}

Json port_json(const nrt::Port& port) {
  return {{"name", port.name},
          {"dtype", name_of(port.type)},
          {"shape", port.shape},
          {"bytes", port.size}};
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
    report["inputs"].push_back(port_json(port));
    report["inputs"].back()["zero_filled"] = !port.is_set;
  }
  return {};
}

Result<> make_directory(const fs::path& directory) {
  std::error_code status;
  if (!directory.empty()) fs::create_directories(directory, status);
  if (!status) return {};
  return fail(Code::Io, "{}: cannot create: {}", directory.string(), status.message());
}

Result<> show_outputs(const Options& o, const nrt::Session& session, Terminal& io, Json& report) {
  const auto labels = TRY(read_labels(o.labels));
  TRY(make_directory(o.directory));
  for (const nrt::Port& port : session.outputs()) {
    const Tensor value = TRY(session.read(port));
    report["outputs"].push_back(port_json(port));
    fs::path path;
    if (o.save) path = TRY(save(o, port, value));
    if (o.save) report["outputs"].back()["file"] = path.string();
    if (o.json) continue;
    io.out << fmt::format("{}: {} {}{}\n", port.name, name_of(port.type), text_of(port.shape),
                          o.save ? " -> " + path.string() : "");
    if (o.top > 0) print_top(io, o, value, labels);
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
  report["per_second"] = figures.per_second;
  if (!o.json && !o.is_bench())
    io.out << fmt::format(
        "{} execution{}: host {:.3f} ms (fastest), modelled device time {:.3f} us\n", figures.count,
        figures.count == 1 ? "" : "s", static_cast<double>(figures.fastest) / 1e6,
        static_cast<double>(device_ps) / 1e6);
  if (!o.is_bench()) return {};
  report["threads"] = o.bench.threads;
  report["in_flight"] = o.bench.in_flight;
  report["wall_ns"] = result.wall_ns;
  for (std::uint32_t p = 0; p < sessions.size(); ++p) {
    const auto ps = TRY(sessions[p].device_time_ps());
    const Figures each = figures_of(result, p, o.percents);
    const std::string name = o.neffs[p].filename().string();
    if (!o.json) io.out << name << ":\n" << lines_of(each, ps) << '\n';
    report["packages"].push_back({{"neff", name},
                                  {"executions", each.count},
                                  {"host_ns", json_of(each)},
                                  {"per_second", each.per_second},
                                  {"device_ns", static_cast<double>(ps) / 1000.0}});
  }
  return {};
}

Result<> run_package(const Options& o, Terminal& io) {
  TRY(ask_what_if(o.inspect));
  if (o.inspect.is_wanted()) return run_inspect(o.inspect, o.neffs[0], o.inputs, io);
  if (o.interpret) setenv("NEURON_SIM_INTERPRET", "1", 1);
  const auto begin = std::chrono::steady_clock::now();
  auto sessions = TRY(nrt::Session::open_all(o.neffs));
  const std::chrono::nanoseconds loaded = std::chrono::steady_clock::now() - begin;
  if (o.is_bench() && !o.json)
    io.out << fmt::format("loaded in {:.3f} ms\n", static_cast<double>(loaded.count()) / 1e6);
  Json report{{"neff", o.neffs[0].filename().string()},
              {"load_ns", loaded.count()},
              {"inputs", Json::array()},
              {"outputs", Json::array()}};
  TRY(fill_inputs(o, sessions, io, report));
  const auto result = TRY(measure(o, sessions, progress_of(io)));
  TRY(show_outputs(o, sessions[0], io, report));
  TRY(report_times(o, sessions, result, io, report));
  if (!o.times.empty()) TRY(write_file(o.times, view_of(csv_of(result))));
  if (o.json) io.out << json::text_of(report, 2) << '\n';
  if (o.determinism > 0) TRY(check_determinism(sessions[0], o.determinism));
  if (o.determinism > 0 && !o.json)
    io.out << fmt::format("{} executions gave the same bytes\n", o.determinism);
  return check_expected(o, sessions[0], io);
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

void bind_checks(CLI::App& app, Options& o) {
  app.add_option("--expect", o.expected, "output and .npy or raw file that it must be near to")
      ->type_name("NAME FILE");
  app.add_option("--rtol", o.tolerance.relative, "relative tolerance of --expect")
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--atol", o.tolerance.absolute, "absolute tolerance of --expect")
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--determinism", o.determinism, "execute N times more and compare all bytes")
      ->type_name("N")
      ->check(CLI::Range(2, 1'000'000));
}

}  // namespace

const Command run{
    .path = "run",
    .summary = "Execute a NEFF on the simulated NeuronCores",
    .details =
        "Loads the package through libnrt, fills its inputs from files and writes its outputs to "
        "the "
        "current directory: NAME.out holds raw bytes, NAME.npy (--npy) an array. Inputs that get "
        "no "
        "file are zero-filled, which is said on standard error. Characters of a tensor's name that "
        "a "
        "file name cannot bear become '_'.\n\n"
        "Two times are printed: how long this machine took, and how long the schedule predicts "
        "that the device takes. With threads, a queue, a duration, warm-up or other packages "
        "(--with), it becomes a measurement: every thread has tensors of its own, latencies are "
        "told by percentiles, and the outputs shown are those of one more execution. "
        "--expect and --determinism end with status 12 when outputs are not what they must be.\n\n"
        "--check-races, --poison, --trace and --dump run the reference interpreter on the program "
        "of a single NeuronCore node instead, and save no outputs. --what-if changes constants of "
        "the schedule by name, such as matmul_warm, tensor_ghz or hbm_bytes_per_ns; --clock-from "
        "takes the throttling of the tensor engine from a trace.",
    .examples =
        "neuron run model.neff image 7.npy  # outputs to NAME.out\n"
        "neuron run model.neff image 7.npy --top 3 --labels labels.txt\n"
        "neuron run model.neff --num-exec 100 --json\n"
        "neuron run model.neff --fill random --threads 4 --duration 10 --warm-up 5\n"
        "neuron run model.neff image 7.npy --expect probabilities 7.expected.npy",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neffs[0], "NEFF to execute")->type_name("NEFF")->required();
      app.add_option("inputs", o->inputs, "input tensors: name and .npy or raw file, in pairs")
          ->type_name("NAME FILE");
      app.add_option("-o,--output-dir", o->directory, "directory for outputs, made when missing")
          ->type_name("DIR")
          ->capture_default_str();
      app.add_flag("--npy", o->npy, "write outputs as .npy arrays");
      app.add_flag("!--no-save", o->save, "write no outputs");
      app.add_option("--top", o->top, "show the K largest elements of each output")
          ->type_name("K")
          ->check(CLI::PositiveNumber);
      app.add_option("--labels", o->labels, "names of the elements for --top, a line each")
          ->type_name("FILE");
      app.add_flag("--interpret", o->interpret,
                   "execute instruction by instruction, without a plan (slower; the reference)");
      bind_measurement(app, *o);
      bind_checks(app, *o);
      app.add_option("--npz", o->npz, "inputs from an .npz file, by name")->type_name("FILE");
      app.add_option("--fill", o->fill, "inputs without a file: zero, one or random")
          ->type_name("WORD")
          ->check(CLI::IsMember({"zero", "one", "random"}))
          ->capture_default_str();
      app.add_option("--seed", o->seed, "of --fill random")->type_name("N");
      app.add_option("--with", o->others,
                     "another NEFF that runs at the same time; may be repeated")
          ->type_name("NEFF");
      app.add_flag("--json", o->json, "report as JSON");
      bind_inspect(app, o->inspect);
      return [o](Terminal& io) {
        o->neffs.insert(o->neffs.end(), o->others.begin(), o->others.end());
        return run_package(*o, io);
      };
    }};

}  // namespace neuron::cmd
