// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/tensor.h"
#include "neff/model.h"
#include "nrt/program.h"
#include "sim/sim.h"

namespace neuron::test {

/// Runs a package on a fresh core; tensors in the order of the graph's inputs and outputs.
inline Result<std::vector<Tensor>> execute(const neff::Package& package,
                                           const std::vector<Tensor>& inputs) {
  const neff::Model model = TRY(neff::model_of(package));
  auto loaded = TRY(sim::load(TRY(nrt::program_of(model, 0))));
  const neff::Subgraph& subgraph = model.subgraphs[0];
  std::vector<Bytes> memory(subgraph.variables.size());
  std::uint64_t scratchpad = 0;
  for (const neff::Variable& v : subgraph.variables)
    if (v.kind == neff::VariableKind::Virtual)
      scratchpad = std::max(scratchpad, v.backing_offset + v.size);
  Bytes scratch(scratchpad);
  std::vector<std::span<std::byte>> bound(memory.size());
  std::vector<std::size_t> outputs;
  std::size_t next = 0;
  for (const neff::Variable& v : subgraph.variables) {
    if (v.kind == neff::VariableKind::StateBuffer) continue;
    if (v.kind == neff::VariableKind::Virtual) {
      bound[v.id] = std::span(scratch).subspan(v.backing_offset, v.size);
      continue;
    }
    memory[v.id].resize(v.size);
    if (v.kind == neff::VariableKind::Input) memory[v.id] = inputs[next++].bytes;
    if (v.kind == neff::VariableKind::Output) outputs.push_back(v.id);
    if (v.kind == neff::VariableKind::File) {
      const ByteView bytes = TRY(neff::constant_of(package, subgraph, v));
      memory[v.id].assign(bytes.begin(), bytes.end());
    }
    bound[v.id] = memory[v.id];
  }
  sim::Core core(sim::program_of(*loaded).arch);
  TRY(sim::execute(*loaded, core, bound));
  std::vector<Tensor> out;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const neff::Slot& slot = model.nodes.back().outputs[i];
    out.push_back({slot.type, slot.shape, memory[outputs[i]]});
  }
  return out;
}

}  // namespace neuron::test
