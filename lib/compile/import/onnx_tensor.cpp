// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "compile/constants.h"
#include "compile/import/onnx_parts.h"
#include "compile/shapes.h"

namespace neuron::compile::onnx {
namespace {

using Proto = ::onnx::TensorProto;

// What a list of the file holds for an element: a number, or for narrow floats the bits.
template <class List, class Put>
Result<> take_list(const List& list, const char* name, Tensor& tensor, Put put) {
  const std::int64_t count = count_of(tensor.shape);
  if (list.size() != count)
    return fail(Code::Malformed, "shape {} needs {} elements, {} has {}", text_of(tensor.shape),
                count, name, list.size());
  for (int i = 0; i < list.size(); ++i) put(static_cast<std::size_t>(i), list.Get(i));
  return {};
}

Result<> take_typed(const Proto& proto, Tensor& tensor) {
  const auto integer = [&](std::size_t i, auto value) {
    store_integer(tensor, i, static_cast<std::int64_t>(value));
  };
  const auto number = [&](std::size_t i, auto value) { store_number(tensor, i, value); };
  const auto bits = [&](std::size_t i, std::int32_t value) {
    store(std::span(tensor.bytes), i * 2, static_cast<std::uint16_t>(value));
  };
  switch (tensor.type) {
    case DType::Float32:
      return take_list(proto.float_data(), "float_data", tensor, number);
    case DType::Float64:
      return take_list(proto.double_data(), "double_data", tensor, number);
    case DType::Int64:
      return take_list(proto.int64_data(), "int64_data", tensor, integer);
    case DType::UInt32:
    case DType::UInt64:
      return take_list(proto.uint64_data(), "uint64_data", tensor, integer);
    case DType::Float16:
    case DType::BFloat16:
      return take_list(proto.int32_data(), "int32_data", tensor, bits);
    default:
      return take_list(proto.int32_data(), "int32_data", tensor, integer);
  }
}

Result<> take_raw(const Proto& proto, Tensor& tensor) {
  const std::string& raw = proto.raw_data();
  const std::size_t expected =
      static_cast<std::size_t>(count_of(tensor.shape)) * size_of(tensor.type);
  if (raw.size() != expected)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, raw_data has {}",
                text_of(tensor.shape), name_of(tensor.type), expected, raw.size());
  const ByteView bytes = view_of(raw);
  tensor.bytes.assign(bytes.begin(), bytes.end());
  return {};
}

Result<> check_place(const Proto& proto) {
  if (proto.data_location() == Proto::EXTERNAL || proto.external_data_size() > 0) {
    std::string file = "another file";
    for (const auto& entry : proto.external_data())
      if (entry.key() == "location") file = fmt::format("file '{}'", entry.value());
    return fail(Code::UnsupportedVersion,
                "data lies in {}, external data is not supported; save the model as one file",
                file);
  }
  if (proto.has_segment())
    return fail(Code::UnsupportedVersion, "data comes in segments, which is not supported");
  return {};
}

}  // namespace

Result<DType> dtype_of(std::int32_t type) {
  switch (type) {
    case Proto::FLOAT:
      return DType::Float32;
    case Proto::UINT8:
      return DType::UInt8;
    case Proto::INT8:
      return DType::Int8;
    case Proto::UINT16:
      return DType::UInt16;
    case Proto::INT16:
      return DType::Int16;
    case Proto::INT32:
      return DType::Int32;
    case Proto::INT64:
      return DType::Int64;
    case Proto::BOOL:
      return DType::Bool;
    case Proto::FLOAT16:
      return DType::Float16;
    case Proto::DOUBLE:
      return DType::Float64;
    case Proto::UINT32:
      return DType::UInt32;
    case Proto::UINT64:
      return DType::UInt64;
    case Proto::BFLOAT16:
      return DType::BFloat16;
    default:
      break;
  }
  if (type == Proto::UNDEFINED) return fail(Code::Malformed, "element type is not given");
  const bool known = ::onnx::TensorProto_DataType_IsValid(type);
  return fail(Code::UnsupportedVersion, "element type {} is not supported",
              known ? ::onnx::TensorProto_DataType_Name(type) : std::to_string(type));
}

Result<Tensor> tensor_of(const Proto& proto) {
  TRY(check_place(proto));
  Tensor tensor;
  tensor.type = TRY(dtype_of(proto.data_type()));
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  TRY(check_shape(tensor.shape));
  if (proto.has_raw_data()) {
    TRY(take_raw(proto, tensor));
    return tensor;
  }
  // A list shorter than the shape is refused before the shape is believed.
  const auto count = static_cast<std::uint64_t>(count_of(tensor.shape));
  if (count > proto.ByteSizeLong())
    return fail(Code::Malformed, "shape {} needs {} elements, the file holds fewer",
                text_of(tensor.shape), count);
  tensor.bytes.resize(count * size_of(tensor.type));
  TRY(take_typed(proto, tensor));
  return tensor;
}

}  // namespace neuron::compile::onnx
