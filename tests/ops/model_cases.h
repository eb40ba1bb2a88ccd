// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/npy.h"
#include "compile/frontend.h"
#include "tests/ops/cases.h"

/// Whole models with reference inputs and outputs by name, of all three frameworks.
namespace neuron::test {

struct ModelCase {
  std::string framework, name;
  fs::path model;
  compile::Options options;
  std::map<std::string, Tensor> inputs, outputs;
};

/// Largest difference over the largest reference value; infinite for NaN and other sizes.
inline double worst(const Tensor& got, const Tensor& expected) {
  if (got.shape != expected.shape || got.type != expected.type) return INFINITY;
  double most = 1e-30, difference = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count_of(expected.shape)); ++i) {
    const double b = compile::number_at(expected, i);
    most = std::max(most, std::fabs(b));
    const double d = std::fabs(compile::number_at(got, i) - b);
    difference = std::isnan(d) ? INFINITY : std::max(difference, d);
  }
  return difference / most;
}

inline Result<Tensor> raw_floats(const fs::path& path, const Shape& shape) {
  Bytes bytes = TRY(read_file(path));
  if (bytes.size() != static_cast<std::size_t>(count_of(shape)) * 4)
    return fail(Code::Malformed, "{}: not of shape {}", path.string(), text_of(shape));
  return Tensor{DType::Float32, shape, std::move(bytes)};
}

inline Result<ModelCase> onnx_model(const fs::path& root, const std::string& name) {
  ModelCase c{"ONNX", name, root / (name + ".onnx"), {}, {}, {}};
  const Bytes bytes = TRY(read_file(c.model));
  ::onnx::ModelProto proto;
  if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return fail(Code::Malformed, "not an ONNX model");
  const std::vector<Tensor> inputs = TRY(tensor_files(root / "ref" / name, "input"));
  const std::vector<Tensor> outputs = TRY(tensor_files(root / "ref" / name, "output"));
  c.options.dims = open_dims(proto.graph(), inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i)
    c.inputs[input_name(proto.graph(), i)] = inputs[i];
  for (std::size_t o = 0; o < outputs.size(); ++o)
    c.outputs[proto.graph().output(static_cast<int>(o)).name()] = outputs[o];
  return c;
}

inline Result<ModelCase> tensorflow_model(const fs::path& root, const std::string& name) {
  ModelCase c{"TensorFlow", name, root / (name + ".pb"), {}, {}, {}};
  const fs::path reference = root / "ref" / name;
  const Json feeds = TRY(json::parse(TRY(read_file(reference / "feeds.json"))));
  for (const auto& [input, feed] : feeds.items()) {
    const Shape shape = feed["shape"].get<Shape>();
    c.options.io.inputs[input] = {shape, DType::Float32};
    c.inputs[input] = TRY(raw_floats(reference / ("in_" + input + ".bin"), shape));
  }
  const Json outs = TRY(json::parse(TRY(read_file(reference / "out.json"))));
  for (std::size_t k = 0; k < outs.size(); ++k) {
    const std::string output = outs[k]["name"].get<std::string>();
    c.options.io.outputs.push_back(output);
    c.outputs[output] =
        TRY(raw_floats(reference / fmt::format("out_{}.bin", k), outs[k]["shape"].get<Shape>()));
  }
  return c;
}

inline Result<ModelCase> mxnet_model(const fs::path& root, const std::string& name) {
  ModelCase c{"MXNet", name, root / (name + "-symbol.json"), {}, {}, {}};
  for (const auto& entry : fs::directory_iterator(root / "ref" / name)) {
    const std::string stem = entry.path().stem().string();
    const Tensor tensor = TRY(npy::read(entry.path()));
    if (stem.starts_with("input_")) {
      c.inputs[stem.substr(6)] = tensor;
      c.options.io.inputs[stem.substr(6)] = {tensor.shape, tensor.type};
    } else {
      c.outputs[stem.substr(stem.find('_', 7) + 1)] = tensor;
    }
  }
  return c;
}

/// Every model below the conformance data's `models` that has a reference, sorted by name.
inline Result<std::vector<ModelCase>> all_models(const fs::path& root) {
  std::vector<ModelCase> out;
  constexpr struct {
    const char* folder;
    Result<ModelCase> (*read)(const fs::path&, const std::string&);
  } kFolders[] = {{"onnx", onnx_model}, {"tensorflow", tensorflow_model}, {"mxnet", mxnet_model}};
  for (const auto& [folder, read] : kFolders) {
    std::set<std::string> names;
    if (!fs::exists(root / folder / "ref")) continue;
    for (const auto& entry : fs::directory_iterator(root / folder / "ref"))
      names.insert(entry.path().filename().string());
    for (const std::string& name : names) {
      ModelCase next = TRY(read(root / folder, name).within(name));
      out.push_back(std::move(next));
    }
  }
  return out;
}

struct ModelResult {
  compile::Report report;
  std::map<std::string, double> differences;  ///< of each output, by worst()
};
inline double worst(const ModelResult& result) {
  double most = 0;
  for (const auto& [name, difference] : result.differences) most = std::max(most, difference);
  return most;
}

/// By the plan alone, as users do; execute() also holds it to the interpreter, whose other order of
/// sums shows where results are rounded to few bits.
inline Result<std::vector<Tensor>> execute_plan(const neff::Package& package,
                                                const std::vector<Tensor>& inputs) {
  return execute_nodes(package, TRY(neff::model_of(package)), inputs);
}

/// Compiles and executes; `options` without a target are for trn2.
inline Result<ModelResult> run_model(const ModelCase& c, compile::Options options,
                                     decltype(&execute) run = execute) {
  if (!options.target) options.target = isa::find_target("trn2");
  const compile::Graph graph = TRY(compile::graph_of(c.model, options));
  std::vector<Tensor> inputs;
  for (const compile::ValueId id : graph.inputs) {
    const auto at = c.inputs.find(graph.value(id).name);
    if (at == c.inputs.end())
      return fail(Code::BadInput, "no reference for input '{}'", graph.value(id).name);
    inputs.push_back(at->second);
  }
  compile::Output output = TRY(compile::compile(c.model, options));
  const std::vector<Tensor> got = TRY(run(output.package, inputs));
  ModelResult out{std::move(output.report), {}};
  for (std::size_t o = 0; o < got.size(); ++o) {
    const std::string& name = graph.value(graph.outputs[o]).name;
    const auto at = c.outputs.find(name);
    if (at == c.outputs.end()) return fail(Code::BadInput, "no reference for output '{}'", name);
    out.differences[name] = worst(got[o], at->second);
  }
  return out;
}

}  // namespace neuron::test
