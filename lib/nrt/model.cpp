// SPDX-License-Identifier: Apache-2.0
#include "nrt/model.h"

#include <algorithm>
#include <cstdlib>

#include "base/log.h"
#include "nrt/program.h"

namespace neuron::nrt {
namespace {

const neff::Variable* variable_in_any(const neff::Model& model, const std::string& name,
                                      neff::VariableKind kind) {
  for (const neff::Subgraph& subgraph : model.subgraphs)
    if (const neff::Variable* v = subgraph.find(name); v && v->kind == kind) return v;
  return nullptr;
}

/// Adds a tensor of neff.json, once: under a logical core of two, outputs repeat.
Result<> add_tensor(nrt_model& model, const neff::Slot& slot, Usage usage) {
  const auto same = [&](const TensorInfo& t) { return t.usage == usage && t.name == slot.name; };
  if (std::any_of(model.tensors.begin(), model.tensors.end(), same)) return {};
  const auto kind = usage == Usage::Input ? neff::VariableKind::Input : neff::VariableKind::Output;
  const neff::Variable* variable = variable_in_any(model.neff, slot.name, kind);
  const auto bytes = static_cast<std::uint64_t>(count_of(slot.shape)) * size_of(slot.type);
  if (!variable && bytes == 0)
    return fail(Code::Malformed, "neff.json: {}: no def.json tells its size", slot.name);
  model.tensors.push_back(
      {slot.name, usage, variable ? variable->size : bytes, slot.type, slot.shape});
  return {};
}

Result<> add_tensors(nrt_model& model) {
  for (const neff::Node& node : model.neff.nodes) {
    if (node.executor == neff::Executor::Cpu)
      return fail(Code::UnsupportedVersion,
                  "node {} runs on the CPU ({}); this runtime runs NeuronCore nodes only",
                  node.name, node.function);
    for (const neff::Slot& slot : node.outputs)
      TRY(add_tensor(model, slot,
                     node.executor == neff::Executor::Input ? Usage::Input : Usage::Output));
  }
  return {};
}

int tensor_named(const nrt_model& model, const std::string& name, Usage usage) {
  for (std::size_t i = 0; i < model.tensors.size(); ++i)
    if (model.tensors[i].name == name && model.tensors[i].usage == usage)
      return static_cast<int>(i);
  return -1;
}

/// Device memory of one kind, filled in while a model loads.
class Memory {
 public:
  explicit Memory(nrt_model& model) : model_(model) {}
  Result<std::span<std::byte>> allocate(std::uint64_t size) {
    auto storage = TRY(Storage::allocate(size));
    model_.memory.push_back(storage);
    return storage->bytes();
  }

