// SPDX-License-Identifier: Apache-2.0
// Whole models of TensorFlow and MXNet: compiled, executed, compared with reference results.
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/ops/model_cases.h"

using namespace neuron;
using namespace neuron::test;

namespace {

std::int64_t transposed(const ModelCase& c) {
  std::int64_t count = 0;
  compile::Options options = c.options;
  options.target = isa::find_target("trn2");
  const compile::Graph graph = REQUIRE_OK(compile::graph_of(c.model, options));
  for (const compile::Node& node : graph.nodes) count += node.op == "Transpose" ? 1 : 0;
  return count;
}

void agrees(const ModelCase& c) {
  const ModelResult result = REQUIRE_OK(run_model(c, c.options));
  for (const auto& [output, difference] : result.differences) {
    INFO(c.name << ": " << output);
    CHECK(difference < 1e-4);
  }
}

}  // namespace

// Not run by default: says of every model how far it goes.
TEST_CASE("imported models, one line each", "[.survey]") {
  const auto root = conformance("models");
  if (!root) return;
  const char* only = std::getenv("NEURON_SURVEY");
  for (const ModelCase& c : REQUIRE_OK(all_models(*root))) {
    if (only && c.name.find(only) == std::string::npos) continue;
    const auto result = run_model(c, c.options);
    if (!result) {
      fmt::print("{}: {}\n", c.name, result.error().message);
      continue;
    }
    for (const auto& [output, difference] : result->differences)
      fmt::print("{}: {} {:.3g}\n", c.name, output, difference);
    fmt::print("{}: {} transposes left\n", c.name, transposed(c));
  }
}

TEST_CASE("models of TensorFlow give what TensorFlow.js gives") {
  const auto root = conformance("models/tensorflow");
  if (!root) return;
  for (const char* name : {"kws-DNN_S-mfcc", "kws-CNN_S-mfcc", "kws-DS_CNN_S-mfcc",
                           "kws-LSTM_S-mfcc", "cifar-frozen", "t2o-ae0", "t2o-fc-layers", "t2o-gru",
                           "t2o-regression", "hm-liveness", "hm-blazeface-front"})
    agrees(REQUIRE_OK(tensorflow_model(*root, name)));
}

TEST_CASE("models of MXNet give what MXNet gives") {
  const auto root = conformance("models/mxnet");
  if (!root) return;
  const ModelCase c = REQUIRE_OK(mxnet_model(*root, "retinaface-mnet.25"));
  CHECK(c.outputs.size() == 9);
  agrees(c);
}
