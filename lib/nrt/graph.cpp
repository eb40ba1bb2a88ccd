// SPDX-License-Identifier: Apache-2.0
// From the nodes of a package to steps over values: names become indices, once.
#include "nrt/graph.h"

#include <algorithm>
#include <set>

#include "nrt/program.h"

namespace neuron::nrt {
namespace {

const neff::Variable* variable_in_any(const neff::Model& model, const std::string& name,
                                      neff::VariableKind kind) {
  for (const neff::Subgraph& subgraph : model.subgraphs)
    if (const neff::Variable* v = subgraph.find(name); v && v->kind == kind) return v;
  return nullptr;
}

class Builder {
 public:
  explicit Builder(nrt_model& model) : model_(model), neff_(model.neff) {}

  Result<> run() {
    // Stages and subgraphs share their indices, in the order in which nodes run.
    std::stable_sort(
        model_.neff.subgraphs.begin(), model_.neff.subgraphs.end(),
        [](const neff::Subgraph& a, const neff::Subgraph& b) { return a.node < b.node; });
    parameters_ = TRY(parameters_of(model_.package));
    slots_.resize(neff_.nodes.size());
    for (std::size_t n = 0; n < neff_.nodes.size(); ++n) TRY(add_outputs(n));
    for (std::size_t n = 0; n < neff_.nodes.size(); ++n) {
      if (neff_.nodes[n].executor == neff::Executor::Cpu) TRY(add_cpu_step(n));
      if (neff_.nodes[n].executor == neff::Executor::NeuronCore) TRY(add_core_step(n));
    }
    for (Value& value : model_.values) {
      if (value.tensor >= 0 || value.constant) continue;
      value.arena_offset = model_.arena_bytes;
      model_.arena_bytes += (value.size + 63) & ~std::uint64_t{63};
    }
    return {};
  }

 private:
  /// A head of the graph, or a result that nobody in it uses.
  bool leaves_graph(std::size_t node, std::size_t output) const {
    const auto same = [&](const neff::Edge& e) { return e.node == node && e.output == output; };
    if (std::any_of(neff_.heads.begin(), neff_.heads.end(), same)) return true;
    return std::none_of(neff_.nodes.begin(), neff_.nodes.end(), [&](const neff::Node& n) {
      return std::any_of(n.inputs.begin(), n.inputs.end(), same);
    });
  }

  Result<> add_outputs(std::size_t n) {
    const neff::Node& node = neff_.nodes[n];
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      const neff::Slot& slot = node.outputs[o];
      // Under a logical core of two, the outputs of a node repeat.
      const auto twin =
          std::find_if(node.outputs.begin(), node.outputs.begin() + static_cast<std::ptrdiff_t>(o),
                       [&](const neff::Slot& s) { return s.name == slot.name; });
      if (twin - node.outputs.begin() < static_cast<std::ptrdiff_t>(o)) {
        slots_[n].push_back(slots_[n][static_cast<std::size_t>(twin - node.outputs.begin())]);
        continue;
      }
      slots_[n].push_back(static_cast<int>(model_.values.size()));
      auto value = TRY(value_of(node, slot));
      const bool is_input = node.executor == neff::Executor::Input;
      if (!value.constant && (is_input || leaves_graph(n, o))) add_tensor(value, is_input);
      model_.values.push_back(std::move(value));
    }
    return {};
  }

  Result<Value> value_of(const neff::Node& node, const neff::Slot& slot) const {
    Value value{slot.name, slot.type, slot.shape, 0, -1, 0, nullptr};
    if (node.is_param) {
      const auto at = parameters_.find(slot.name);
      if (at == parameters_.end())
        return fail(Code::Malformed, "cpu.params: no parameter {}", slot.name);
      value.size = at->second.bytes.size();
      value.constant = TRY(Storage::allocate(value.size));
      std::copy(at->second.bytes.begin(), at->second.bytes.end(), value.constant->bytes().begin());
      return value;
    }
    const auto kind = node.executor == neff::Executor::Input ? neff::VariableKind::Input
                                                             : neff::VariableKind::Output;
    const neff::Variable* variable =
        node.executor == neff::Executor::Cpu ? nullptr : variable_in_any(neff_, slot.name, kind);
    value.size = variable ? variable->size
                          : static_cast<std::uint64_t>(count_of(slot.shape)) * size_of(slot.type);
    if (!variable && size_of(slot.type) == 0)
      return fail(Code::Malformed, "neff.json: {}: no def.json tells its size", slot.name);
    return value;
  }

