// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

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
  if (proto.data_location() == Proto::EXTERNAL || proto.external_data_size() > 0)
    return fail(Code::UnsupportedVersion, "data lies in another file; supported in initializers");
  if (proto.has_segment())
    return fail(Code::UnsupportedVersion, "data comes in segments, which is not supported");
  return {};
}

/// Where the data of a tensor lies, as the file says.
struct Outside {
  std::string location;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;
};

Result<std::uint64_t> number_of(const std::string& key, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return fail(Code::Malformed, "external data: {} is '{}', expected a number", key, text);
  return value;
}

/// The file must lie beside the model or below: no absolute path, no way up.
Result<Outside> outside_of(const Proto& proto) {
  Outside out;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") out.location = entry.value();
    if (entry.key() == "offset") out.offset = TRY(number_of("offset", entry.value()));
    if (entry.key() == "length") out.length = TRY(number_of("length", entry.value()));
  }
  const fs::path path = out.location;
  const bool climbs = std::find(path.begin(), path.end(), fs::path("..")) != path.end();
  if (path.empty() || path.is_absolute() || climbs)
    return fail(Code::Malformed, "external data lies in '{}', expected a file beside the model",
                out.location);
  return out;
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

Result<Tensor> tensor_of(const Proto& proto, const fs::path& folder) {
  if (proto.data_location() != Proto::EXTERNAL) return tensor_of(proto);
  const Outside outside = TRY(outside_of(proto));
  Tensor tensor;
  tensor.type = TRY(dtype_of(proto.data_type()));
  tensor.shape.assign(proto.dims().begin(), proto.dims().end());
  TRY(check_shape(tensor.shape));
  const std::uint64_t bytes =
      static_cast<std::uint64_t>(count_of(tensor.shape)) * size_of(tensor.type);
  if (outside.length.value_or(bytes) != bytes)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, external data has {}",
                text_of(tensor.shape), name_of(tensor.type), bytes, *outside.length);
  std::error_code error;
  const fs::path path = folder / outside.location;
  const auto size = fs::file_size(path, error);
  if (error || outside.offset > size || bytes > size - outside.offset)
    return fail(Code::Malformed, "external data: bytes {} to {} of {}, which {}", outside.offset,
                outside.offset + bytes, path.string(),
                error ? std::string("cannot be read") : fmt::format("has {}", size));
  std::ifstream file(path, std::ios::binary);
  file.seekg(static_cast<std::streamoff>(outside.offset));
  tensor.bytes.resize(bytes);
  file.read(reinterpret_cast<char*>(tensor.bytes.data()), static_cast<std::streamsize>(bytes));
  if (!file) return fail(Code::Io, "external data: {} cannot be read", path.string());
  return tensor;
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
