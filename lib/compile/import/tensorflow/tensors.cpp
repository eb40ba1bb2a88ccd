// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow/tensors.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "compile/constants.h"
#include "compile/shapes.h"

namespace neuron::compile::tensorflow {
namespace {

struct TypeRow {
  std::int32_t number;
  DType type;
  const char* name;
};
// DType::Unknown: known by name, but not to us.
constexpr TypeRow kTypes[] = {{1, DType::Float32, "float"},    {2, DType::Float64, "double"},
                              {3, DType::Int32, "int32"},      {4, DType::UInt8, "uint8"},
                              {5, DType::Int16, "int16"},      {6, DType::Int8, "int8"},
                              {7, DType::Unknown, "string"},   {8, DType::Unknown, "complex64"},
                              {9, DType::Int64, "int64"},      {10, DType::Bool, "bool"},
                              {11, DType::Int8, "qint8"},      {12, DType::UInt8, "quint8"},
                              {13, DType::Int32, "qint32"},    {14, DType::BFloat16, "bfloat16"},
                              {17, DType::UInt16, "uint16"},   {18, DType::Unknown, "complex128"},
                              {19, DType::Float16, "half"},    {20, DType::Unknown, "resource"},
                              {21, DType::Unknown, "variant"}, {22, DType::UInt32, "uint32"},
                              {23, DType::UInt64, "uint64"}};

template <class List, class Put>
void spread(const List& list, std::size_t count, Put put) {
  if (list.size() == 0) return;
  for (std::size_t i = 0; i < count; ++i)
    put(i, list.Get(std::min(static_cast<int>(i), list.size() - 1)));
}

void take_lists(const pb::TensorProto& proto, Tensor& t) {
  const auto count = static_cast<std::size_t>(count_of(t.shape));
  const auto number = [&](std::size_t i, auto v) { store_number(t, i, static_cast<double>(v)); };
  const auto integer = [&](std::size_t i, auto v) {
    store_integer(t, i, static_cast<std::int64_t>(v));
  };
  const auto bits = [&](std::size_t i, std::int32_t v) {
    store(std::span(t.bytes), i * 2, static_cast<std::uint16_t>(v));
  };
  spread(proto.float_val(), count, number);
  spread(proto.double_val(), count, number);
  spread(proto.int_val(), count, integer);
  spread(proto.int64_val(), count, integer);
  spread(proto.bool_val(), count, integer);
  spread(proto.uint32_val(), count, integer);
  spread(proto.uint64_val(), count, integer);
  spread(proto.half_val(), count, bits);
}

template <class List>
Ints ints_in(const List& list) {
  return {list.begin(), list.end()};
}

void add_list(Attributes& out, const std::string& name, const pb::AttrValue::ListValue& list) {
  if (list.f_size() > 0)
    out[name] = std::vector<float>(list.f().begin(), list.f().end());
  else if (list.s_size() > 0)
    out[name] = fmt::format("{}", fmt::join(list.s(), ","));
  else if (list.type_size() > 0)
    out[name] = ints_in(list.type());
  else if (list.b_size() > 0)
    out[name] = ints_in(list.b());
  else
    out[name] = ints_in(list.i());
}

}  // namespace

std::int32_t number_of(DType type) {
  const auto* row = std::find_if(std::begin(kTypes), std::end(kTypes),
                                 [&](const TypeRow& r) { return r.type == type; });
  return row == std::end(kTypes) ? 0 : row->number;
}

Result<DType> dtype_of(std::int32_t type) {
  constexpr std::int32_t kReference = 100;
  const std::int32_t plain = type > kReference ? type - kReference : type;
  for (const TypeRow& row : kTypes) {
    if (row.number != plain) continue;
    if (row.type != DType::Unknown) return row.type;
    return fail(Code::UnsupportedVersion, "elements are of type {}; supported are numbers",
                row.name);
  }
  return fail(Code::Malformed, "element type {} is none of TensorFlow's", type);
}

std::optional<Shape> shape_of(const pb::TensorShapeProto& proto) {
  if (proto.unknown_rank()) return std::nullopt;
  Shape shape;
  for (const auto& dim : proto.dim()) shape.push_back(dim.size());
  return shape;
}

Result<Tensor> tensor_of(const pb::TensorProto& proto) {
  Tensor t;
  t.type = TRY(dtype_of(proto.dtype()));
  t.shape = shape_of(proto.tensor_shape()).value_or(Shape{});
  TRY(check_shape(t.shape));
  const auto bytes = static_cast<std::uint64_t>(count_of(t.shape)) * size_of(t.type);
  const std::string& raw = proto.tensor_content();
  constexpr std::uint64_t kLargest = std::uint64_t{4} << 30;  // of one that a short list stands for
  if (bytes > kLargest)
    return fail(Code::NoResource, "a constant of shape {} needs {} bytes, supported are {}",
                text_of(t.shape), bytes, kLargest);
  if (!raw.empty() && raw.size() != bytes)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, tensor_content has {}",
                text_of(t.shape), name_of(t.type), bytes, raw.size());
  const auto most = static_cast<std::int64_t>(
      std::max({proto.float_val_size(), proto.double_val_size(), proto.int_val_size(),
                proto.int64_val_size(), proto.bool_val_size(), proto.half_val_size(),
                proto.uint32_val_size(), proto.uint64_val_size()}));
  // One element may be listed for none (a shape with a 0 in it).
  if (most > std::max<std::int64_t>(1, count_of(t.shape)))
    return fail(Code::Malformed, "shape {} has {} elements, the list has {}", text_of(t.shape),
                count_of(t.shape), most);
  if (!raw.empty()) {
    const ByteView view = view_of(raw);
    t.bytes.assign(view.begin(), view.end());
    return t;
  }
  t.bytes.resize(bytes);
  take_lists(proto, t);
  return t;
}

Attributes attributes_of(const AttributeMap& map) {
  Attributes out;
  for (const auto& [name, value] : map) {
    switch (value.value_case()) {
      case pb::AttrValue::kList:
        add_list(out, name, value.list());
        break;
      case pb::AttrValue::kS:
        out[name] = value.s();
        break;
      case pb::AttrValue::kI:
        out[name] = static_cast<std::int64_t>(value.i());
        break;
      case pb::AttrValue::kF:
        out[name] = value.f();
        break;
      case pb::AttrValue::kB:
        out[name] = static_cast<std::int64_t>(value.b());
        break;
      case pb::AttrValue::kType:
        out[name] = static_cast<std::int64_t>(value.type());
        break;
      case pb::AttrValue::kShape:
        if (auto shape = shape_of(value.shape())) out[name] = *shape;
        break;
      case pb::AttrValue::kFunc:
        out[name] = value.func().name();
        break;
      default:  // tensors and placeholders are read where they belong
        break;
    }
  }
  return out;
}

}  // namespace neuron::compile::tensorflow
