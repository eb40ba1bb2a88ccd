// SPDX-License-Identifier: Apache-2.0
// A subgraph's words become indices of a program, and words that lead nowhere are told.
#include "nrt/program.h"

#include "tests/catch.h"

using namespace neuron;

namespace {

neff::Variable variable(const char* name, std::uint32_t id, neff::VariableKind kind,
                        std::uint64_t size = 0) {
  neff::Variable v;
  v.name = name;
  v.id = id;
  v.kind = kind;
  v.size = size;
  return v;
}

/// A subgraph that loads 64 bytes of x into the state buffer by a listed transfer.
neff::Model small_model() {
  neff::Subgraph s;
  s.name = "sg00";
  s.variables = {variable("SB", 0, neff::VariableKind::StateBuffer),
                 variable("x", 1, neff::VariableKind::Input, 64),
                 variable("DGETable0", 2, neff::VariableKind::DgeTable)};
  s.variables[2].list = {1};
  s.queues.push_back({"qSPIO0", neff::QueueKind::In, 16, "sp", {8}});
  s.queues.push_back({"qPoolDynamic", neff::QueueKind::Dynamic, 16, "pool", {24}});
  s.queues.push_back({"qSPDynamicHW", neff::QueueKind::Dynamic, 16, "sp", {9}});
  neff::EngineProgram sp;
  sp.token = "sp";
  sp.json_name = "SP.json";
  sp.bin_name = "SP.bin";
  isa::pseudo_dma_trigger trigger;
  trigger.queue = "qSPIO0";
  trigger.dma_id = 5;
  const auto word = isa::encode({}, trigger).word;
  sp.instructions.edit().assign(word.begin(), word.end());
  neff::Descriptor d;
  d.op = neff::DmaOp::Cast;
  d.from.push_back({"x", 0, {1}, {64}, DType::Float32});
  d.to = {"SB", 0x100, {1, 0x40000}, {16, 2}, DType::Float16};
  sp.transfers.push_back({5, "qSPIO0", {d}, 8, ""});
  s.engines.push_back(std::move(sp));
  neff::Model model;
  model.target = "cayman";
  model.subgraphs.push_back(std::move(s));
  return model;
}

std::string refused(const neff::Model& model) {
  auto program = nrt::program_of(model, 0);
  return program ? "" : program.error().message;
}

}  // namespace

TEST_CASE("a subgraph becomes a program whose names are indices") {
  const auto program = REQUIRE_OK(nrt::program_of(small_model(), 0));
  CHECK(program.arch == isa::ArchId::V3);
  CHECK(program.name == "sg00");
  REQUIRE(program.variables.size() == 3);
  CHECK(program.variables[0].storage == sim::Storage::Local);
  CHECK(program.variables[1].storage == sim::Storage::Device);
  CHECK(program.variables[1].size == 64);
  CHECK(program.dge_table == std::vector{sim::VariableId{1}});
  CHECK(program.queues[0].kind == sim::QueueKind::Static);
  CHECK(program.queues[1].kind == sim::QueueKind::SoftwareDynamic);
  CHECK(program.queues[1].owner == isa::Engine::Gpsimd);
  CHECK(program.queues[2].kind == sim::QueueKind::HardwareDynamic);
  const auto& transfers = program.transfers[static_cast<int>(isa::Engine::Sync)];
  REQUIRE(transfers.size() == 1);
  CHECK(transfers[0].id == 5);
  CHECK(transfers[0].semaphore == sim::SemaphoreId{8});
  CHECK(transfers[0].increment == 16);
  CHECK(transfers[0].descriptors[0].op == sim::DmaOp::Copy);
  CHECK(transfers[0].descriptors[0].from[0].variable == sim::VariableId{1});
  CHECK(transfers[0].descriptors[0].to.sizes == std::array<std::int64_t, 4>{16, 2, 1, 1});
  CHECK(program.streams[static_cast<int>(isa::Engine::Sync)].size() == 1);
  REQUIRE_OK(sim::load(program));
}

TEST_CASE("names that lead nowhere are told with the member that holds them") {
  const auto with = [](auto change) {
    neff::Model model = small_model();
    change(model, model.subgraphs[0]);
    return refused(model);
  };
  using Model = neff::Model;
  using Graph = neff::Subgraph;
  CHECK(with([](Model& m, Graph&) { m.target = ""; }) ==
        "target '' is not simulated, known are inferentia, sunda, cayman and mariana (real "
        "packages for Inferentia1 "
        "name none; their instructions have another layout)");
  CHECK(with([](Model&, Graph& s) { s.engines[0].transfers[0].queue = "qX"; }) ==
        "sg00/SP.json: dma 5: queue qX is not in def.json");
  CHECK(with([](Model&, Graph& s) { s.engines[0].transfers[0].semaphore = {}; }) != "");
  CHECK(with([](Model&, Graph& s) { s.engines[0].transfers[0].semaphore = 256; }) ==
        "sg00/SP.json: dma 5: semaphore is 256, expected at most 255");
  CHECK(with([](Model&, Graph& s) {
          s.engines[0].transfers[0].descriptors[0].to.variable = "y";
        }) == "sg00/SP.json: dma 5: desc 0: variable y is not in def.json");
  CHECK(with([](Model&, Graph& s) {
          s.engines[0].transfers[0].descriptors[0].op = neff::DmaOp::Fma;
        }) == "sg00/SP.json: dma 5: desc 0: op fma is not simulated");
  CHECK(with([](Model&, Graph& s) { s.variables[1].id = 7; }) ==
        "sg00/def.json: x: var_id is 7, expected less than 3, the variables' count");
  CHECK(with([](Model&, Graph& s) { s.queues[0].owner = "gpu"; }) ==
        "sg00/def.json: qSPIO0: no engine 'gpu', known are pe, act, pool, dve and sp");
  CHECK(with([](Model&, Graph& s) { s.engines[0].instructions.edit().pop_back(); }) ==
        "sg00/SP.bin: Sync instructions: 63 bytes are no multiple of 64");
  CHECK(with([](Model&, Graph& s) {
          s.engines[0].instructions.edit()[0] = std::byte{0xff};
        }).substr(0, 51) == "sg00/SP.bin: Sync pc 0: opcode 0xff is not known: f");
}
