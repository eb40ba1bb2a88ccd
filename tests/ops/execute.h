// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cmath>

#include "base/numbers.h"
#include "base/tensor.h"
#include "neff/model.h"
#include "nrt/failure.h"
#include "nrt/nrt.h"
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

inline bool has_cpu_nodes(const neff::Model& model) {
  return std::any_of(model.nodes.begin(), model.nodes.end(),
                     [](const neff::Node& n) { return n.executor == neff::Executor::Cpu; });
}

/// The corner of a result that has room for more: what its `.shape` tells.
inline Tensor corner(const Tensor& whole, const Tensor& told) {
  Tensor out{whole.type, {}, {}};
  for (std::size_t d = 0; d < whole.shape.size(); ++d)
    out.shape.push_back(load<std::int64_t>(told.bytes, d * 8));
  const std::size_t size = size_of(whole.type);
  std::vector<std::int64_t> at(out.shape.size(), 0);
  for (std::int64_t left = count_of(out.shape); left > 0; --left) {
    std::int64_t place = 0;
    for (std::size_t d = 0; d < at.size(); ++d) place = place * whole.shape[d] + at[d];
    const auto from = whole.bytes.begin() + place * static_cast<std::int64_t>(size);
    out.bytes.insert(out.bytes.end(), from, from + static_cast<std::ptrdiff_t>(size));
    for (std::size_t d = at.size(); d-- > 0 && ++at[d] == out.shape[d];) at[d] = 0;
  }
  return out;
}

/// Packages of several nodes run through libnrt, as a user's do.
class Session {
 public:
  explicit Session(const Bytes& neff, int first_core = -1) {
    static const bool started = [] {
      ::setenv("NEURON_RT_NUM_CORES", "8", 0);
      return nrt_init(NRT_FRAMEWORK_TYPE_NO_FW, "", "") == NRT_SUCCESS;
    }();
    status_ = started ? nrt_load(neff.data(), neff.size(), first_core, -1, &model_) : NRT_FAILURE;
    nrt_allocate_tensor_set(&in_);
    nrt_allocate_tensor_set(&out_);
  }
  Session(const Session&) = delete;
  ~Session() {
    for (nrt_tensor_t* t : tensors_) nrt_tensor_free(&t);
    nrt_destroy_tensor_set(&in_);
    nrt_destroy_tensor_set(&out_);
    if (model_) nrt_unload(model_);
  }
  Result<> execute() {
    if (status_ == NRT_SUCCESS) status_ = nrt_execute(model_, in_, out_);
    if (status_ == NRT_SUCCESS) return {};
    return fail(Code::ExecutionFault, "{}", nrt::last_failure().message);
  }
  nrt_tensor_t* add(const neff::Slot& slot, bool input) {
    nrt_tensor_t* tensor = nullptr;
    const auto bytes = static_cast<std::size_t>(count_of(slot.shape)) * size_of(slot.type);
    nrt_tensor_allocate(NRT_TENSOR_PLACEMENT_HOST, 0, std::max<std::size_t>(bytes, 1),
                        slot.name.c_str(), &tensor);
    nrt_add_tensor_to_tensor_set(input ? in_ : out_, slot.name.c_str(), tensor);
    tensors_.push_back(tensor);
    return tensor;
  }

 private:
  nrt_model_t* model_ = nullptr;
  nrt_tensor_set_t *in_ = nullptr, *out_ = nullptr;
  std::vector<nrt_tensor_t*> tensors_;
  NRT_STATUS status_;
};

inline Result<std::vector<Tensor>> execute_nodes(const neff::Package& package,
                                                 const neff::Model& model,
                                                 const std::vector<Tensor>& inputs) {
  const Bytes bytes = TRY(neff::bytes_of(package, neff::Compression::None));
  Session session(bytes);
  std::size_t next = 0;
  for (const neff::Node& node : model.nodes) {
    if (node.executor != neff::Executor::Input || node.is_param) continue;
    const Tensor& x = inputs.at(next++);
    nrt_tensor_write(session.add(node.outputs[0], true), x.bytes.data(), 0, x.bytes.size());
  }
  std::vector<std::pair<neff::Slot, nrt_tensor_t*>> results;
  for (const neff::Edge& head : model.heads) {
    const neff::Slot& slot = model.nodes[head.node].outputs[head.output];
    results.emplace_back(slot, session.add(slot, false));
  }
  TRY(session.execute());
  std::vector<Tensor> out;
  for (const auto& [slot, tensor] : results) {
    const auto size = static_cast<std::size_t>(count_of(slot.shape)) * size_of(slot.type);
    Tensor t{slot.type, slot.shape, Bytes(size)};
    nrt_tensor_read(tensor, t.bytes.data(), 0, size);
    const bool tells = slot.name.ends_with(".shape") && !out.empty();
    if (tells)
      out.back() = corner(out.back(), t);
    else
      out.push_back(std::move(t));
  }
  return out;
}

/// Runs a package on a fresh core by the interpreter, holds the plan to it; tensors in the order of
/// the graph's inputs and outputs.
inline Result<std::vector<Tensor>> execute(const neff::Package& package,
                                           const std::vector<Tensor>& inputs) {
  const neff::Model model = TRY(neff::model_of(package));
  if (model.subgraphs.size() != 1 || has_cpu_nodes(model))
    return execute_nodes(package, model, inputs);
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