  void add_tensor(Value& value, bool is_input) {
    value.tensor = static_cast<int>(model_.tensors.size());
    model_.tensors.push_back(
        {value.name, is_input ? Usage::Input : Usage::Output, value.size, value.type, value.shape});
  }

  Result<> add_cpu_step(std::size_t n) {
    const neff::Node& node = neff_.nodes[n];
    if (!model_.library) model_.library = TRY(CpuLibrary::open(model_.package));
    Step step;
    step.name = node.name;
    step.function = TRY(model_.library->find(node.function));
    for (const neff::Edge& e : node.inputs) step.values.push_back(slots_[e.node][e.output]);
    for (const int value : slots_[n]) step.values.push_back(value);
    model_.steps.push_back(std::move(step));
    return {};
  }

  /// The subgraphs of a node, and what flows between them only.
  Result<> add_core_step(std::size_t n) {
    Step step;
    step.name = neff_.nodes[n].name;
    std::map<std::string, int, std::less<>> visible;
    for (const neff::Edge& e : neff_.nodes[n].inputs) {
      const int value = slots_[e.node][e.output];
      visible[model_.values[static_cast<std::size_t>(value)].name] = value;
    }
    for (const int value : slots_[n])
      visible[model_.values[static_cast<std::size_t>(value)].name] = value;
    for (std::size_t s = 0; s < neff_.subgraphs.size(); ++s) {
      if (neff_.subgraphs[s].node != n) continue;
      for (const neff::Variable& v : neff_.subgraphs[s].variables)
        if (v.kind == neff::VariableKind::Output && !visible.count(v.name))
          visible[v.name] = add_intermediate(v);
      auto stage = TRY(stage_of(s, visible));
      step.stages.push_back(model_.stages.size());
      model_.stages.push_back(std::move(stage));
    }
    if (step.stages.empty())
      return fail(Code::Malformed, "neff.json: node {} has no subgraph", step.name);
    model_.steps.push_back(std::move(step));
    return {};
  }

  int add_intermediate(const neff::Variable& v) {
    Value value{v.name, DType::UInt8, {}, v.size, -1, 0, nullptr};
    value.shape = {static_cast<std::int64_t>(v.size)};
    model_.values.push_back(std::move(value));
    return static_cast<int>(model_.values.size()) - 1;
  }

  Result<Stage> stage_of(std::size_t index,
                         const std::map<std::string, int, std::less<>>& visible) const {
    using Kind = neff::VariableKind;
    const neff::Subgraph& subgraph = neff_.subgraphs[index];
    auto program = TRY(program_of(neff_, index));
    Stage stage;
    stage.bound.assign(program.variables.size(), -1);
    stage.loaded = TRY(sim::load(std::move(program)));
    for (const neff::Variable& v : subgraph.variables) {
      if (v.kind != Kind::Input && v.kind != Kind::Output) continue;
      const auto at = visible.find(v.name);
      if (at == visible.end())
        return fail(Code::Malformed, "{}/def.json: {}: neff.json knows no such tensor",
                    subgraph.name, v.name);
      if (v.size > model_.values[static_cast<std::size_t>(at->second)].size)
        return fail(Code::Malformed, "{}/def.json: {}: {} bytes, the tensor has {}", subgraph.name,
                    v.name, v.size, model_.values[static_cast<std::size_t>(at->second)].size);
      stage.bound[v.id] = at->second;
    }
    for (const neff::Variable& v : subgraph.variables) {  // pointers show what they refer to
      if (v.kind != Kind::Pointer) continue;
      if (!v.referenced || *v.referenced >= stage.bound.size())
        return fail(Code::Malformed, "{}/def.json: {}: refers to no variable", subgraph.name,
                    v.name);
      stage.bound[v.id] = stage.bound[*v.referenced];
    }
    return stage;
  }

  nrt_model& model_;
  const neff::Model& neff_;
  std::map<std::string, Tensor> parameters_;
  std::vector<std::vector<int>> slots_;  ///< by node and output: index of its value
};

}  // namespace

Result<> build_graph(nrt_model& model) { return Builder(model).run(); }

}  // namespace neuron::nrt
