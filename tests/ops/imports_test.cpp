// SPDX-License-Identifier: Apache-2.0
// Whole models of TensorFlow and MXNet: compiled, executed, compared with reference results.
#include <set>

#include "base/json.h"
#include "base/npy.h"
#include "compile/compile.h"
#include "compile/frontend.h"
#include "tests/conformance.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

Tensor raw_floats(const fs::path& path, const Shape& shape) {
  const Bytes bytes = REQUIRE_OK(read_file(path));
  REQUIRE(bytes.size() == static_cast<std::size_t>(count_of(shape)) * 4);
  return {DType::Float32, shape, bytes};
}

struct Case {
  fs::path model;
  compile::Options options;
  std::map<std::string, Tensor> inputs, outputs;
};

/// Largest difference over the largest reference value; tolerance of the conformance data.
double worst(const Tensor& got, const Tensor& expected) {
  const std::vector<float> a = floats_of(got), b = floats_of(expected);
  REQUIRE(a.size() == b.size());
  double most = 1e-30, difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    most = std::max(most, std::fabs(static_cast<double>(b[i])));
    const double d = std::fabs(static_cast<double>(a[i]) - b[i]);
    difference = std::isnan(d) ? INFINITY : std::max(difference, d);
  }
  return difference / most;
}

Case tensorflow_case(const fs::path& root, const std::string& name) {
  Case c{root / (name + ".pb"), {}, {}, {}};
  const fs::path reference = root / "ref" / name;
  const Json feeds = REQUIRE_OK(json::parse(REQUIRE_OK(read_file(reference / "feeds.json"))));
  for (const auto& [input, feed] : feeds.items()) {
    const Shape shape = feed["shape"].get<Shape>();
    c.options.io.inputs[input] = {shape, DType::Float32};
    c.inputs[input] = raw_floats(reference / ("in_" + input + ".bin"), shape);
  }
  const Json outs = REQUIRE_OK(json::parse(REQUIRE_OK(read_file(reference / "out.json"))));
  for (std::size_t k = 0; k < outs.size(); ++k) {
    const std::string output = outs[k]["name"].get<std::string>();
    c.options.io.outputs.push_back(output);
    c.outputs[output] =
        raw_floats(reference / fmt::format("out_{}.bin", k), outs[k]["shape"].get<Shape>());
  }
  return c;
}

Case mxnet_case(const fs::path& root, const std::string& name) {
  Case c{root / (name + "-symbol.json"), {}, {}, {}};
  for (const auto& entry : fs::directory_iterator(root / "ref" / name)) {
    const std::string stem = entry.path().stem().string();
    const Tensor tensor = REQUIRE_OK(npy::read(entry.path()));
    if (stem.starts_with("input_")) {
      c.inputs[stem.substr(6)] = tensor;
      c.options.io.inputs[stem.substr(6)] = {tensor.shape, tensor.type};
    } else {
      c.outputs[stem.substr(stem.find('_', 7) + 1)] = tensor;
    }
  }
  return c;
}

/// Difference of each output; compiles and executes on the way.
Result<std::map<std::string, double>> differences(Case c) {
  c.options.target = isa::find_target("trn2");
  const compile::Graph graph = TRY(compile::graph_of(c.model, c.options));
  std::vector<Tensor> inputs;
  for (compile::ValueId id : graph.inputs) inputs.push_back(c.inputs.at(graph.value(id).name));
  const compile::Output output = TRY(compile::compile(c.model, c.options));
  const std::vector<Tensor> got = TRY(execute(output.package, inputs));
  std::map<std::string, double> out;
  for (std::size_t o = 0; o < got.size(); ++o) {
    const std::string& name = graph.value(graph.outputs[o]).name;
    out[name] = worst(got[o], c.outputs.at(name));
  }
  return out;
}

std::int64_t transposed(const Case& c) {
  std::int64_t count = 0;
  const compile::Graph graph = REQUIRE_OK(compile::graph_of(c.model, c.options));
  for (const compile::Node& node : graph.nodes) count += node.op == "Transpose" ? 1 : 0;
  return count;
}

}  // namespace

// Not run by default: says of every model how far it goes.
TEST_CASE("imported models, one line each", "[.survey]") {
  const auto root = conformance("models");
  if (!root) return;
  const char* only = std::getenv("NEURON_SURVEY");
  std::vector<Case> cases;
  for (const auto& entry : fs::directory_iterator(*root / "tensorflow"))
    if (entry.path().extension() == ".pb")
      cases.push_back(tensorflow_case(*root / "tensorflow", entry.path().stem().string()));
  cases.push_back(mxnet_case(*root / "mxnet", "retinaface-mnet.25"));
  for (const Case& c : cases) {
    const std::string name = c.model.stem().string();
    if (only && name.find(only) == std::string::npos) continue;
    auto result = differences(c);
    if (!result) {
      fmt::print("{}: {}\n", name, result.error().message);
      continue;
    }
    for (const auto& [output, difference] : *result)
      fmt::print("{}: {} {:.3g}\n", name, output, difference);
    fmt::print("{}: {} transposes left\n", name, transposed(c));
  }
}

TEST_CASE("models of TensorFlow give what TensorFlow.js gives") {
  const auto root = conformance("models/tensorflow");
  if (!root) return;
  for (const char* name : {"kws-DNN_S-mfcc", "kws-CNN_S-mfcc", "kws-DS_CNN_S-mfcc",
                           "kws-LSTM_S-mfcc", "cifar-frozen", "t2o-ae0", "t2o-fc-layers", "t2o-gru",
                           "t2o-regression", "hm-liveness", "hm-blazeface-front"}) {
    const auto result = REQUIRE_OK(differences(tensorflow_case(*root, name)));
    for (const auto& [output, difference] : result) {
      INFO(name << ": " << output);
      CHECK(difference < 1e-4);
    }
  }
}

TEST_CASE("models of MXNet give what MXNet gives") {
  const auto root = conformance("models/mxnet");
  if (!root) return;
  const auto result = REQUIRE_OK(differences(mxnet_case(*root, "retinaface-mnet.25")));
  CHECK(result.size() == 9);
  for (const auto& [output, difference] : result) {
    INFO(output);
    CHECK(difference < 1e-4);
  }
}
