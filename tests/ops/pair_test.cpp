// SPDX-License-Identifier: Apache-2.0
// Models on the two cores of one logical core.
#include "sim/races.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

neff::Package lowered(const Builder& b, std::uint32_t cores) {
  compile::Options options;
  options.target = isa::find_target("trn2");
  options.logical_core = cores;
  std::vector<std::string> warnings;
  return REQUIRE_OK(compile::lower(b.graph, options, warnings));
}

/// Both programs of a package over the same inputs and outputs.
struct Pair {
  neff::Model model;
  std::array<sim::LoadedPtr, 2> loaded;
  std::vector<sim::Core> cores;
  std::map<std::string, Bytes> shared;
  std::array<std::vector<Bytes>, 2> own;
  std::array<std::vector<std::span<std::byte>>, 2> bound;

  Pair(const neff::Package& package, const Builder& b)
      : model(REQUIRE_OK(neff::model_of(package))) {
    REQUIRE(model.subgraphs.size() == 2);
    CHECK(package.header.lnc_size == 2);
    for (std::size_t i = 0; i < b.data.size(); ++i)
      shared[b.graph.value(b.graph.inputs[i]).name] = b.data[i].bytes;
    for (std::size_t s = 0; s < 2; ++s) {
      loaded[s] = REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(model, s))));
      CHECK(sim::needs_peer(*loaded[s]));
      cores.emplace_back(isa::ArchId::V3);
      bind(package, s);
    }
  }

  std::array<sim::Part, 2> parts() {
    return {sim::Part{loaded[0].get(), &cores[0], bound[0]},
            sim::Part{loaded[1].get(), &cores[1], bound[1]}};
  }

 private:
  void bind(const neff::Package& package, std::size_t s) {
    const neff::Subgraph& graph = model.subgraphs[s];
    own[s].resize(graph.variables.size() + 1);
    bound[s].resize(graph.variables.size());
    std::uint64_t pad = 0;
    for (const neff::Variable& v : graph.variables)
      if (v.kind == neff::VariableKind::Virtual) pad = std::max(pad, v.backing_offset + v.size);
    own[s].back().resize(pad);
    for (const neff::Variable& v : graph.variables) {
      if (v.kind == neff::VariableKind::Input || v.kind == neff::VariableKind::Output) {
        shared[v.name].resize(v.size);
        bound[s][v.id] = shared[v.name];
      } else if (v.kind == neff::VariableKind::Virtual) {
        bound[s][v.id] = std::span(own[s].back()).subspan(v.backing_offset, v.size);
      } else if (v.kind == neff::VariableKind::File) {
        const ByteView bytes = REQUIRE_OK(neff::constant_of(package, graph, v));
        own[s][v.id].assign(bytes.begin(), bytes.end());
        bound[s][v.id] = own[s][v.id];
      }
    }
  }
};

/// Two layers with a norm between them: parts, sums and a value that both need whole.
Builder layers() {
  Builder b;
  const ValueId x = b.input(noise({64, 96}, 1));
  const ValueId h = b.node("MatMul", {x, b.constant(noise({96, 200}, 2))}, {64, 200});
  const ValueId r = b.node("Relu", {h}, {64, 200});
  const ValueId y = b.node("MatMul", {r, b.constant(noise({200, 96}, 3))}, {64, 96});
  const ValueId s = b.node("Softmax", {y}, {64, 96}, {{"axis", std::int64_t{-1}}});
  const ValueId z = b.node("MatMul", {s, b.constant(noise({96, 50}, 4))}, {64, 50});
  b.graph.outputs = {z};
  return b;
}

}  // namespace

TEST_CASE("two cores of a logical core compute what one does, in any legal order") {
  const Builder b = layers();
  const std::vector<float> expected = floats_of(REQUIRE_OK(execute(lowered(b, 1), b.data))[0]);
  const neff::Package package = lowered(b, 2);
  Pair pair(package, b);
  const std::string output = b.graph.value(b.graph.outputs[0]).name;
  using Seed = std::optional<std::uint64_t>;
  for (const Seed seed : {Seed{}, Seed{1}, Seed{2}, Seed{3}}) {
    std::fill(pair.shared[output].begin(), pair.shared[output].end(), std::byte{0xff});
    REQUIRE_OK(sim::execute_together(pair.parts(), seed));
    const auto got = floats_of({DType::Float32, {64, 50}, pair.shared[output]});
    for (std::size_t i = 0; i < got.size(); ++i)
      REQUIRE(got[i] == Approx(expected[i]).margin(1e-5));
  }
  for (const sim::Race& race : REQUIRE_OK(sim::find_races(pair.parts())))
    CHECK(race.memory == output);  // both write the same result
}
