// SPDX-License-Identifier: Apache-2.0
// One node of an ONNX graph: as it is, written out as several, or for the CPU.
#include "compile/import/onnx_node.h"

#include <fmt/format.h>

#include <algorithm>

#include "compile/attributes.h"
#include "compile/import/arity.h"
#include "compile/import/onnx_parts.h"
#include "compile/partition/host.h"
#include "compile/unsupported.h"

namespace neuron::compile::onnx {

Result<ValueId> add_value(Importer& im, Value value) {
  const ValueId id{static_cast<std::uint32_t>(im.graph.values.size())};
  if (value.name.empty()) return fail(Code::Malformed, "a value has no name");
  if (!im.ids.emplace(value.name, id).second)
    return fail(Code::Malformed, "value '{}' is given twice", value.name);
  im.graph.values.push_back(std::move(value));
  return id;
}

std::string name_of_node(const ::onnx::NodeProto& proto) {
  if (!proto.name().empty() || proto.output_size() == 0) return proto.name();
  return proto.output(0);
}

namespace {

// Before opset 6 operators keep attributes in other ways; these have not changed.
constexpr std::int64_t kOpsetOfOld = 6;
constexpr std::string_view kUnchanged[] = {
    "Not",  "Identity", "Transpose", "Flatten",   "Constant",          "Softplus",     "Softsign",
    "Size", "Shape",    "Squeeze",   "Unsqueeze", "GlobalAveragePool", "GlobalMaxPool"};

bool is_standard(const ::onnx::NodeProto& proto) {
  return proto.domain().empty() || proto.domain() == "ai.onnx";
}

Result<> check_arity(const Node& node, const Operator& row) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (!node.inputs[i] && i < row.min_inputs)
      return fail(Code::Malformed, "input {} is left out", i);
  TRY(check_count(node.inputs.size(), "input", row.min_inputs, row.max_inputs));
  return check_count(node.outputs.size(), "output", row.min_outputs, row.max_outputs);
}

void connect_inputs(Importer& im, const ::onnx::NodeProto& proto, Node& node) {
  for (const std::string& name : proto.input()) {
    if (name.empty())
      node.inputs.emplace_back();
    else
      node.inputs.emplace_back(im.ids.at(name));  // order_of() has checked that it exists
  }
  while (!node.inputs.empty() && !node.inputs.back()) node.inputs.pop_back();
}

Result<> add_outputs(Importer& im, const ::onnx::NodeProto& proto, Node& node) {
  int count = proto.output_size();
  while (count > 0 && proto.output(count - 1).empty()) --count;
  for (int i = 0; i < count; ++i) {
    // An output in the middle that is left out still needs a value.
    const std::string name =
        proto.output(i).empty() ? fmt::format("{}#{}", node.name, i) : proto.output(i);
    const ValueId id = TRY(add_value(im, {name, DType::Float32, {}, {}}));
    node.outputs.push_back(id);
  }
  return {};
}

Result<> add_constant(Importer& im, const ::onnx::NodeProto& proto, const Node& node) {
  Tensor tensor = TRY(constant_of(proto));
  if (node.outputs.size() != 1)
    return fail(Code::Malformed, "{} outputs, expected 1", node.outputs.size());
  Value& value = im.graph.value(node.outputs[0]);
  value.type = tensor.type;
  value.shape = tensor.shape;
  value.constant = std::move(tensor);
  return {};
}

}  // namespace

Declared declared_in(const Importer& im) {
  return [&im](ValueId id) -> const Form* {
    const auto at = im.declared.find(im.graph.value(id).name);
    return at == im.declared.end() ? nullptr : &at->second;
  };
}

Builder builder_for(Importer& im, Node node) {
  return {im.graph, im.budget, std::move(node), im.graph.opset, declared_in(im)};
}

// Gives the outputs of a node the values that were built for them.
Result<> bind_outputs(Importer& im, const Node& node, const Values& values) {
  if (values.size() < node.outputs.size())
    return fail(Code::UnsupportedOperator, "{} outputs, supported are {}", node.outputs.size(),
                values.size());
  for (std::size_t o = 0; o < node.outputs.size(); ++o) {
    Node link{"Identity", node.name, {values[o]}, {node.outputs[o]}, {}, node.layer};
    TRY(infer(im.graph, link));
    const bool folded = TRY(fold(im.graph, link, im.budget));
    if (!folded) im.graph.nodes.push_back(std::move(link));
  }
  return {};
}