 private:
  nrt_model& model_;
};

std::uint64_t scratchpad_bytes(const neff::Subgraph& subgraph) {
  std::uint64_t most = 0;
  for (const neff::Variable& v : subgraph.variables)
    if (v.kind == neff::VariableKind::Virtual) most = std::max(most, v.backing_offset + v.size);
  return most;
}

Result<> bind_variable(nrt_model& model, const neff::Subgraph& subgraph, const neff::Variable& v,
                       std::span<std::byte> scratchpad, Memory& memory, Stage& stage) {
  using Kind = neff::VariableKind;
  auto& resident = stage.resident[v.id];
  switch (v.kind) {
    case Kind::Input:
      stage.bound[v.id] = tensor_named(model, v.name, Usage::Input);
      break;
    case Kind::Output:
      stage.bound[v.id] = tensor_named(model, v.name, Usage::Output);
      break;
    case Kind::Virtual:
      resident = scratchpad.subspan(v.backing_offset, v.size);
      break;
    case Kind::TmpBuf:
      resident = TRY(memory.allocate(v.size));
      break;
    case Kind::File: {
      const auto data = TRY(neff::constant_of(model.package, subgraph, v));
      resident = TRY(memory.allocate(std::max<std::uint64_t>(v.size, data.size())));
      std::copy(data.begin(), data.end(), resident.begin());
      break;
    }
    case Kind::Pointer:
    case Kind::StateBuffer:
    case Kind::DgeTable:
    case Kind::Remote:
      break;
  }
  const bool is_io = v.kind == Kind::Input || v.kind == Kind::Output;
  if (is_io && stage.bound[v.id] < 0)
    return fail(Code::Malformed, "{}/def.json: {}: neff.json knows no such tensor", subgraph.name,
                v.name);
  return {};
}

/// Pointers show what they refer to.
Result<> bind_pointers(const neff::Subgraph& subgraph, Stage& stage) {
  for (const neff::Variable& v : subgraph.variables) {
    if (v.kind != neff::VariableKind::Pointer) continue;
    if (!v.referenced || *v.referenced >= stage.resident.size())
      return fail(Code::Malformed, "{}/def.json: {}: refers to no variable", subgraph.name, v.name);
    stage.resident[v.id] = stage.resident[*v.referenced];
    stage.bound[v.id] = stage.bound[*v.referenced];
  }
  return {};
}

/// The plan of a stage, or none: NEURON_SIM_INTERPRET=1 asks for the interpreter, and a program
/// that no plan can hold gets it.
void make_plan(const neff::Subgraph& subgraph, Stage& stage) {
  const char* interpret = std::getenv("NEURON_SIM_INTERPRET");
  if (interpret && *interpret && std::string_view(interpret) != "0") return;
  std::vector<ByteView> constants(stage.resident.size());
  for (const neff::Variable& v : subgraph.variables)
    if (v.kind == neff::VariableKind::File) constants[v.id] = stage.resident[v.id];
  for (const neff::Variable& v : subgraph.variables)
    if (v.kind == neff::VariableKind::Pointer) constants[v.id] = constants[*v.referenced];
  auto plan = sim::make_plan(*stage.loaded, constants);
  if (plan)
    stage.plan = *std::move(plan);
  else
    log::write("NRT", log::Level::Debug, "load", "{}: runs by the interpreter: {}", subgraph.name,
               plan.error().message);
}

Result<Stage> stage_of(nrt_model& model, std::size_t index) {
  const neff::Subgraph& subgraph = model.neff.subgraphs[index];
  auto program = TRY(program_of(model.neff, index));
  const std::size_t variables = program.variables.size();
  Stage stage;
  stage.loaded = TRY(sim::load(std::move(program)));
  stage.resident.resize(variables);
  stage.bound.assign(variables, -1);
  Memory memory(model);
  auto scratchpad = TRY(memory.allocate(scratchpad_bytes(subgraph)));
  for (const neff::Variable& v : subgraph.variables)
    TRY(bind_variable(model, subgraph, v, scratchpad, memory, stage));
  TRY(bind_pointers(subgraph, stage));
  make_plan(subgraph, stage);
  return stage;
}

/// The tensors of a set in the order of Model::tensors, each large enough.
Result<> check_tensors(const nrt_model& model, const TensorSet& set, Usage usage,
                       std::vector<std::span<std::byte>>& bytes) {
  for (std::size_t i = 0; i < model.tensors.size(); ++i) {
    const TensorInfo& info = model.tensors[i];
    if (info.usage != usage) continue;
    const char* word = usage == Usage::Input ? "input" : "output";
    const nrt_tensor* tensor = set.find(info.name);
    if (!tensor)
      return fail(Code::BadInput, "{} {} is missing from the tensor set", word, info.name);
    if (tensor->bytes.size() < info.size)
      return fail(Code::BadInput, "{} {}: its tensor has {} bytes, the model needs {}", word,
                  info.name, tensor->bytes.size(), info.size);
    bytes[i] = tensor->bytes.first(info.size);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<nrt_model>> load(ByteView neff, int vnc) {
  auto model = std::make_unique<nrt_model>();
  model->package = TRY(neff::parse(neff));
  model->neff = TRY(neff::model_of(model->package));
  model->name = std::string(neff::text_of(model->package.header.name));
  model->vnc = vnc;
  TRY(add_tensors(*model));
  if (model->neff.subgraphs.empty())
    return fail(Code::Malformed, "the package holds no subgraph to run");
  for (std::size_t s = 0; s < model->neff.subgraphs.size(); ++s) {
    auto stage = TRY(stage_of(*model, s));  // its errors name the subgraph
    model->stages.push_back(std::move(stage));
  }
  return model;
}

Result<> execute(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs,
                 std::span<sim::Core* const> cores) {
  std::vector<std::span<std::byte>> tensors(model.tensors.size());
  TRY(check_tensors(model, inputs, Usage::Input, tensors));
  TRY(check_tensors(model, outputs, Usage::Output, tensors));
  std::lock_guard lock(model.running);
  for (std::size_t s = 0; s < model.stages.size(); ++s) {
    Stage& stage = model.stages[s];
    auto variables = stage.resident;
    for (std::size_t v = 0; v < variables.size(); ++v)
      if (stage.bound[v] >= 0) variables[v] = tensors[static_cast<std::size_t>(stage.bound[v])];
    if (stage.plan)
      TRY(sim::run(*stage.plan, *cores[s], variables));
    else
      TRY(sim::execute(*stage.loaded, *cores[s], variables));
  }
  ++model.executions;
  return {};
}

Result<const std::vector<sim::Schedule>*> schedules_of(nrt_model& model) {
  std::lock_guard lock(model.running);
  if (model.schedules.empty())
    for (const Stage& stage : model.stages) {
      auto schedule = TRY(sim::schedule(*stage.loaded));
      model.schedules.push_back(std::move(schedule));
    }
  return &model.schedules;
}

Result<std::uint64_t> modelled_time_ps(nrt_model& model) {
  const auto* schedules = TRY(schedules_of(model));
  std::uint64_t longest = 0;
  for (const sim::Schedule& s : *schedules) longest = std::max(longest, s.total_ps);
  return longest;
}

}  // namespace neuron::nrt
