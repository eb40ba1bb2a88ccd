// SPDX-License-Identifier: Apache-2.0
// Whole models: compiled, executed, compared with a reference engine's results.
#include <onnx/onnx_pb.h>

#include <chrono>
#include <sstream>

#include "base/json.h"
#include "base/npy.h"
#include "base/numbers.h"
#include "compile/compile.h"
#include "compile/import/onnx_parts.h"
#include "tests/conformance.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

Tensor tensor_file(const fs::path& path) {
  const Bytes bytes = REQUIRE_OK(read_file(path));
  onnx::TensorProto proto;
  REQUIRE(proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  if (proto.data_type() != onnx::TensorProto::FLOAT)
    return REQUIRE_OK(compile::onnx::tensor_of(proto));
  const Shape shape(proto.dims().begin(), proto.dims().end());
  if (!proto.has_raw_data())
    return floats(shape, {proto.float_data().begin(), proto.float_data().end()});
  const ByteView raw = view_of(proto.raw_data());
  return {DType::Float32, shape, Bytes(raw.begin(), raw.end())};
}

/// Sizes of the symbolic dimensions of a model, as its reference inputs have them.
std::map<std::string, std::int64_t> dims_of(const fs::path& model, const fs::path& reference) {
  std::map<std::string, std::int64_t> out;
  onnx::ModelProto proto;
  const Bytes bytes = REQUIRE_OK(read_file(model));
  REQUIRE(proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  for (int i = 0; i < proto.graph().input_size(); ++i) {
    const fs::path file = reference / fmt::format("input_{}.pb", i);
    if (!fs::exists(file)) break;
    const Shape shape = tensor_file(file).shape;
    const auto& dims = proto.graph().input(i).type().tensor_type().shape().dim();
    for (int d = 0; d < dims.size(); ++d)
      if (dims[d].has_dim_param()) out[dims[d].dim_param()] = shape[static_cast<std::size_t>(d)];
  }
  return out;
}

neff::Package compiled(const fs::path& model, const char* target,
                       std::map<std::string, std::int64_t> dims = {}) {
  compile::Options options;
  options.dims = std::move(dims);
  options.target = isa::find_target(target);
  return REQUIRE_OK(compile::compile(model, options)).package;
}

/// Largest difference over the largest reference value.
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

void model(const fs::path& root, const std::string& name, const char* target) {
  CAPTURE(name, target);
  const fs::path path = root / (name + ".onnx");
  const neff::Package package = compiled(path, target, dims_of(path, root / "ref" / name));
  std::vector<Tensor> inputs;
  for (int i = 0; fs::exists(root / "ref" / name / fmt::format("input_{}.pb", i)); ++i)
    inputs.push_back(tensor_file(root / "ref" / name / fmt::format("input_{}.pb", i)));
  const std::vector<Tensor> got = REQUIRE_OK(execute(package, inputs));
  for (std::size_t o = 0; o < got.size(); ++o)
    CHECK(worst(got[o], tensor_file(root / "ref" / name / fmt::format("output_{}.pb", o))) < 1e-4);
}

}  // namespace

TEST_CASE("the digit classifier recognises its examples on every generation") {
  const fs::path data = fs::path(NEURON_SOURCE_DIR) / "tests/data/digits";
  const Json expected = REQUIRE_OK(json::parse(REQUIRE_OK(read_file(data / "expected.json"))));
  for (const char* target : {"trn1", "trn2"}) {
    const neff::Package package = compiled(data / "digits.onnx", target);
    for (const char* name : {"0", "3b", "7"}) {
      const Tensor image = REQUIRE_OK(npy::read(data / (std::string(name) + ".npy")));
      const std::vector<Tensor> got = REQUIRE_OK(execute(package, {image}));
      const std::vector<float> p = floats_of(got[0]);
      REQUIRE(p.size() == 10);
      for (const Json& c : expected["cases"]) {
        if (c["file"] != std::string(name) + ".npy") continue;
        for (std::size_t i = 0; i < 10; ++i)
          CHECK(p[i] == Approx(c["probabilities"][i].get<float>()).margin(1e-6));
      }
    }
  }
}

// Not run by default: NEURON_MODELS names models, with ':' between them; prints what they cost.
TEST_CASE("models and their time, one line each", "[.time]") {
  const char* list = std::getenv("NEURON_MODELS");
  if (!list) return;
  std::stringstream paths(list);
  for (std::string path; std::getline(paths, path, ':');) {
    const auto start = std::chrono::steady_clock::now();
    compile::Options options;
    options.target = isa::find_target("trn2");
    const auto result = compile::compile(path, options);
    if (!result) {
      fmt::print("{}\n", result.error().message);
      continue;
    }
    const compile::Output& output = *result;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const neff::Model model = REQUIRE_OK(neff::model_of(output.package));
    auto loaded = REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(model, 0))));
    const sim::Schedule when = REQUIRE_OK(sim::schedule(*loaded));
    std::array<double, isa::kEngines> busy{};
    std::array<int, isa::kEngines> count{};
    for (const sim::InstructionTime& i : when.instructions) {
      busy[static_cast<int>(i.engine)] += static_cast<double>(i.end_ps - i.begin_ps) / 1e6;
      ++count[static_cast<int>(i.engine)];
    }
    fmt::print("{}: compiled in {:.2f} s, runs {:.1f} us;", fs::path(path).stem().string(),
               took.count(), static_cast<double>(when.span_ps) / 1e6);
    for (int e = 0; e < isa::kEngines; ++e)
      fmt::print(" {} {} ({:.0f} us)", isa::info(static_cast<isa::Engine>(e)).shown, count[e],
                 busy[e]);
    std::vector<Tensor> inputs;
    for (const neff::Node& n : model.nodes)
      if (n.executor == neff::Executor::Input) {
        std::vector<float> ramp(static_cast<std::size_t>(count_of(n.outputs[0].shape)));
        for (std::size_t i = 0; i < ramp.size(); ++i)
          ramp[i] = static_cast<float>(i) / static_cast<float>(ramp.size());
        inputs.push_back(floats(n.outputs[0].shape, ramp));
      }
    const auto run = std::chrono::steady_clock::now();
    const std::vector<Tensor> got = REQUIRE_OK(execute(output.package, inputs));
    const std::chrono::duration<double> ran = std::chrono::steady_clock::now() - run;
    std::string reference = path.substr(0, path.size() - 5) + "_output_0.pb";
    fmt::print(" host {:.2f} s{}\n", ran.count(),
               fs::exists(reference)
                   ? fmt::format(" differs by {:.2g}", worst(got[0], tensor_file(reference)))
                   : "");
  }
}