namespace {

Result<> expand_node(Importer& im, const ::onnx::NodeProto& proto, Node node,
                     const Expansion& row) {
  node.attributes = TRY(plain_attributes(proto));
  TRY(check_count(node.inputs.size(), "input", row.min_inputs, row.max_inputs));
  Builder builder = builder_for(im, node);
  const Values values = row.expand(builder);
  TRY(builder.done());
  return bind_outputs(im, node, values);
}

std::optional<std::int64_t> integer_attribute(const ::onnx::NodeProto& proto, const char* name) {
  for (const auto& attribute : proto.attribute())
    if (attribute.name() == name) return attribute.i();
  return std::nullopt;
}

// Opset 6: a second operand lies along the axes from `axis` on, slopes along channels, and what
// training does is told by is_test.
Result<> align_old(Importer& im, const ::onnx::NodeProto& proto, Node& node) {
  if (im.graph.opset >= 7) return {};
  const bool trains = node.op == "BatchNormalization" || node.op == "Dropout";
  if (trains && integer_attribute(proto, "is_test").value_or(0) == 0)
    return fail(Code::UnsupportedOperator, "is_test=0; supported is a model for inference");
  if (node.op == "Dropout") node.outputs.resize(1);
  if (!has_input(node, 0) || !has_input(node, 1)) return {};
  const Shape a = input_of(im.graph, node, 0).shape, second = input_of(im.graph, node, 1).shape;
  std::optional<std::int64_t> axis;
  if (integer_attribute(proto, "broadcast").value_or(0) != 0)
    axis = integer_attribute(proto, "axis");
  if (node.op == "PRelu" && second.size() == 1 && second[0] != 1) axis = 1;
  if (!axis) return {};
  const auto at = TRY(front_axis(*axis, a.size()));
  const auto used = static_cast<std::size_t>(at) + second.size();
  if (used > a.size())
    return fail(Code::Malformed, "{} at axis {} does not broadcast to {}", text_of(second), at,
                text_of(a));
  Shape to = second;
  to.resize(second.size() + a.size() - used, 1);
  Builder b = builder_for(im, node);
  node.inputs[1] = b.reshape(*node.inputs[1], to);
  return b.done();
}

// The general form of an operator some of whose operands are computed, or whose usual form does not
// cover it.
const Expansion* late_expansion(const Importer& im, const ::onnx::NodeProto& proto,
                                const Node& node) {
  const Late* row = find_late(node.op);
  if (!row) return nullptr;
  for (std::size_t i = row->first_operand; i < node.inputs.size(); ++i)
    if (has_input(node, i) && !input_of(im.graph, node, i).constant &&
        count_of(input_of(im.graph, node, i).shape) > 0)
      return &row->expansion;
  return row->needs && row->needs(im.graph, node, proto) ? &row->expansion : nullptr;
}

/// A node for the NeuronCore, in the forms of operators.def.
Result<> add_device_node(Importer& im, const ::onnx::NodeProto& proto, Node node) {
  const bool standard = is_standard(proto);
  const bool renamed = proto.op_type() == "Upsample";
  if (standard && proto.op_type() == "Constant") return add_constant(im, proto, node);
  const bool straightened = TRY(control_flow(im, proto, node, standard));
  if (straightened) return {};
  if (standard && im.graph.opset < kOpsetOfOld &&
      std::find(std::begin(kUnchanged), std::end(kUnchanged), node.op) == std::end(kUnchanged))
    return fail(Code::UnsupportedVersion, "opset is {}, supported are {} to {}", im.graph.opset,
                kOpsetOfOld, kNewestOpset);
  TRY(align_old(im, proto, node));
  const Expansion* expansion = standard ? find_expansion(node.op) : nullptr;
  if (standard && !expansion) expansion = late_expansion(im, proto, node);
  if (expansion) return expand_node(im, proto, std::move(node), *expansion);
  if (!standard || (!renamed && !find_operator(node.op)))
    return unsupported(proto.domain(), proto.op_type());
  node.attributes = TRY(attributes_of(proto));
  if (node.inputs.empty()) return fail(Code::Malformed, "no inputs");
  if (!node.inputs[0]) return fail(Code::Malformed, "input 0 is left out");
  TRY(upgrade(im.graph, node, im.graph.opset));
  TRY(check_arity(node, *find_operator(node.op)));
  TRY(infer(im.graph, node));
  const bool folded = TRY(fold(im.graph, node, im.budget));
  if (!folded) im.graph.nodes.push_back(std::move(node));
  return {};
}

/// The same node as the model has it, for the CPU.
Result<> add_host_node(Importer& im, const ::onnx::NodeProto& proto, Node node, std::string why) {
  for (const auto& attribute : proto.attribute())
    if (attribute.has_g() || attribute.graphs_size() > 0)
      return fail(Code::UnsupportedOperator, "attribute '{}' is a subgraph", attribute.name());
  node.attributes = TRY(plain_attributes(proto));
  for (const char* name : {"to", "dtype", "output_datatype", "output_dtype"}) {
    const std::int64_t code = int_of(node, name, 0);
    if (code <= 0) continue;
    const DType type = TRY(dtype_of(static_cast<std::int32_t>(code)));
    node.attributes[name] = static_cast<std::int64_t>(type);
  }
  return host::add(im.graph, std::move(node), std::move(why), im.graph.opset, declared_in(im),
                   im.budget);
}

}  // namespace

Result<> add_node(Importer& im, const ::onnx::NodeProto& proto) {
  Node node{proto.op_type(), name_of_node(proto), {}, {}, {}, name_of_node(proto)};
  connect_inputs(im, proto, node);
  TRY(add_outputs(im, proto, node));
  if (host::reads_open(im.graph, node))
    return add_host_node(im, proto, std::move(node), "it reads values whose shape depends on data");
  const std::size_t before = im.graph.nodes.size();
  auto done = add_device_node(im, proto, node);
  if (done || done.error().code != Code::UnsupportedOperator || !is_standard(proto)) return done;
  im.graph.nodes.resize(before);  // what was built until it failed
  const bool is_known = find_operator(node.op) || find_expansion(node.op);
  const std::string why = is_known ? done.error().message : "the NeuronCore has no such operator";
  const auto on_host = add_host_node(im, proto, std::move(node), why);
  return on_host ? Result<>{} : done;
}

}  // namespace neuron::compile::onnx
