// SPDX-License-Identifier: Apache-2.0
#include "nrt/workbench.h"

#include <algorithm>

#include "base/npy.h"

namespace neuron::nrt {
namespace {

Result<Bytes> value_of(const TensorInfo& info, const fs::path& file) {
  Bytes bytes = TRY(read_file(file));
  if (npy::is_npy(bytes)) {
    auto array = TRY(npy::parse(bytes));
    if (array.type != info.type || count_of(array.shape) != count_of(info.shape))
      return fail(Code::BadInput, "{} {}, input {} is {} {}", name_of(array.type),
                  text_of(array.shape), info.name, name_of(info.type), text_of(info.shape));
    bytes = std::move(array.bytes);
  }
  if (bytes.size() != info.size)
    return fail(Code::BadInput, "{} bytes, input {} needs {}", bytes.size(), info.name, info.size);
  return bytes;
}

}  // namespace

struct Workbench::State {
  std::shared_ptr<nrt_model> model;
  std::vector<Bytes> tensors;  ///< as nrt_model::tensors
  std::vector<Bytes>
      intermediates;  ///< as nrt_model::values, where they are neither tensor nor constant
  std::vector<sim::Core> cores;
  std::vector<std::vector<std::span<std::byte>>> variables;
  std::vector<sim::Part> parts;
  std::vector<std::span<std::byte>> written;

  Result<> fill(const std::vector<std::string>& inputs) {
    if (inputs.size() % 2 != 0)
      return fail(Code::BadUsage, "input {} has no file; inputs are given as NAME FILE",
                  inputs.back());
    for (const TensorInfo& info : model->tensors) tensors.emplace_back(info.size);
    for (std::size_t i = 0; i < inputs.size(); i += 2) TRY(fill_one(inputs[i], inputs[i + 1]));
    return {};
  }

  Result<> fill_one(const std::string& name, const fs::path& file) {
    std::string known;
    for (std::size_t t = 0; t < tensors.size(); ++t) {
      const TensorInfo& info = model->tensors[t];
      if (info.usage != Usage::Input) continue;
      if (info.name == name) {
        tensors[t] = TRY(value_of(info, file).within(file.string()));
        return {};
      }
      known += (known.empty() ? "" : ", ") + info.name;
    }
    return fail(Code::BadInput, "the model has no input {}; its inputs are {}", name, known);
  }

  std::vector<std::span<std::byte>> values() {
    std::vector<std::span<std::byte>> out;
    intermediates.resize(model->values.size());
    for (std::size_t v = 0; v < model->values.size(); ++v) {
      const Value& value = model->values[v];
      if (value.tensor >= 0) {
        out.push_back(tensors[static_cast<std::size_t>(value.tensor)]);
      } else if (value.constant) {
        out.push_back(value.constant->bytes());
      } else {
        intermediates[v].resize(value.size);
        out.push_back(intermediates[v]);
      }
    }
    return out;
  }

  void bind() {
    const auto shown = values();
    for (std::size_t s = 0; s < model->stages.size(); ++s) {
      const Stage& stage = model->stages[s];
      cores.emplace_back(sim::program_of(*stage.loaded).arch);
      auto& placed = variables.emplace_back(model->placements[0].resident[s]);
      for (std::size_t v = 0; v < placed.size(); ++v)
        if (stage.bound[v] >= 0) placed[v] = shown[static_cast<std::size_t>(stage.bound[v])];
      for (const neff::Variable& v : model->neff.subgraphs[s].variables)
        if (v.kind == neff::VariableKind::Input || v.kind == neff::VariableKind::File)
          written.push_back(placed[v.id]);
    }
    for (std::size_t s = 0; s < cores.size(); ++s)
      parts.push_back({model->stages[s].loaded.get(), &cores[s], variables[s]});
  }
};

Workbench::Workbench(std::unique_ptr<State> state) : state_(std::move(state)) {}
Workbench::Workbench(Workbench&&) noexcept = default;
Workbench::~Workbench() = default;
std::span<const sim::Part> Workbench::parts() const { return state_->parts; }
std::span<const std::span<std::byte>> Workbench::written() const { return state_->written; }
const neff::Model& Workbench::model() const { return state_->model->neff; }

Result<Workbench> Workbench::open(const fs::path& neff, const std::vector<std::string>& inputs) {
  auto bytes = TRY(read_file(neff));
  auto state = std::make_unique<State>();
  state->model = TRY(load(SharedBytes(std::move(bytes))).within(neff.string()));
  if (state->model->steps.size() != 1 || state->model->steps[0].function)
    return fail(Code::UnsupportedOperator,
                "{}: a graph of {} nodes: only a single NeuronCore node can be looked into",
                neff.string(), state->model->steps.size());
  TRY(place(*state->model, 0).within(neff.string()));
  let_go(*state->model);
  TRY(state->fill(inputs));
  state->bind();
  return Workbench(std::move(state));
}

Workbench::Names Workbench::names_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const {
  const char* token = isa::info(engine).token;
  pc = sim::program_of(*parts()[core].loaded).package_pc(engine, pc);
  const auto& engines = model().subgraphs[core].engines;
  const auto program =
      std::find_if(engines.begin(), engines.end(), [&](const auto& e) { return e.token == token; });
  if (program == engines.end()) return {};
  const auto at = [&](const std::vector<std::string>& names) {
    return pc < names.size() ? names[pc] : std::string();
  };
  return {at(program->backend_names), at(program->layers)};
}

std::string Workbench::name_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const {
  const auto [name, layer] = names_of(core, engine, pc);
  return name.empty() || layer.empty() ? name + layer : name + ", " + layer;
}

std::string Workbench::tensor_of(std::size_t core, isa::Engine engine, std::uint32_t pc) const {
  auto [name, layer] = names_of(core, engine, pc);
  return layer.empty() ? name : layer;
}

DType Workbench::type_of(const std::string& variable) const {
  for (const TensorInfo& info : state_->model->tensors)
    if (info.name == variable) return info.type;
  return DType::Unknown;
}

std::vector<std::pair<Port, std::span<const std::byte>>> Workbench::outputs() const {
  std::vector<std::pair<Port, std::span<const std::byte>>> out;
  for (std::size_t t = 0; t < state_->tensors.size(); ++t) {
    const TensorInfo& info = state_->model->tensors[t];
    if (info.usage == Usage::Output)
      out.push_back({{info.name, info.type, info.shape, info.size, false}, state_->tensors[t]});
  }
  return out;
}

}  // namespace neuron::nrt
