// SPDX-License-Identifier: Apache-2.0
#include "compile/partition/host.h"

#include <algorithm>

#include "compile/attributes.h"
#include "compile/shapes.h"
#include "cpu/cpu.h"

namespace neuron::compile::host {
namespace {

/// The sizes that axes which data decide are tried with: what differs then is decided by data too.
enum class Trial { Most, One, None };

std::int64_t tried(std::int64_t most, Trial trial) {
  return trial == Trial::Most ? most : trial == Trial::One ? std::min<std::int64_t>(most, 1) : 0;
}

struct Forms {
  std::vector<Form> forms;
  std::vector<std::vector<bool>> open;
};

cpu::Operand operand_of(const Value& value, Trial trial) {
  cpu::Operand x{value.type, value.shape, {}, value.constant.has_value()};
  if (value.constant) x.bytes = value.constant->bytes;
  for (std::size_t d = 0; d < value.open.size(); ++d)
    if (value.open[d]) x.shape[d] = tried(x.shape[d], trial);
  return x;
}

/// Runs a step of the node, for forms or for results.
std::optional<std::string> step_through(const Graph& graph, const Node& node, std::int64_t opset,
                                        Trial trial, bool only_forms, cpu::Step& step) {
  std::vector<cpu::Operand> operands(node.inputs.size());
  step.opset = opset;
  step.outputs = node.outputs.size();
  step.only_forms = only_forms;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    if (node.inputs[i]) operands[i] = operand_of(graph.value(*node.inputs[i]), trial);
    step.inputs.push_back(node.inputs[i] ? &operands[i] : nullptr);
  }
  auto words = cpu::run(operator_of(node), step);
  step.inputs.clear();
  return words;
}

std::optional<std::string> forms_of(const Graph& graph, const Node& node, std::int64_t opset,
                                    Forms& out) {
  cpu::Step most{.op = {}, .attributes = node.attributes};
  if (auto words = step_through(graph, node, opset, Trial::Most, true, most)) return words;
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    out.forms.push_back({most.out[o].type, most.out[o].shape});
    out.open.emplace_back(most.out[o].shape.size(), false);
  }
  for (const auto& [output, axis] : most.open)
    if (output < out.open.size()) out.open[output].at(axis) = true;
  if (!reads_open(graph, node)) return std::nullopt;
  for (const Trial trial : {Trial::One, Trial::None}) {
    cpu::Step less{.op = {}, .attributes = node.attributes};
    if (step_through(graph, node, opset, trial, true, less)) continue;  // too few for this operator
    for (std::size_t o = 0; o < out.forms.size(); ++o) {
      Shape &shape = out.forms[o].shape, &other = less.out[o].shape;
      if (other.size() != shape.size()) return "how many axes its result has depends on data";
      for (std::size_t d = 0; d < shape.size(); ++d) {
        if (other[d] != shape[d]) out.open[o][d] = true;
        shape[d] = std::max(shape[d], other[d]);
      }
    }
  }
  return std::nullopt;
}

/// Whether values that are computed decide the shape of a result.
bool shaped_by_data(const Graph& graph, const Node& node) {
  const std::uint32_t shaping = cpu::find(operator_of(node))->shaping;
  for (std::size_t i = 0; i < node.inputs.size() && i < 32; ++i)
    if ((shaping >> i & 1) != 0 && node.inputs[i] && !graph.value(*node.inputs[i]).constant)
      return true;
  return false;
}

bool is_known(const Graph& graph, const Node& node) {
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const auto& input) {
    return !input || graph.value(*input).constant.has_value();
  });
}

Result<> compute(Graph& graph, const Node& node, std::int64_t opset, FoldBudget& budget) {
  cpu::Step step{.op = {}, .attributes = node.attributes};
  if (const auto words = step_through(graph, node, opset, Trial::Most, false, step))
    return fail(Code::UnsupportedOperator, "{}", *words);
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    Tensor& made = step.out[o];
    if (made.bytes.size() > budget.left)
      return fail(Code::NoResource, "constants need more memory than is allowed");
    budget.left -= made.bytes.size();
    Value& value = graph.value(node.outputs[o]);
    value.type = made.type;
    value.shape = made.shape;
    value.open.clear();
    value.constant = std::move(made);
  }
  return {};
}

/// What the model declares of results whose shape data tell is a promise; it is checked when the
/// package runs.
Result<> settle(Graph& graph, const Node& node, Forms& found, const Declared& declared) {
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    Value& value = graph.value(node.outputs[o]);
    auto& open = found.open[o];
    const bool is_open = std::find(open.begin(), open.end(), true) != open.end();
    const Form* told = is_open ? declared(node.outputs[o]) : nullptr;
    if (told && told->shape.size() == open.size()) found.forms[o].shape = told->shape;
    TRY(check_shape(found.forms[o].shape));
    value.type = found.forms[o].type;
    value.shape = found.forms[o].shape;
    value.open = is_open && !told ? std::move(open) : std::vector<bool>{};
  }
  return {};
}

}  // namespace

bool reads_open(const Graph& graph, const Node& node) {
  return std::any_of(node.inputs.begin(), node.inputs.end(),
                     [&](const auto& input) { return input && !graph.value(*input).open.empty(); });
}

Result<> add(Graph& graph, Node node, std::string why, std::int64_t opset, const Declared& declared,
             FoldBudget& budget) {
  if (!cpu::find(node.op))
    return fail(Code::UnsupportedOperator, "the CPU has no operator '{}'", node.op);
  node.op = std::string(kPrefix) + node.op;
  if (is_known(graph, node)) return compute(graph, node, opset, budget);
  Forms found;
  if (const auto words = forms_of(graph, node, opset, found)) {
    found = {};
    for (const ValueId output : node.outputs) {  // the model may tell what the operator cannot
      const Form* told = declared(output);
      if (!told || reads_open(graph, node) || !shaped_by_data(graph, node))
        return fail(Code::UnsupportedOperator, "{}", *words);
      found.forms.push_back(*told);
      found.open.emplace_back(told->shape.size(), false);
    }
  }
  TRY(settle(graph, node, found, declared));
  node.host = HostPlace{std::move(why), opset};
  graph.nodes.push_back(std::move(node));
  return {};
}

std::optional<std::vector<Node>> moved(Graph& graph, const Node& node, const std::string& why) {
  // Windows whose pads do not count are a form of our own.
  if (!cpu::find(node.op) || node.attributes.count("ceil_pads")) return std::nullopt;
  Node out = node;
  out.op = std::string(kPrefix) + node.op;
  const std::string title = title_of(node) + ": ";  // a report names the node itself
  out.host = HostPlace{why.starts_with(title) ? why.substr(title.size()) : why, 0};
  const std::string activation = string_of(node, "activation");
  if (activation.empty()) return std::vector<Node>{out};
  if (!cpu::find(activation)) return std::nullopt;
  Node last{
      std::string(kPrefix) + activation, node.name, {}, node.outputs, {}, node.layer, out.host};
  for (const char* name : {"min", "max"})
    if (node.attributes.count(name)) {
      last.attributes.insert(*node.attributes.find(name));
      out.attributes.erase(name);
    }
  out.attributes.erase("activation");
  Value between = graph.value(node.outputs[0]);
  between.name += "#before";
  graph.values.push_back(std::move(between));
  const ValueId id{static_cast<std::uint32_t>(graph.values.size() - 1)};
  out.outputs = {id};
  last.inputs = {id};
  return std::vector<Node>{out, last};
}

}  // namespace neuron::compile::host
