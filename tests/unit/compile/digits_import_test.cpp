// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "base/json.h"
#include "base/npy.h"
#include "compile/constants.h"
#include "compile/import/onnx.h"
#include "tests/catch.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::compile;

namespace {
const fs::path kDigits = fs::path(NEURON_SOURCE_DIR) / "tests/data/digits";
}

TEST_CASE("the digits model is imported with shapes for every value") {
  const Graph graph = REQUIRE_OK(onnx::parse(REQUIRE_OK(read_file(kDigits / "digits.onnx")), {}));
  REQUIRE_OK(verify(graph));
  REQUIRE(graph.inputs.size() == 1);
  CHECK(graph.value(graph.inputs[0]).shape == Shape{1, 1, 28, 28});
  CHECK(graph.value(graph.outputs.at(0)).shape == Shape{1, 10});
  CHECK(graph.nodes.size() == 9);
}

TEST_CASE("the reference loops give the expected probabilities for every example digit") {
  const Graph graph = REQUIRE_OK(onnx::parse(REQUIRE_OK(read_file(kDigits / "digits.onnx")), {}));
  const Json expected = REQUIRE_OK(json::parse(REQUIRE_OK(read_file(kDigits / "expected.json"))));
  const Json* cases = json::find(expected, "cases");
  REQUIRE(cases);
  CHECK(cases->size() == 12);
  for (const Json& one : *cases) {
    const auto file = REQUIRE_OK(json::get<std::string>(one, "file"));
    const Tensor image = REQUIRE_OK(npy::read(kDigits / file));
    const auto out = REQUIRE_OK(reference::run(graph, {{"image", image}}));
    const Json* probabilities = json::find(one, "probabilities");
    REQUIRE(probabilities);
    for (std::size_t i = 0; i < 10; ++i)
      CHECK(number_at(out.at("probabilities"), i) ==
            Approx(probabilities->at(i).get<double>()).epsilon(1e-5));
  }
}