// Not run by default: says of every conformance model how far it goes.
TEST_CASE("conformance models, one line each", "[.survey]") {
  const auto root = conformance("models/onnx");
  if (!root) return;
  const char* only = std::getenv("NEURON_SURVEY");
  for (const auto& entry : fs::directory_iterator(*root)) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() != ".onnx" || (only && name.find(only) == std::string::npos))
      continue;
    compile::Options options;
    options.target = isa::find_target("trn2");
    options.dims = dims_of(entry.path(), *root / "ref" / name);
    auto output = compile::compile(entry.path(), options);
    if (!output) {
      fmt::print("{}: {}\n", name, output.error().message);
      continue;
    }
    std::vector<Tensor> inputs;
    for (int i = 0; fs::exists(*root / "ref" / name / fmt::format("input_{}.pb", i)); ++i)
      inputs.push_back(tensor_file(*root / "ref" / name / fmt::format("input_{}.pb", i)));
    auto got = execute(output->package, inputs);
    if (!got) {
      fmt::print("{}: {}\n", name, got.error().message);
      continue;
    }
    for (std::size_t o = 0; o < got->size(); ++o)
      fmt::print(
          "{} output {}: {:.3g}\n", name, o,
          worst((*got)[o], tensor_file(*root / "ref" / name / fmt::format("output_{}.pb", o))));
  }
}

TEST_CASE("real models give what the reference engine gives") {
  const auto root = conformance("models/onnx");
  if (!root) return;
  for (const char* name :
       {"mnist-8", "ultraface-slim-320-simplified", "torch-squeezenet1_1",
        "torch-mobilenet_v3_small", "torch-shufflenet_v2_x0_5", "blazeface-front-128",
        "ppocr-mobile-v2-cls", "ppocrv4-det", "tinyvit-demo-opset20", "bert-dummy-tiny-vespa",
        "t5-random-encoder-vespa"})
    model(*root, name, "trn2");
}
