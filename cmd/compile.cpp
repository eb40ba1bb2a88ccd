// SPDX-License-Identifier: Apache-2.0
#include "compile/compile.h"

#include <charconv>

#include "base/file.h"
#include "base/json.h"
#include "cmd/command.h"

namespace neuron::cmd {
namespace {

struct Options {
  fs::path model, output;
  std::string target, name, io_config;
  std::vector<std::string> dims;
  std::string report;
  std::uint32_t pipeline_cores = 1;
  bool dump_graph = false;
};

Result<std::map<std::string, std::int64_t>> sizes_of(const std::vector<std::string>& dims) {
  std::map<std::string, std::int64_t> sizes;
  for (const std::string& dim : dims) {
    const std::size_t cut = dim.rfind('=');
    const char* end = dim.data() + dim.size();
    std::int64_t size = 0;
    if (cut == dim.npos || cut == 0)
      return fail(Code::BadUsage, "--dim {}: expected NAME=SIZE, such as N=1", dim);
    const auto [stop, error] = std::from_chars(dim.data() + cut + 1, end, size);
    if (error != std::errc() || stop != end || size < 1)
      return fail(Code::BadUsage, "--dim {}: expected a size of 1 or more after '='", dim);
    sizes[dim.substr(0, cut)] = size;
  }
  return sizes;
}

Result<> compile_model(const Options& o, Terminal& io) {
  compile::Options options;
  options.target = isa::find_target(o.target);
  options.name = o.name;
  options.dims = TRY(sizes_of(o.dims));
  if (!o.io_config.empty()) options.io = TRY(compile::read_io_config(o.io_config));
  options.dump_graph = o.dump_graph;
  options.pipeline_cores = o.pipeline_cores;
  options.progress = progress_of(io);
  auto output = TRY(compile::compile(o.model, options));
  for (const std::string& warning : output.warnings)
    io.err << "neuron: warning: " << warning << "\n";
  if (o.dump_graph) io.out << output.graph_text;
  const fs::path path = o.output.empty() ? fs::path(o.model.stem().string() + ".neff") : o.output;
  auto bytes = TRY(neff::bytes_of(output.package, neff::Compression::Gzip));
  TRY(write_file(path, bytes));
  if (o.report == "text") io.out << compile::text_of(output.report);
  if (o.report == "json") io.out << json::text_of(compile::json_of(output.report), 2) << "\n";
  if (!o.dump_graph && o.report.empty())
    io.out << fmt::format("{}: {} bytes for {}\n", path.string(), bytes.size(), o.target);
  return {};
}

}  // namespace

const Command compile{
    .path = "compile",
    .summary = "Compile a model of ONNX, TensorFlow or MXNet to a NEFF",
    .details =
        "The package holds instructions for NeuronCores of the target and runs with "
        "'neuron run' or any program that is linked with libnrt. An operator that a NeuronCore "
        "cannot do runs on the CPU: the package then carries a library for it, and the model is "
        "cut into parts around it; --report tells which and why. A result whose shape depends on "
        "data gets room for the largest, and an output 'NAME.shape' beside it. An operator that "
        "cannot be compiled at all is named with its node, and the exit status tells it from other "
        "failures.",
    .examples =
        "neuron compile model.onnx --target trn2 -o model.neff\n"
        "neuron compile model.onnx --target trn1 --dim N=1  # a model of open batch size\n"
        "neuron compile model.onnx --target inf2 --neuroncore-pipeline-cores 4 --report text\n"
        "neuron compile graph.pb --target inf2 --io-config "
        "'{\"inputs\": {\"x\": [[1,8,8,3], \"float32\"]}, \"outputs\": [\"y\"]}'\n"
        "neuron compile model-symbol.json --target inf2 --io-config shapes.json  # and its params",
    .bind = [](CLI::App& app) -> Run {
      auto o = std::make_shared<Options>();
      const std::vector<std::string> targets = {
#define NEURON_TARGET(word, arch, lnc, instance) word,
#include "isa/targets.def"
#undef NEURON_TARGET
      };
      app.add_option("model", o->model,
                     "ONNX model, TensorFlow graph or SavedModel, or MXNet symbol or params")
          ->type_name("FILE")
          ->required();
      app.add_option("-o,--output", o->output,
                     "NEFF to write; MODEL.neff in the current directory "
                     "when not given")
          ->type_name("FILE");
      app.add_option("--target", o->target, "what to compile for")
          ->check(CLI::IsMember(targets))
          ->required();
      app.add_option("--dim", o->dims, "size of a dimension that the model leaves open; repeatable")
          ->type_name("NAME=SIZE")
          ->expected(1)
          ->take_all();
      app.add_option("--io-config", o->io_config,
                     "shapes of inputs and names of outputs: JSON, or a file that holds it")
          ->type_name("JSON");
      app.add_option("--name", o->name,
                     "name of the network in the package; the model's file name "
                     "when not given")
          ->type_name("NAME");
      app.add_option("--report", o->report,
                     "print which operators run where and why, as text or json")
          ->type_name("FORMAT")
          ->check(CLI::IsMember({"text", "json"}));
      app.add_option("--neuroncore-pipeline-cores", o->pipeline_cores,
                     "NeuronCores to spread the model over, in stages of about equal cost that "
                     "work on several requests at a time")
          ->type_name("N")
          ->check(CLI::Range(1, 64));
      app.add_flag("--dump-graph", o->dump_graph, "print the graph after all passes");
      return [o](Terminal& io) { return compile_model(*o, io); };
    }};

}  // namespace neuron::cmd
