// SPDX-License-Identifier: Apache-2.0
// Constants that come to SBUF once and stay there from execution to execution.
#include <cstdlib>
#include <numeric>

#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

constexpr std::int64_t kSide = 128;
constexpr std::size_t kWeights = kSide * kSide * sizeof(float);
constexpr unsigned kProducts = 6;

/// Products one after another, each with weights of its own.
Builder products(unsigned seed = 0) {
  Builder b;
  ValueId at = b.input(noise({kSide, kSide}, 1));
  for (unsigned i = 0; i < kProducts; ++i)
    at = b.node("MatMul", {at, b.constant(noise({kSide, kSide}, seed + 2 + i, -0.1F, 0.1F))},
                {kSide, kSide});
  b.graph.outputs = {at};
  return b;
}

neff::Package lowered(const Builder& b, bool stay, std::uint32_t stages = 1) {
  compile::Options options;
  options.target = isa::find_target("trn2");
  options.weights_stay = stay;
  options.pipeline_cores = stages;
  std::vector<std::string> warnings;
  return REQUIRE_OK(compile::lower(b.graph, options, warnings));
}

/// A package of one program with memory of its own.
struct Bench {
  neff::Package package;
  neff::Model model;
  sim::LoadedPtr loaded;
  std::vector<Bytes> memory;
  std::vector<std::span<std::byte>> bound;
  std::vector<std::uint32_t> constants;
  std::uint32_t output = 0;
  explicit Bench(const Builder& b, bool stay) : package(lowered(b, stay)) {
    model = REQUIRE_OK(neff::model_of(package));
    loaded = REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(model, 0))));
    const neff::Subgraph& s = model.subgraphs[0];
    memory.resize(s.variables.size());
    bound.resize(memory.size());
    for (const neff::Variable& v : s.variables) {
      if (v.kind == neff::VariableKind::StateBuffer) continue;
      memory[v.id].resize(v.size);
      if (v.kind == neff::VariableKind::Input) memory[v.id] = b.data[0].bytes;
      if (v.kind == neff::VariableKind::Output) output = v.id;
      if (v.kind == neff::VariableKind::File) {
        const ByteView bytes = REQUIRE_OK(neff::constant_of(package, s, v));
        memory[v.id].assign(bytes.begin(), bytes.end());
        constants.push_back(v.id);
      }
      bound[v.id] = memory[v.id];
    }
  }
  Bytes run(sim::Core& core) {
    std::fill(memory[output].begin(), memory[output].end(), std::byte{0xff});
    REQUIRE_OK(sim::execute(*loaded, core, bound));
    return memory[output];
  }
  /// Bytes that DMA moves in one execution.
  std::uint64_t moved() const {
    const sim::Schedule when = REQUIRE_OK(sim::schedule(*loaded));
    return std::accumulate(when.packets.begin(), when.packets.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& p) { return sum + p.bytes; });
  }
  std::uint64_t time_ps() const { return REQUIRE_OK(sim::schedule(*loaded)).total_ps; }
};

/// Transfers of a program that are done at load.
std::vector<sim::Transfer*> at_load(sim::Program& program) {
  std::vector<sim::Transfer*> out;
  for (auto& transfers : program.transfers)
    for (sim::Transfer& t : transfers)
      if (t.at_load) out.push_back(&t);
  return out;
}

}  // namespace

TEST_CASE("constants that stay are moved once, and the results are the same") {
  const Builder b = products();
  Bench moving(b, false), staying(b, true);
  CHECK(moving.moved() >= staying.moved() + kProducts * kWeights);
  CHECK(staying.moved() < moving.moved() / 3);
  CHECK(staying.time_ps() < moving.time_ps());
  sim::Core plain(isa::ArchId::V3), core(isa::ArchId::V3);
  const Bytes expected = moving.run(plain);
  CHECK(staying.run(core) == expected);
  // What lies in HBM is not read any more ...
  std::vector<Bytes> kept;
  for (const std::uint32_t id : staying.constants) {
    kept.push_back(staying.memory[id]);
    std::fill(staying.memory[id].begin(), staying.memory[id].end(), std::byte{0});
  }
  CHECK(staying.run(core) == expected);
  // ... until another program has used the core.
  moving.run(core);
  CHECK(staying.run(core) != expected);
  for (std::size_t i = 0; i < kept.size(); ++i)
    std::copy(kept[i].begin(), kept[i].end(), staying.memory[staying.constants[i]].begin());
  moving.run(core);
  CHECK(staying.run(core) == expected);
  // The plan of the host agrees, and leaves nothing that the interpreter would take for constants.
  REQUIRE_OK(execute(staying.package, b.data));
  const auto plan = REQUIRE_OK(sim::make_plan(*staying.loaded));
  REQUIRE_OK(sim::run(*plan, core, staying.bound));
  CHECK(staying.run(core) == expected);
}

