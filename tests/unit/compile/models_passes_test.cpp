// SPDX-License-Identifier: Apache-2.0
// Whole models: what they compute must not change from import to canonical form.
#include <onnx/onnx_pb.h>

#include "base/file.h"
#include "compile/constants.h"
#include "compile/frontend.h"
#include "compile/import/onnx.h"
#include "compile/import/onnx_parts.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::compile;

namespace {

Tensor read_tensor(const fs::path& path) {
  const Bytes bytes = REQUIRE_OK(read_file(path));
  ::onnx::TensorProto proto;
  REQUIRE(proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
  return REQUIRE_OK(compile::onnx::tensor_of(proto));
}

std::size_t count(const Graph& graph, const std::string& op) {
  std::size_t n = 0;
  for (const Node& node : graph.nodes) n += node.op == op;
  return n;
}

// The canonical graph, run on the reference input, against ONNX Runtime's output.
void check_model(const std::string& name, double tolerance) {
  const auto file = conformance("models/onnx/" + name + ".onnx");
  const auto data = conformance("models/onnx/ref/" + name);
  if (!file || !data) return;
  const Graph graph = REQUIRE_OK(graph_of(*file, {}));
  std::map<std::string, Tensor> inputs;
  for (std::size_t i = 0; i < graph.inputs.size(); ++i)
    inputs[graph.value(graph.inputs[i]).name] =
        read_tensor(*data / ("input_" + std::to_string(i) + ".pb"));
  const auto outputs = REQUIRE_OK(reference::run(graph, inputs));
  for (std::size_t i = 0; i < graph.outputs.size(); ++i) {
    const Tensor expected = read_tensor(*data / ("output_" + std::to_string(i) + ".pb"));
    const auto d = reference::distance(outputs.at(graph.value(graph.outputs[i]).name), expected);
    INFO(name << " output " << i << ": " << d.error << " of " << d.scale);
    CHECK(d.error <= tolerance * d.scale);
  }
}

}  // namespace

TEST_CASE("mnist-8 becomes two convolutions with bias and activation, two pools and a product") {
  const auto file = conformance("models/onnx/mnist-8.onnx");
  if (!file) return;
  const Graph graph = REQUIRE_OK(graph_of(*file, {}));
  INFO(text_of(graph));
  CHECK(graph.nodes.size() == 6);
  CHECK(count(graph, "Conv") == 2);
  CHECK(count(graph, "Gemm") == 1);
  CHECK(count(graph, "Relu") == 0);
}

TEST_CASE("canonical graphs of real models compute what ONNX Runtime computes") {
  check_model("mnist-8", 1e-5);
  check_model("ultraface-slim-320-simplified", 1e-5);
}
