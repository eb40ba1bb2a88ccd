// SPDX-License-Identifier: Apache-2.0
// Whole models: compiled, executed, compared with a reference engine's results.
#include <chrono>
#include <sstream>

#include "base/json.h"
#include "base/npy.h"
#include "base/numbers.h"
#include "compile/compile.h"
#include "tests/conformance.h"
#include "tests/ops/harness.h"
#include "tests/ops/model_cases.h"

using namespace neuron;
using namespace neuron::test;

namespace {

neff::Package compiled(const fs::path& model, const char* target) {
  compile::Options options;
  options.target = isa::find_target(target);
  return REQUIRE_OK(compile::compile(model, options)).package;
}

}  // namespace

TEST_CASE("the digit classifier recognises its examples on every generation") {
  const fs::path data = fs::path(NEURON_SOURCE_DIR) / "tests/data/digits";
  const Json expected = REQUIRE_OK(json::parse(REQUIRE_OK(read_file(data / "expected.json"))));
  for (const char* target : {"inf1", "trn1", "trn2"}) {
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
    fmt::print(
        " host {:.2f} s{}\n", ran.count(),
        fs::exists(reference)
            ? fmt::format(" differs by {:.2g}", worst(got[0], REQUIRE_OK(tensor_file(reference))))
            : "");
  }
}

TEST_CASE("real models give what the reference engine gives") {
  const auto root = conformance("models/onnx");
  if (!root) return;
  for (const char* name :
       {"mnist-8", "ultraface-slim-320-simplified", "torch-squeezenet1_1",
        "torch-mobilenet_v3_small", "torch-shufflenet_v2_x0_5", "blazeface-front-128",
        "ppocr-mobile-v2-cls", "ppocrv4-det", "tinyvit-demo-opset20", "bert-dummy-tiny-vespa",
        "t5-random-encoder-vespa"}) {
    const ModelCase c = REQUIRE_OK(onnx_model(*root, name));
    const ModelResult result = REQUIRE_OK(run_model(c, c.options));
    CAPTURE(name);
    CHECK(worst(result) < 1e-4);
  }
}