TEST_CASE("a program that writes to what stays is refused") {
  Bench staying(products(), true);
  const sim::Program program = REQUIRE_OK(nrt::program_of(staying.model, 0));
  const auto error = [](sim::Program changed) {
    const auto loaded = sim::load(std::move(changed));
    REQUIRE_FALSE(loaded);
    return loaded.error().message;
  };
  sim::Program changed = program;
  const auto kept = at_load(changed);
  REQUIRE(kept.size() == 1);
  sim::Transfer* other = nullptr;
  for (auto& transfers : changed.transfers)
    for (sim::Transfer& t : transfers)
      if (!t.at_load &&
          changed.variables[t.descriptors[0].to.variable.value].storage == sim::Storage::Local)
        other = &t;
  REQUIRE(other);
  other->descriptors[0].to.offset = kept[0]->descriptors[0].to.offset;
  CHECK(error(changed).find("writes to SBUF that was filled at load") != std::string::npos);
  changed = program;
  std::swap(at_load(changed)[0]->descriptors[0].from[0], at_load(changed)[0]->descriptors[0].to);
  CHECK(error(changed).find("from device memory to SBUF only") != std::string::npos);
}

TEST_CASE("a package that brings at load what is no constant is refused") {
  Bench staying(products(), true);
  std::string input;
  for (const neff::Variable& v : staying.model.subgraphs[0].variables)
    if (v.kind == neff::VariableKind::Input) input = v.name;
  for (neff::EngineProgram& e : staying.model.subgraphs[0].engines)
    for (neff::Transfer& t : e.transfers)
      if (t.at_load) t.descriptors[0].from[0].variable = input;
  const auto program = nrt::program_of(staying.model, 0);
  REQUIRE_FALSE(program);
  CHECK(program.error().message.find("at load, which is no constant") != std::string::npos);
}

// Each thread of the interpreter's path: two models that take turns on the same two cores.
TEST_CASE("models that share cores find their constants again") {
  ::setenv("NEURON_SIM_INTERPRET", "1", 1);
  const Builder one = products(), other = products(100);
  const neff::Package packages[] = {lowered(one, true, 2), lowered(other, true, 2)};
  std::vector<Bytes> expected;
  for (const neff::Package& p : packages)
    expected.push_back(REQUIRE_OK(execute(p, one.data))[0].bytes);
  CHECK(expected[0] != expected[1]);
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<nrt_tensor_t*> results;
  for (const neff::Package& p : packages) {
    const neff::Model model = REQUIRE_OK(neff::model_of(p));
    sessions.push_back(
        std::make_unique<Session>(REQUIRE_OK(neff::bytes_of(p, neff::Compression::None)), 0));
    const neff::Slot& in = model.nodes[0].outputs[0];
    nrt_tensor_write(sessions.back()->add(in, true), one.data[0].bytes.data(), 0, kWeights);
    const neff::Edge head = model.heads[0];
    results.push_back(sessions.back()->add(model.nodes[head.node].outputs[head.output], false));
  }
  for (const std::size_t turn : {0, 0, 1, 1, 0, 1, 0}) {
    REQUIRE_OK(sessions[turn]->execute());
    Bytes got(kWeights);
    nrt_tensor_read(results[turn], got.data(), 0, got.size());
    CHECK(got == expected[turn]);
  }
  ::unsetenv("NEURON_SIM_INTERPRET");
}
