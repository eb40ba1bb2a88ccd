// SPDX-License-Identifier: Apache-2.0
// Graphs in parts: nodes of the CPU between those of the NeuronCore, and stages on several cores.
#include "compile/partition/balance.h"
#include "compile/partition/host.h"
#include "compile/partition/plan.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

/// x -> Relu -> [CPU] Round -> Exp, as NeuronCore, CPU, NeuronCore.
Builder sandwich() {
  Builder b;
  const ValueId x = b.input(floats({2, 3}, {-1, 0.4F, 1.6F, 2.5F, -3, 0.5F}));
  const ValueId kept = b.node("Relu", {x}, {2, 3});
  const ValueId whole = b.node("cpu.Round", {kept}, {2, 3});
  b.graph.nodes.back().host = compile::HostPlace{"a test", 0};
  b.graph.outputs = {b.node("Exp", {whole}, {2, 3})};
  return b;
}

/// Products one after another, all of one cost.
Builder chain(int length) {
  Builder b;
  ValueId at = b.input(noise({128, 128}, 1));
  for (int i = 0; i < length; ++i) {
    at = b.node("MatMul",
                {at, b.constant(noise({128, 128}, static_cast<unsigned>(2 + i), -0.1F, 0.1F))},
                {128, 128});
    b.graph.nodes.back().name = "product" + std::to_string(i);
  }
  b.graph.outputs = {at};
  return b;
}

Result<std::pair<neff::Package, compile::Report>> lowered(const Graph& graph, std::uint32_t cores) {
  compile::Options options;
  options.target = isa::find_target("trn2");
  options.pipeline_cores = cores;
  std::vector<std::string> warnings;
  compile::Report report;
  auto package = TRY(compile::lower(graph, options, warnings, &report));
  return std::pair(std::move(package), std::move(report));
}

}  // namespace

TEST_CASE("a node of the CPU cuts the graph, and values pass through it") {
  const Builder b = sandwich();
  const auto parts = compile::plan_of(b.graph);
  REQUIRE(parts.size() == 3);
  CHECK((!parts[0].on_host && parts[1].on_host && !parts[2].on_host));
  const auto [package, report] = REQUIRE_OK(lowered(b.graph, 1));
  CHECK(package.find("cpu.so") != nullptr);
  CHECK(report.device_operators == 2);
  CHECK(report.operators == 3);
  REQUIRE(report.on_host.size() == 1);
  CHECK(report.on_host[0].op == "Round");
  const auto got = REQUIRE_OK(execute(package, b.data));
  const std::vector<float> values = floats_of(got[0]);
  const float expected[] = {0, 0, 2, 2, 0, 0};
  for (std::size_t i = 0; i < 6; ++i) CHECK(values[i] == Approx(std::exp(expected[i])));
}

TEST_CASE("a value without elements passes between the parts, too") {
  Builder b;
  const ValueId x = b.input(floats({2, 0}, {}));
  const ValueId kept = b.node("Relu", {x}, {2, 0});
  const ValueId sums = b.node("cpu.ReduceSum", {kept}, {2, 1}, {{"axes", Shape{1}}});
  b.graph.nodes.back().host = compile::HostPlace{"a test", 0};
  b.graph.outputs = {b.node("Exp", {sums}, {2, 1})};
  const auto [package, report] = REQUIRE_OK(lowered(b.graph, 1));
  CHECK(floats_of(REQUIRE_OK(execute(package, b.data))[0]) == std::vector<float>{1, 1});
}

TEST_CASE("nodes that do not depend on each other share a part") {
  Builder b = sandwich();
  const ValueId other = b.node("Tanh", {b.graph.inputs[0]}, {2, 3});
  b.graph.outputs.push_back(other);
  CHECK(compile::plan_of(b.graph).size() == 3);
}

TEST_CASE("what cannot be lowered moves to the CPU, with the reason") {
  Builder b;
  const ValueId x = b.input(floats({2, 3}, {1, 2, 3, 4, 5, 6}));
  b.graph.outputs = {b.node("Relu", {b.node("Celu", {x}, {2, 3})}, {2, 3})};
  const auto [package, report] = REQUIRE_OK(lowered(b.graph, 1));
  REQUIRE(report.on_host.size() == 1);
  CHECK(report.on_host[0].why.find("no lowering") != std::string::npos);
  CHECK(floats_of(REQUIRE_OK(execute(package, b.data))[0]) == floats_of(b.data[0]));
}

TEST_CASE("stages of a pipeline are of about equal cost and give the same numbers") {
  const Builder b = chain(12);
  const auto [one, whole] = REQUIRE_OK(lowered(b.graph, 1));
  const auto [three, report] = REQUIRE_OK(lowered(b.graph, 3));
  CHECK(report.cores == 3);
  REQUIRE(report.parts.size() == 3);
  for (const auto& part : report.parts) CHECK(part.operators == 4);
  const auto model = REQUIRE_OK(neff::model_of(three));
  CHECK(model.subgraphs.size() == 3);
  CHECK(three.header.num_tpb == 3);
  const auto alone = REQUIRE_OK(execute(one, b.data)), staged = REQUIRE_OK(execute(three, b.data));
  const std::vector<float> a = floats_of(alone[0]), c = floats_of(staged[0]);
  for (std::size_t i = 0; i < a.size(); ++i) CHECK(c[i] == Approx(a[i]).margin(1e-6));
}

TEST_CASE("a model has at most as many stages as nodes, and says so") {
  const Builder b = chain(2);
  compile::Options options;
  options.target = isa::find_target("trn2");
  options.pipeline_cores = 5;
  std::vector<std::string> warnings;
  REQUIRE_OK(compile::lower(b.graph, options, warnings));
  REQUIRE(!warnings.empty());
  CHECK(warnings[0] == "the model needs 2 NeuronCores, not the 5 that were asked for");
}
