// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/model.h"

/// A small model that uses every kind of variable and most of what a transfer can say.
inline neuron::neff::Model sample_model() {
  using namespace neuron;
  using namespace neuron::neff;
  Model m;
  m.name = "sample";
  m.target = "cayman";
  m.tool_version = "0.1.0";
  m.nodes.push_back({"x", Executor::Input, "", "", false, {}, {{"x", DType::Float32, {2, 4}}}});
  m.nodes.push_back({"sg_core",
                     Executor::NeuronCore,
                     "__kelf",
                     "kelf-0.json",
                     false,
                     {{0, 0}},
                     {{"y", DType::BFloat16, {2, 4}}}});
  m.heads = {{1, 0}};
  Subgraph s;
  s.name = "sg00";
  s.node = 1;
  const auto variable = [&](const char* name, VariableKind kind, std::uint64_t size) -> Variable& {
    Variable v;
    v.name = name;
    v.id = static_cast<std::uint32_t>(s.variables.size());
    v.kind = kind;
    v.size = size;
    return s.variables.emplace_back(v);
  };
  variable("SB", VariableKind::StateBuffer, 0);
  variable("x", VariableKind::Input, 32);
  variable("y", VariableKind::Output, 16);
  variable("weights", VariableKind::File, 32).alignment = 64;
  variable("spill", VariableKind::Virtual, 256).backing_offset = 4096;
  variable("private", VariableKind::TmpBuf, 128);
  variable("to_x", VariableKind::Pointer, 0).referenced = 1;
  variable("DGETable0", VariableKind::DgeTable, 0).list = {1, 2};
  variable("SB{1}", VariableKind::Remote, 0);
  variable("bias", VariableKind::File, 8).alignment = 64;
  s.queues.push_back({"qSPIO0", QueueKind::In, 2, "sp", {8, 9}});
  for (const char* token : {"act", "dve", "pe", "pool", "sp"}) {
    EngineProgram e;
    e.token = token;
    e.instructions.edit().resize(e.token == "pe" ? 128 : 64);
    e.instructions.edit()[0] = std::byte{0xa4};
    if (e.token == "act") e.activation_sets = {"exp_and_others"};
    if (e.token == "sp") {
      const Side x{"x", 0, {1, 16}, {16, 2}, DType::Float32};
      const Side sb{"SB", 512, {1, 262144}, {16, 2}, DType::Float32};
      Descriptor move{DmaOp::Copy, {x}, sb, {}, 0};
      Descriptor sum{DmaOp::Add, {x, sb}, sb, {}, 0};
      Descriptor turn{DmaOp::Transpose, {x}, sb, {1, 1, 2, 4}, 4};
      e.transfers.push_back({3, "qSPIO0", {move, sum, turn}, 8, "I-1-0"});
    }
    s.engines.push_back(std::move(e));
  }
  s.tensors["x"] = {DType::Float32, "NC", {2, 4}, false, "input", "x"};
  s.tensors["y"] = {DType::BFloat16, "NC", {2, 4}, false, "output", "y"};
  s.tensors["weights"] = {DType::BFloat16, "CRSM", {4, 4}, true, "", "weights"};
  s.features = {"neff_feature_indirect_memcpy_bound_check"};
  Tensor weights{DType::BFloat16, {4, 4}, Bytes(32)};
  for (std::size_t i = 0; i < weights.bytes.size(); ++i)
    weights.bytes[i] = static_cast<std::byte>(i);
  s.constants.emplace("weights", weights);
  s.constants.emplace("bias", Tensor{DType::Float32, {2}, Bytes(8, std::byte{7})});
  m.subgraphs.push_back(std::move(s));
  return m;
}

inline neuron::neff::BuildInfo sample_build() {
  neuron::neff::BuildInfo build;
  build.framework_file = "sample.onnx";
  build.notes["pe"] = {{"I-0-0", "/fc/MatMul", "MatMul"}, {"I-1-0", "/fc/Add", "Add"}};
  build.metrics = {{"TPBCount", 1}, {"EstimatedLowerBoundLatency", 0.5}};
  build.hlo = {{"HloMacCount", 32}, {"Traffic", 64}};
  return build;
}
