// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "compile/constants.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {
namespace {

using Proto = ::onnx::AttributeProto;

enum class Kind { Int, Float, String, Ints, Floats, Tensor };
constexpr const char* kKinds[] = {"an integer",         "a float",          "a string",
                                  "a list of integers", "a list of floats", "a tensor"};

struct Row {
  std::string_view op, name;
  Kind kind;
  std::optional<Attribute> fallback;
};
const std::vector<Row>& rows() {
  static const std::vector<Row> table = {
#define NEURON_ATTRIBUTE(op, name, kind, ...) {op, name, Kind::kind, __VA_ARGS__},
#include "compile/import/attributes.def"
#undef NEURON_ATTRIBUTE
  };
  return table;
}
const Row* find_row(std::string_view op, std::string_view name) {
  for (const Row& row : rows())
    if (row.op == op && row.name == name) return &row;
  return nullptr;
}

// Files before IR version 2 leave the kind out: the field that is filled tells.
Proto::AttributeType type_of(const Proto& proto) {
  if (proto.type() != Proto::UNDEFINED) return proto.type();
  if (proto.has_i()) return Proto::INT;
  if (proto.has_f()) return Proto::FLOAT;
  if (proto.has_s()) return Proto::STRING;
  if (proto.has_t()) return Proto::TENSOR;
  if (proto.has_g()) return Proto::GRAPH;
  if (proto.floats_size() > 0) return Proto::FLOATS;
  return Proto::INTS;
}

std::optional<Attribute> plain_value(const Proto& proto) {
  switch (type_of(proto)) {
    case Proto::INT:
      return Attribute(static_cast<std::int64_t>(proto.i()));
    case Proto::FLOAT:
      return Attribute(proto.f());
    case Proto::STRING:
      return Attribute(proto.s());
    case Proto::INTS:
      return Attribute(std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end()));
    case Proto::FLOATS:
      return Attribute(std::vector<float>(proto.floats().begin(), proto.floats().end()));
    default:
      return std::nullopt;
  }
}

Result<Attribute> value_of(const Proto& proto, const Row& row) {
  if (!proto.ref_attr_name().empty())
    return fail(Code::Malformed, "attribute '{}' refers to a function outside of one", row.name);
  if (row.kind == Kind::Tensor && type_of(proto) == Proto::TENSOR) {
    auto tensor = tensor_of(proto.t());
    if (!tensor) return std::move(tensor).error().within(fmt::format("attribute '{}'", row.name));
    return Attribute(std::move(*tensor));
  }
  auto value = plain_value(proto);
  // The variant's alternatives stand in the order of Kind.
  if (!value || value->index() != static_cast<std::size_t>(row.kind))
    return fail(Code::Malformed, "attribute '{}' is not {}", row.name,
                kKinds[static_cast<std::size_t>(row.kind)]);
  return std::move(*value);
}

template <class List, class Put>
Tensor list_of(const List& list, DType type, Put put) {
  Tensor tensor = make_tensor(type, {list.size()});
  for (int i = 0; i < list.size(); ++i) put(tensor, static_cast<std::size_t>(i), list.Get(i));
  return tensor;
}

}  // namespace

Result<std::map<std::string, Attribute>> attributes_of(const ::onnx::NodeProto& proto) {
  std::map<std::string, Attribute> attributes;
  for (const Proto& attribute : proto.attribute()) {
    const auto type = type_of(attribute);
    if (type == Proto::GRAPH || type == Proto::GRAPHS)
      return fail(Code::UnsupportedOperator,
                  "attribute '{}' is a subgraph; nearest supported form: a model exported without "
                  "control flow",
                  attribute.name());
    const Row* row = find_row(proto.op_type(), attribute.name());
    if (!row) continue;
    Attribute value = TRY(value_of(attribute, *row));
    if (!attributes.emplace(attribute.name(), std::move(value)).second)
      return fail(Code::Malformed, "attribute '{}' is given twice", attribute.name());
  }
  for (const Row& row : rows())
    if (row.op == proto.op_type() && row.fallback)
      attributes.emplace(std::string(row.name), *row.fallback);
  return attributes;
}

Result<Tensor> constant_of(const ::onnx::NodeProto& proto) {
  if (proto.attribute_size() != 1)
    return fail(Code::Malformed, "{} attributes, expected 1", proto.attribute_size());
  const Proto& value = proto.attribute(0);
  if (value.name() == "value") return tensor_of(value.t());
  if (value.name() == "value_float") return scalar_of(DType::Float32, value.f());
  if (value.name() == "value_floats") return list_of(value.floats(), DType::Float32, store_number);
  if (value.name() == "value_ints") return list_of(value.ints(), DType::Int64, store_integer);
  if (value.name() == "value_int") {
    Tensor tensor = make_tensor(DType::Int64, {});
    store_integer(tensor, 0, value.i());
    return tensor;
  }
  return fail(Code::UnsupportedVersion, "attribute '{}' is not supported", value.name());
}

}  // namespace neuron::compile::onnx
