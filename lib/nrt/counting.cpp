// SPDX-License-Identifier: Apache-2.0
#include "nrt/counting.h"

#include <fmt/format.h>

#include <algorithm>

#include "nrt/program.h"

namespace neuron::nrt {
namespace {

std::uint64_t code_bytes(const sim::Program& program) {
  std::uint64_t instructions = 0;
  for (const auto& stream : program.streams) instructions += stream.size();
  return 64 * instructions;
}

std::uint64_t ring_bytes(const sim::Program& program) {
  std::uint64_t descriptors = 0;
  for (const auto& transfers : program.transfers)
    for (const sim::Transfer& t : transfers) descriptors += t.descriptors.size();
  return 2 * 16 * descriptors;  // a descriptor of 16 bytes on each side
}

host::MemoryUse memory_of(const neff::Subgraph& subgraph, const sim::Program& program) {
  using Kind = neff::VariableKind;
  using enum host::DeviceMemory;
  host::MemoryUse use;
  for (const neff::Variable& v : subgraph.variables) {
    if (v.kind == Kind::File) use[constants] += v.size;
    if (v.kind == Kind::TmpBuf) use[nonshared_scratchpad] += v.size;
    if (v.kind == Kind::Virtual) {
      auto& most = use[model_shared_scratchpad];  // they lie over each other
      most = std::max(most, v.backing_offset + v.size);
    }
  }
  use[model_code] = code_bytes(program);
  use[dma_rings] = ring_bytes(program);
  return use;
}

}  // namespace

std::vector<host::ModelPart> parts_of(const nrt_model& model, std::uint32_t first) {
  std::string uuid;
  for (const auto byte : model.package.header.uuid)
    uuid += fmt::format("{:02x}", static_cast<unsigned>(byte));
  std::vector<host::ModelPart> parts;
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    const neff::Subgraph& subgraph = model.neff.subgraphs[s];
    parts.push_back({model.name, uuid, subgraph.name, first + static_cast<std::uint32_t>(s),
                     memory_of(subgraph, sim::program_of(*model.stages[s].loaded))});
  }
  return parts;
}

std::uint64_t flops_of(const nrt_model& model) {
  std::uint64_t most = 0;
  for (const Stage& stage : model.stages) {
    std::uint64_t flops = 0;
    for (const auto& stream : sim::program_of(*stage.loaded).streams)
      for (const isa::Instruction& instruction : stream)
        if (const auto* op = std::get_if<isa::matmul>(&instruction.op))
          flops += 2 * static_cast<std::uint64_t>(op->src.count()) * op->rows * op->columns;
    most = std::max(most, flops);
  }
  return most;
}

std::shared_ptr<Storage> counted(std::shared_ptr<Storage> storage,
                                 const std::shared_ptr<host::Process>& process, int core) {
  const auto bytes = static_cast<std::int64_t>(storage->bytes().size());
  const auto change = [core](host::Process& p, std::int64_t by) {
    if (core < 0)
      p.use(host::HostMemory::tensors, by);
    else if (static_cast<std::uint32_t>(core) < p.count())
      p.use(static_cast<std::uint32_t>(core), host::DeviceMemory::tensors, by);
  };
  if (process) change(*process, bytes);
  Storage* raw = storage.get();
  // The process may close the runtime before it frees the tensor: then nothing is counted.
  return {raw, [change, bytes, storage = std::move(storage),
                weak = std::weak_ptr<host::Process>(process)](Storage*) {
            if (const auto still = weak.lock()) change(*still, -bytes);
          }};
}

}  // namespace neuron::nrt
