// SPDX-License-Identifier: Apache-2.0
// Whole models: compiled, executed, compared with a reference engine's results.
#include <onnx/onnx_pb.h>

#include "base/json.h"
#include "base/npy.h"
#include "compile/compile.h"
#include "tests/conformance.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

Tensor tensor_file(const fs::path& path) {
  const Bytes bytes = REQUIRE_OK(read_file(path));
  onnx::TensorProto proto;
  REQUIRE(proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  REQUIRE(proto.data_type() == onnx::TensorProto::FLOAT);
  const Shape shape(proto.dims().begin(), proto.dims().end());
  if (!proto.has_raw_data())
    return floats(shape, {proto.float_data().begin(), proto.float_data().end()});
  const ByteView raw = view_of(proto.raw_data());
  return {DType::Float32, shape, Bytes(raw.begin(), raw.end())};
}

neff::Package compiled(const fs::path& model, const char* target) {
  compile::Options options;
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
  const neff::Package package = compiled(root / (name + ".onnx"), target);
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
  for (const char* name : {"mnist-8", "ultraface-slim-320-simplified", "torch-squeezenet1_1"})
    model(*root, name, "trn2");
}
