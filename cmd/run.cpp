// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <numeric>

#include "base/json.h"
#include "base/npy.h"
#include "base/numbers.h"
#include "cmd/command.h"
#include "nrt/session.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path neff;
  std::vector<std::string> inputs;
  fs::path directory = ".";
  bool npy = false, json = false, save = true, interpret = false;
  int executions = 1, top = 0;
  fs::path labels;
};

struct Times {
  std::vector<std::int64_t> host_ns;
  std::int64_t fastest() const { return *std::min_element(host_ns.begin(), host_ns.end()); }
  std::int64_t median() const {
    auto sorted = host_ns;
    std::nth_element(sorted.begin(),
                     sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

Result<Times> execute(nrt::Session& session, int executions, const Progress& progress) {
  Times times;
  for (int i = 0; i < executions; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    TRY(session.execute());
    times.host_ns.push_back((std::chrono::steady_clock::now() - begin).count());
    if (progress)
      progress("executing", static_cast<std::uint64_t>(i + 1),
               static_cast<std::uint64_t>(executions));
  }
  return times;
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

Result<> run_package(const Options& o, Terminal& io) {
  const auto labels = TRY(read_labels(o.labels));
  if (o.interpret) setenv("NEURON_SIM_INTERPRET", "1", 1);
  auto session = TRY(nrt::Session::open(o.neff));
  TRY(session.set_inputs(o.inputs));
  Json report{
      {"neff", o.neff.filename().string()}, {"inputs", Json::array()}, {"outputs", Json::array()}};
  for (const nrt::Port& port : session.inputs()) {
    if (!port.is_set) io.err << fmt::format("Input tensor {} will be zero-filled\n", port.name);
    report["inputs"].push_back(port_json(port));
    report["inputs"].back()["zero_filled"] = !port.is_set;
  }
  const Times times = TRY(execute(session, o.executions, progress_of(io)));
  const auto device_ps = TRY(session.device_time_ps());
  if (!o.directory.empty()) {
    std::error_code status;
    fs::create_directories(o.directory, status);
    if (status)
      return fail(Code::Io, "{}: cannot create: {}", o.directory.string(), status.message());
  }
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
  report["executions"] = o.executions;
  report["instructions"] = session.instruction_count();
  report["host_ns"] = {{"min", times.fastest()}, {"median", times.median()}};
  report["device_ns"] = static_cast<double>(device_ps) / 1000.0;
  if (o.json)
    io.out << json::text_of(report, 2) << '\n';
  else
    io.out << fmt::format(
        "{} execution{}: host {:.3f} ms (fastest), modelled device time {:.3f} us\n", o.executions,
        o.executions == 1 ? "" : "s", static_cast<double>(times.fastest()) / 1e6,
        static_cast<double>(device_ps) / 1e6);
  return {};
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
        "that "
        "the device takes.",
    .examples =
        "neuron run model.neff image 7.npy  # outputs to NAME.out\n"
        "neuron run model.neff image 7.npy --top 3 --labels labels.txt\n"
        "neuron run model.neff --num-exec 100 --json",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      app.add_option("neff", o->neff, "NEFF to execute")->type_name("NEFF")->required();
      app.add_option("inputs", o->inputs, "input tensors: name and .npy or raw file, in pairs")
          ->type_name("NAME FILE");
      app.add_option("-o,--output-dir", o->directory, "directory for outputs, made when missing")
          ->type_name("DIR")
          ->capture_default_str();
      app.add_flag("--npy", o->npy, "write outputs as .npy arrays");
      app.add_flag("!--no-save", o->save, "write no outputs");
      app.add_option("--num-exec", o->executions, "how often to execute")
          ->type_name("N")
          ->check(CLI::PositiveNumber)
          ->capture_default_str();
      app.add_option("--top", o->top, "show the K largest elements of each output")
          ->type_name("K")
          ->check(CLI::PositiveNumber);
      app.add_option("--labels", o->labels, "names of the elements for --top, a line each")
          ->type_name("FILE");
      app.add_flag("--interpret", o->interpret,
                   "execute instruction by instruction, without a plan (slower; the reference)");
      app.add_flag("--json", o->json, "report as JSON");
      return [o](Terminal& io) { return run_package(*o, io); };
    }};

}  // namespace neuron::cmd
