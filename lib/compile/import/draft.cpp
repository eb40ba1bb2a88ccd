// SPDX-License-Identifier: Apache-2.0
#include "compile/import/draft.h"

#include "compile/shapes.h"

namespace neuron::compile {
namespace {

struct Writer {
  ::onnx::AttributeProto& out;
  void operator()(std::int64_t v) const {
    out.set_type(::onnx::AttributeProto::INT);
    out.set_i(v);
  }
  void operator()(float v) const {
    out.set_type(::onnx::AttributeProto::FLOAT);
    out.set_f(v);
  }
  void operator()(const std::string& v) const {
    out.set_type(::onnx::AttributeProto::STRING);
    out.set_s(v);
  }
  void operator()(const Ints& v) const {
    out.set_type(::onnx::AttributeProto::INTS);
    for (std::int64_t x : v) out.add_ints(x);
  }
  void operator()(const std::vector<float>& v) const {
    out.set_type(::onnx::AttributeProto::FLOATS);
    for (float x : v) out.add_floats(x);
  }
  void operator()(const Tensor&) const {}  // no importer writes one
};

// Every value can be named by nodes; builders make values without telling the importer.
std::string name_in(onnx::Importer& im, ValueId id) {
  std::string& name = im.graph.value(id).name;
  const auto [at, added] = im.ids.emplace(name, id);
  if (!added && at->second != id) {
    name += fmt::format("#{}", id.value);
    im.ids.emplace(name, id);
  }
  return name;
}

}  // namespace

Values Draft::many(const std::string& op, const Inputs& inputs, const Attributes& attributes,
                   std::size_t outputs) {
  Values out;
  if (failed()) return Values(outputs, scalar(0));
  ::onnx::NodeProto proto;
  proto.set_op_type(op);
  proto.set_name(node().name);
  for (const auto& input : inputs)
    proto.add_input(input ? name_in(importer_, *input) : std::string());
  for (const auto& [name, value] : attributes) {
    auto* attribute = proto.add_attribute();
    attribute->set_name(name);
    std::visit(Writer{*attribute}, value);
  }
  const std::size_t base = graph.values.size();
  for (std::size_t o = 0; o < outputs; ++o)
    proto.add_output(fmt::format("{}#{}.{}", node().name, base, o));
  if (auto added = onnx::add_node(importer_, proto); !added) {
    stop(std::move(added).error());
    return Values(outputs, scalar(0));
  }
  for (const std::string& name : proto.output()) out.push_back(importer_.ids.at(name));
  return out;
}

Result<> add_output(onnx::Importer& im, const std::string& name, ValueId value) {
  im.ids.erase(name);  // inside it may be the name of something else
  const ValueId id{static_cast<std::uint32_t>(im.graph.values.size())};
  im.graph.values.push_back({name, im.graph.value(value).type, {}, {}});
  im.ids.emplace(name, id);
  const Node node{"Identity", name, {}, {id}, {}, name};
  TRY(onnx::bind_outputs(im, node, {value}));
  im.graph.outputs.push_back(id);
  return {};
}

Result<ValueId> add_input(onnx::Importer& im, const std::string& name, DType type,
                          const Shape& shape) {
  TRY(check_shape(shape));
  const auto given = im.options.values.find(name);
  const ValueId id{static_cast<std::uint32_t>(im.graph.values.size())};
  if (!im.ids.emplace(name, id).second)
    return fail(Code::Malformed, "input '{}' is given twice", name);
  im.graph.values.push_back({name, type, shape, {}});
  if (given == im.options.values.end()) {
    im.graph.inputs.push_back(id);
    return id;
  }
  const Tensor& tensor = given->second;
  if (tensor.type != type)
    return fail(Code::BadUsage, "input '{}': the value given for it is {}, expected {}", name,
                name_of(tensor.type), name_of(type));
  im.used_values.insert(name);
  im.graph.value(id).shape = tensor.shape;
  im.graph.value(id).constant = tensor;
  return id;
}

Result<Shape> bound_shape(onnx::Importer& im, const std::string& name, const Shape& shape) {
  Shape bound = shape;
  const auto value = im.options.values.find(name);
  if (value != im.options.values.end()) return value->second.shape;
  std::size_t open = 0;
  for (std::int64_t size : shape) open += size < 0 ? 1 : 0;
  for (std::size_t axis = 0; axis < bound.size(); ++axis) {
    if (bound[axis] >= 0) continue;
    const std::string place = fmt::format("{}.{}", name, axis);
    auto at = im.options.dims.find(place);
    if (at == im.options.dims.end() && open == 1) at = im.options.dims.find(name);
    if (at == im.options.dims.end())
      return fail(Code::BadUsage,
                  "input '{}': dimension {} has no fixed size; give one with --dim {}=SIZE", name,
                  axis, place);
    im.used_dims.insert(at->first);
    bound[axis] = at->second;
  }
  return bound;
}

Result<> check_all_used(const onnx::Importer& im) {
  for (const auto& [name, value] : im.options.values)
    if (!im.used_values.count(name))
      return fail(Code::BadUsage, "no input '{}' to give a value to", name);
  for (const auto& [name, size] : im.options.dims)
    if (!im.used_dims.count(name))
      return fail(Code::BadUsage, "no input has an open dimension '{}' (of size {})", name, size);
  return {};
}

}  // namespace neuron::compile
