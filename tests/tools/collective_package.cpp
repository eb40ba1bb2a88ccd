// SPDX-License-Identifier: Apache-2.0
// A package that does one collective operation on x and leaves the result in y:
//   collective-package OPERATION RANKS FLOATS [halves] > x.neff
// `halves`: two replica groups, of even and of odd ranks. FLOATS is the size of x.
#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "isa/isa.h"
#include "neff/model.h"

using namespace neuron;

namespace {

constexpr std::pair<const char*, neff::CollectiveOp> kOperations[] = {
    {"all_gather", neff::CollectiveOp::AllGather},
    {"all_reduce", neff::CollectiveOp::AllReduce},
    {"reduce_scatter", neff::CollectiveOp::ReduceScatter},
    {"all_to_all", neff::CollectiveOp::AllToAll},
    {"permute", neff::CollectiveOp::Permute},
    {"send_receive", neff::CollectiveOp::SendReceive},
};

neff::Collective collective_of(neff::CollectiveOp op, std::uint32_t ranks, bool halves) {
  neff::Collective c;
  c.op = op;
  c.type = DType::Float32;
  c.replica_groups.resize(halves ? 2 : 1);
  for (std::uint32_t r = 0; r < ranks; ++r) c.replica_groups[halves ? r % 2 : 0].push_back(r);
  const auto members = static_cast<std::uint32_t>(c.replica_groups[0].size());
  if (op == neff::CollectiveOp::Permute)
    for (std::uint32_t m = 0; m < members; ++m) c.pairs.push_back({m, (m + 1) % members});
  if (op == neff::CollectiveOp::SendReceive) c.pairs.push_back({0, members - 1});
  return c;
}

neff::Variable variable(const char* name, std::uint32_t id, neff::VariableKind kind,
                        std::int64_t bytes) {
  neff::Variable v;
  v.name = name;
  v.id = id;
  v.kind = kind;
  v.size = static_cast<std::uint64_t>(bytes);
  return v;
}

neff::Subgraph subgraph_of(neff::Collective what, std::int64_t in, std::int64_t out) {
  neff::Subgraph s;
  s.name = "sg00";
  s.node = 1;
  s.variables = {variable("SB", 0, neff::VariableKind::StateBuffer, 0),
                 variable("x", 1, neff::VariableKind::Input, in),
                 variable("y", 2, neff::VariableKind::Output, out)};
  s.queues.push_back({"qPoolCC0", neff::QueueKind::Data, 1, "pool", {8}});
  neff::EngineProgram pool;
  pool.token = "pool";
  neff::Transfer t;
  t.queue = "qPoolCC0";
  t.semaphore = 8;
  t.descriptors.push_back({neff::DmaOp::Copy,
                           {{"x", 0, {1}, {in}, DType::UInt8}},
                           {"y", 0, {1}, {out}, DType::UInt8},
                           {},
                           0});
  t.collective = std::move(what);
  pool.transfers.push_back(std::move(t));
  isa::pseudo_dma_trigger trigger;
  trigger.queue = "qPoolCC0";
  isa::Sync wait;
  wait.wait_mode = isa::kWaitGreaterEqual;
  wait.wait_semaphore = 8;
  wait.wait_value = 1;
  for (const auto& i : {isa::encode({}, trigger), isa::encode(wait, isa::nop{})})
    pool.instructions.edit().insert(pool.instructions.edit().end(), i.word.begin(), i.word.end());
  s.engines.push_back(std::move(pool));
  return s;
}

neff::Model model_of(neff::CollectiveOp op, std::uint32_t ranks, std::int64_t floats, bool halves) {
  const std::int64_t members = halves ? ranks / 2 : ranks;
  std::int64_t out = floats;
  if (op == neff::CollectiveOp::AllGather) out *= members;
  if (op == neff::CollectiveOp::ReduceScatter) out /= members;
  neff::Model m;
  m.name = "collective";
  m.target = "cayman";
  m.nodes = {{"x", neff::Executor::Input, "", "", false, {}, {{"x", DType::Float32, {floats}}}},
             {"core",
              neff::Executor::NeuronCore,
              "__kelf",
              "kelf-0.json",
              false,
              {{0, 0}},
              {{"y", DType::Float32, {out}}}}};
  m.heads = {{1, 0}};
  m.subgraphs = {subgraph_of(collective_of(op, ranks, halves), floats * 4, out * 4)};
  return m;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto row = std::find_if(std::begin(kOperations), std::end(kOperations), [&](const auto& r) {
    return std::string_view(r.first) == argv[1];
  });
  const auto ranks = static_cast<std::uint32_t>(std::atoi(argv[2]));
  if (row == std::end(kOperations) || ranks == 0) return 2;
  auto package = neff::package_of(model_of(row->second, ranks, std::atoll(argv[3]), argc > 4), {});
  auto bytes = package ? neff::bytes_of(*package, neff::Compression::None)
                       : Result<Bytes>(std::move(package).error());
  if (!bytes) {
    std::cerr << bytes.error().message << '\n';
    return 1;
  }
  std::cout.write(reinterpret_cast<const char*>(bytes->data()),
                  static_cast<std::streamsize>(bytes->size()));
  return 0;
}
