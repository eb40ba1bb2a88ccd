// SPDX-License-Identifier: Apache-2.0
#include "cmd/run_checkpoint.h"

#include <algorithm>

#include "base/npy.h"
#include "base/npz.h"
#include "compile/checkpoint.h"

namespace neuron::cmd {
namespace {

using compile::mxnet::Checkpoint;
using compile::mxnet::Known;
using compile::mxnet::Step;

/// One execution: values by their places, and what it took.
struct Walk {
  const Checkpoint& checkpoint;
  const sim::Clock& clock;
  Terminal& io;
  Known known = {};
  std::uint64_t device_ps = 0, subgraphs = 0, host_operators = 0;
  bool is_parametric = false;
  Json steps = Json::array();

  Result<> give(const std::string& name, Tensor value, const std::string& from);
  Result<> give_all(const std::vector<std::string>& pairs, const fs::path& npz);
  Result<> feed(nrt::Session& session, const Step::Wire& wire);
  Result<> take(const Step& step);
  Result<> execute(const Step& step, SharedBytes package);
};

std::string title_of(const Step& step) { return fmt::format("node '{}' ({})", step.name, step.op); }

Result<> Walk::give(const std::string& name, Tensor value, const std::string& from) {
  const auto& inputs = checkpoint.inputs;
  const auto at = std::find_if(inputs.begin(), inputs.end(),
                               [&](const Step::Wire& input) { return input.name == name; });
  if (at != inputs.end()) {
    known[at->place] = std::move(value);
    return {};
  }
  std::vector<std::string> names;
  for (const Step::Wire& input : inputs) names.push_back(input.name);
  return fail(Code::BadInput, "{}: the model has no input {}; its inputs are {}", from, name,
              fmt::join(names, ", "));
}

Result<> Walk::give_all(const std::vector<std::string>& pairs, const fs::path& npz) {
  for (const auto& [place, array] : checkpoint.constants) known[place] = *array;
  if (!npz.empty()) {
    const Bytes bytes = TRY(read_file(npz));
    auto tensors = TRY(npz::parse(bytes).within(npz.string()));
    for (auto& [name, value] : tensors) TRY(give(name, std::move(value), npz.string()));
  }
  if (pairs.size() % 2 != 0)
    return fail(Code::BadUsage, "input {} has no file; inputs are given as NAME FILE",
                pairs.back());
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    Tensor value{DType::Unknown, {}, {}};
    value.bytes = TRY(read_file(pairs[i + 1]));
    if (npy::is_npy(value.bytes)) value = TRY(npy::parse(value.bytes).within(pairs[i + 1]));
    TRY(give(pairs[i], std::move(value), pairs[i + 1]));
  }
  return {};
}

/// What nobody gave is zero, in the form of the package that reads it; so are raw bytes taken.
Result<> Walk::feed(nrt::Session& session, const Step::Wire& wire) {
  const auto port = std::find_if(session.inputs().begin(), session.inputs().end(),
                                 [&](const nrt::Port& p) { return p.name == wire.name; });
  const bool is_given = known.count(wire.place) > 0;
  if (port == session.inputs().end()) return {};  // its value does not matter: nothing reads it
  Tensor& value = known[wire.place];
  if (!is_given) {
    io.err << fmt::format("Input tensor {} will be zero-filled\n", wire.name);
    value = {port->type, port->shape, Bytes(port->size)};
  }
  TRY(session.set_input(wire.name, value, "value"));
  if (value.type != DType::Unknown) return {};
  value.type = port->type;
  value.shape = port->shape;
  return {};
}

/// Errors name the node.
Result<Bytes> package_of(const Checkpoint& checkpoint, const Step& step, const Known& known) {
  for (const Step::Wire& input : step.inputs) {
    const auto at = known.find(input.place);
    if (at != known.end() && at->second.type != DType::Unknown) continue;
    const auto& inputs = checkpoint.inputs;
    const auto end = std::find_if(inputs.begin(), inputs.end(), [&](const Step::Wire& wire) {
      return wire.place == input.place;
    });
    return fail(Code::BadInput,
                "{}: input '{}' is {}; the host needs its shape and type: give it as an .npy file",
                title_of(step), end == inputs.end() ? input.name : end->name,
                at == known.end() ? "not given" : "raw bytes");
  }
  return compile::mxnet::host_package(checkpoint, step, known);
}

Result<> Walk::take(const Step& step) {
  SharedBytes package(step.neff);
  if (step.on_host()) {
    auto made = TRY(package_of(checkpoint, step, known));
    package = SharedBytes(std::move(made));
  }
  return execute(step, std::move(package)).within(title_of(step));
}

Result<> Walk::execute(const Step& step, SharedBytes package) {
  auto sessions = TRY(nrt::Session::open_packages({step.name}, {package}));
  nrt::Session& session = sessions[0];
  TRY(session.set_clock(clock));
  for (const Step::Wire& input : step.inputs) TRY(feed(session, input));
  TRY(session.execute());
  for (const Step::Wire& output : step.outputs) {
    const auto& ports = session.outputs();
    const auto port = std::find_if(ports.begin(), ports.end(),
                                   [&](const nrt::Port& p) { return p.name == output.name; });
    if (port == ports.end())
      return fail(Code::Malformed, "its package has no output '{}'", output.name);
    known[output.place] = TRY(session.read(*port));
  }
  std::uint64_t ps = 0;
  if (!step.on_host()) ps = TRY(session.device_time_ps());
  device_ps += ps;
  is_parametric = is_parametric || session.is_parametric();
  ++(step.on_host() ? host_operators : subgraphs);
  steps.push_back({{"name", step.name},
                   {"op", step.op},
                   {"on_host", step.on_host()},
                   {"device_ns", static_cast<double>(ps) / 1000.0}});
  return {};
}

std::string words_of(std::uint64_t count, const char* one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

/// Outputs of the symbol, in the order of its heads, with their values.
Result<std::vector<nrt::Port>> ports_of(const Walk& walk,
                                        std::map<std::string, const Tensor*>& values) {
  std::vector<nrt::Port> ports;
  for (const Step::Wire& output : walk.checkpoint.outputs) {
    const auto at = walk.known.find(output.place);
    if (at == walk.known.end() || at->second.type == DType::Unknown)
      return fail(Code::BadInput, "output '{}' is an input, which is to be given as an .npy file",
                  output.name);
    values[output.name] = &at->second;
    ports.push_back({output.name, at->second.type, at->second.shape, at->second.bytes.size()});
  }
  return ports;
}

void report_walk(const Walk& walk, const OutputWishes& wishes, Json report, Terminal& io) {
  report["subgraphs"] = walk.subgraphs;
  report["host_operators"] = walk.host_operators;
  report["device_ns"] = static_cast<double>(walk.device_ps) / 1000.0;
  report["parametric"] = walk.is_parametric;
  report["steps"] = walk.steps;
  if (wishes.json)
    io.out << json::text_of(report, 2) << '\n';
  else
    io.out << fmt::format(
        "{} on NeuronCores, {} on the host: modelled device time {:.3f} us{}\n",
        words_of(walk.subgraphs, "subgraph"), words_of(walk.host_operators, "operator"),
        static_cast<double>(walk.device_ps) / 1e6, walk.is_parametric ? " (parametric)" : "");
}

}  // namespace

Result<> run_checkpoint(const fs::path& path, const std::vector<std::string>& inputs,
                        const fs::path& npz, const sim::Clock& clock, const OutputWishes& wishes,
                        Terminal& io) {
  const Checkpoint checkpoint = TRY(compile::mxnet::read_checkpoint(path));
  Walk walk{checkpoint, clock, io};
  TRY(walk.give_all(inputs, npz));
  const Progress progress = progress_of(io);
  for (std::size_t i = 0; i < checkpoint.steps.size(); ++i) {
    const Step& step = checkpoint.steps[i];
    if (progress) progress("executing " + step.name, i, checkpoint.steps.size());
    TRY(walk.take(step).within(path.string()));
  }
  std::map<std::string, const Tensor*> values;
  const auto ports = TRY(ports_of(walk, values).within(path.string()));
  const Outputs outputs{
      ports, [&](const nrt::Port& port) -> Result<Tensor> { return *values.at(port.name); }};
  Json report{{"checkpoint", path.filename().string()}, {"outputs", Json::array()}};
  TRY(show_outputs(wishes, outputs, io, report));
  report_walk(walk, wishes, std::move(report), io);
  return check_expected(wishes, outputs, io);
}

}  // namespace neuron::cmd
