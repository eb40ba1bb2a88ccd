// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "base/tensor.h"
#include "neff/model.h"
#include "nrt/program.h"
#include "sim/plan.h"
#include "sim/sim.h"

namespace neuron::test {

/// A plan's output against the interpreter's: products may be summed in another order.
inline Result<> compare(const Tensor& expected, ByteView got) {
  constexpr double kTolerance = 1e-4;  // of the largest number
  if (expected.type != DType::Float32) {
    if (std::equal(got.begin(), got.end(), expected.bytes.begin(), expected.bytes.end())) return {};
    return fail(Code::Mismatch, "the plan gives other bytes than the interpreter");
  }
  const std::size_t count = expected.bytes.size() / sizeof(float);
  double most = 1e-30;
  const auto number = [](ByteView bytes, std::size_t i) {
    return static_cast<double>(load_as_float(bytes, i, DType::Float32));
  };
  for (std::size_t i = 0; i < count; ++i)
    if (const double e = std::fabs(number(expected.bytes, i)); std::isfinite(e))
      most = std::max(most, e);
  for (std::size_t i = 0; i < count; ++i) {
    const double a = number(expected.bytes, i), b = number(got, i);
    if (a == b || (std::isnan(a) && std::isnan(b)) || std::fabs(a - b) <= kTolerance * most)
      continue;
    return fail(Code::Mismatch, "element {} is {} by plan, {} by interpreter", i, b, a);
  }
  return {};
}

/// Runs a package on a fresh core by the interpreter, holds the plan to it; tensors in the order of
/// the graph's inputs and outputs.
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
  std::vector<ByteView> constants(memory.size());
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
      constants[v.id] = memory[v.id];
    }
    bound[v.id] = memory[v.id];
  }
  sim::Core core(sim::program_of(*loaded).arch);
  TRY(sim::execute(*loaded, core, bound));
  std::vector<Tensor> out;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const neff::Slot& slot = model.nodes.back().outputs[i];
    out.push_back({slot.type, slot.shape, memory[outputs[i]]});
    std::fill(memory[outputs[i]].begin(), memory[outputs[i]].end(), std::byte{0xff});
  }
  const auto plan = TRY(sim::make_plan(*loaded, constants));
  sim::Core other(core.arch());
  TRY(sim::run(*plan, other, bound));
  for (std::size_t i = 0; i < outputs.size(); ++i)
    TRY(compare(out[i], memory[outputs[i]]).within(model.nodes.back().outputs[i].name));
  return out;
}

}  // namespace neuron::test
