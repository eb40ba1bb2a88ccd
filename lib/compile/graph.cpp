// SPDX-License-Identifier: Apache-2.0
#include "compile/graph.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "compile/attributes.h"

namespace neuron::compile {
namespace {

// Who gives a value: nobody yet, the graph (input or constant), or a node.
using Given = std::vector<bool>;

Result<> verify_value(const Value& value) {
  if (size_of(value.type) == 0) return fail(Code::Internal, "value '{}' has no type", value.name);
  for (std::int64_t dim : value.shape)
    if (dim < 0)
      return fail(Code::Internal, "value '{}' has shape {}", value.name, text_of(value.shape));
  if (!value.constant) return {};
  const Tensor& t = *value.constant;
  const auto bytes = static_cast<std::size_t>(count_of(t.shape)) * size_of(t.type);
  if (t.type != value.type || t.shape != value.shape || t.bytes.size() != bytes)
    return fail(Code::Internal, "constant '{}' is {} {} of {} bytes, its value says {} {}",
                value.name, name_of(t.type), text_of(t.shape), t.bytes.size(), name_of(value.type),
                text_of(value.shape));
  return {};
}

Result<> verify_node(const Graph& graph, const Node& node, Given& given) {
  for (const auto& input : node.inputs) {
    if (!input) continue;
    if (input->value >= graph.values.size())
      return fail(Code::Internal, "input {} of {} values", input->value, graph.values.size());
    if (!given[input->value])
      return fail(Code::Internal, "input '{}' is not given by an earlier node",
                  graph.value(*input).name);
  }
  if (node.outputs.empty()) return fail(Code::Internal, "no outputs");
  for (ValueId output : node.outputs) {
    if (output.value >= graph.values.size())
      return fail(Code::Internal, "output {} of {} values", output.value, graph.values.size());
    if (given[output.value])
      return fail(Code::Internal, "output '{}' is given twice", graph.value(output).name);
    given[output.value] = true;
  }
  return {};
}

std::string name_of_value(const Graph& graph, ValueId id) {
  const std::string& name = graph.value(id).name;
  return fmt::format("%{}", name.empty() ? std::to_string(id.value) : name);
}

std::string form_of(const Value& value) {
  return fmt::format("{}{}", name_of(value.type), text_of(value.shape));
}

struct AttributeText {
  std::string operator()(std::int64_t v) const { return fmt::format("{}", v); }
  std::string operator()(float v) const { return fmt::format("{:g}", v); }
  std::string operator()(const std::string& v) const { return fmt::format("\"{}\"", v); }
  std::string operator()(const std::vector<std::int64_t>& v) const {
    return fmt::format("[{}]", fmt::join(v, ","));
  }
  std::string operator()(const std::vector<float>& v) const {
    return fmt::format("[{:g}]", fmt::join(v, ","));
  }
  std::string operator()(const Tensor& v) const {
    return fmt::format("{}{}", name_of(v.type), text_of(v.shape));
  }
};

std::string line_of(const Graph& graph, const Node& node) {
  std::vector<std::string> inputs, outputs, attributes;
  for (const auto& input : node.inputs) {
    std::string word = input ? name_of_value(graph, *input) : "-";
    if (input && graph.value(*input).constant) word += ":" + form_of(graph.value(*input));
    inputs.push_back(std::move(word));
  }
  for (ValueId id : node.outputs)
    outputs.push_back(fmt::format("{} {}", name_of_value(graph, id), form_of(graph.value(id))));
  for (const auto& [name, value] : node.attributes)
    attributes.push_back(fmt::format("{}={}", name, std::visit(AttributeText{}, value)));
  std::string line =
      fmt::format("{} = {}({})", fmt::join(outputs, ", "), node.op, fmt::join(inputs, ", "));
  if (!attributes.empty()) line += fmt::format(" {{{}}}", fmt::join(attributes, " "));
  return line;
}

}  // namespace

std::string title_of(const Node& node) { return fmt::format("node '{}' ({})", node.name, node.op); }

Result<> verify(const Graph& graph) {
  Given given(graph.values.size());
  for (std::size_t i = 0; i < graph.values.size(); ++i) {
    TRY(verify_value(graph.values[i]));
    given[i] = graph.values[i].constant.has_value();
  }
  for (ValueId id : graph.inputs) {
    if (id.value >= given.size())
      return fail(Code::Internal, "graph input {} is no value", id.value);
    if (given[id.value])
      return fail(Code::Internal, "graph input '{}' is given twice", graph.value(id).name);
    given[id.value] = true;
  }
  for (const Node& node : graph.nodes) TRY(verify_node(graph, node, given).within(title_of(node)));
  for (ValueId id : graph.outputs)
    if (id.value >= given.size() || !given[id.value])
      return fail(Code::Internal, "graph output {} is given by no node", id.value);
  return {};
}

std::string text_of(const Graph& graph) {
  std::string text = fmt::format("graph \"{}\"\n", graph.name);
  for (ValueId id : graph.inputs)
    text += fmt::format("input {} {}\n", name_of_value(graph, id), form_of(graph.value(id)));
  for (const Node& node : graph.nodes) text += line_of(graph, node) + '\n';
  for (ValueId id : graph.outputs)
    text += fmt::format("output {} {}\n", name_of_value(graph, id), form_of(graph.value(id)));
  return text;
}

}  // namespace neuron::compile
