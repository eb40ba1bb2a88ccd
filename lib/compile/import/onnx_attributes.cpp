// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

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
  if (proto.strings_size() > 0) return Proto::STRINGS;
  if (proto.floats_size() > 0) return Proto::FLOATS;
  return Proto::INTS;
}

// Whether an attribute is a number, a word or a list of numbers, which then is `out`.
bool take_plain(const Proto& proto, Attribute& out) {
  switch (type_of(proto)) {
    case Proto::INT:
      out = static_cast<std::int64_t>(proto.i());
      return true;
    case Proto::FLOAT:
      out = proto.f();
      return true;
    case Proto::STRING:
      out = proto.s();
      return true;
    case Proto::INTS:
      out = std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
      return true;
    case Proto::FLOATS:
      out = std::vector<float>(proto.floats().begin(), proto.floats().end());
      return true;
    default:
      return false;
  }
}

// Into `out`, as gcc 12 takes a returned variant for uninitialized.
Result<> value_of(const Proto& proto, const Row& row, Attribute& out) {
  if (!proto.ref_attr_name().empty())
    return fail(Code::Malformed, "attribute '{}' refers to a function outside of one", row.name);
  if (row.kind == Kind::Tensor && type_of(proto) == Proto::TENSOR) {
    out = TRY(tensor_of(proto.t()).within(fmt::format("attribute '{}'", row.name)));
    return {};
  }
  // The variant's alternatives stand in the order of Kind.
  if (!take_plain(proto, out) || out.index() != static_cast<std::size_t>(row.kind))
    return fail(Code::Malformed, "attribute '{}' is not {}", row.name,
                kKinds[static_cast<std::size_t>(row.kind)]);
  return {};
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
    Attribute value;
    TRY(value_of(attribute, *row, value));
    if (!attributes.emplace(attribute.name(), std::move(value)).second)
      return fail(Code::Malformed, "attribute '{}' is given twice", attribute.name());
  }
  for (const Row& row : rows())
    if (row.op == proto.op_type() && row.fallback)
      attributes.emplace(std::string(row.name), *row.fallback);
  return attributes;
}

Result<std::map<std::string, Attribute>> plain_attributes(const ::onnx::NodeProto& proto) {
  std::map<std::string, Attribute> attributes;
  for (const Proto& attribute : proto.attribute()) {
    const std::string& name = attribute.name();
    Attribute value;
    if (type_of(attribute) == Proto::TENSOR) {
      Tensor tensor = TRY(tensor_of(attribute.t()).within(name));
      attributes.emplace(name, std::move(tensor));
    } else if (type_of(attribute) == Proto::STRINGS) {
      attributes.emplace(name, fmt::format("{}", fmt::join(attribute.strings(), ",")));
    } else if (take_plain(attribute, value)) {
      attributes.emplace(name, std::move(value));
    }
  }
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
