// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>

#include "base/stored.h"
#include "compile/constants.h"
#include "compile/import/onnx_parts.h"
#include "compile/shapes.h"

namespace neuron::compile::onnx {
namespace {

using Proto = ::onnx::TensorProto;

// Codes past 16 as numbers: older versions of the schema have no names for them.
constexpr std::pair<std::int32_t, DType> kTypes[] = {
    {Proto::FLOAT, DType::Float32},
    {Proto::UINT8, DType::UInt8},
    {Proto::INT8, DType::Int8},
    {Proto::UINT16, DType::UInt16},
    {Proto::INT16, DType::Int16},
    {Proto::INT32, DType::Int32},
    {Proto::INT64, DType::Int64},
    {Proto::BOOL, DType::Bool},
    {Proto::FLOAT16, DType::Float16},
    {Proto::DOUBLE, DType::Float64},
    {Proto::UINT32, DType::UInt32},
    {Proto::UINT64, DType::UInt64},
    {Proto::BFLOAT16, DType::BFloat16},
    {17, stored::Fp8E4M3Fn},
    {18, stored::Fp8E4M3Fnuz},
    {19, DType::Fp8E5},
    {20, stored::Fp8E5M2Fnuz},
    {21, stored::UInt4},
    {22, stored::Int4},
    {23, stored::Fp4E2M1},
    {24, stored::Fp8E8M0},
    {25, stored::UInt2},
    {26, stored::Int2},
};

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

/// Bytes that `count` elements of a type fill in a file: small ones are packed.
std::uint64_t packed_size(DType type, std::uint64_t count) {
  return (count * stored::bits_of(type) + 7) / 8;
}

/// Elements of fewer than 8 bits, first in the low bits, become bytes.
void unpack(ByteView packed, Tensor& tensor) {
  const unsigned bits = stored::bits_of(tensor.type), shift = 8 - bits;
  const bool has_sign = stored::kind_of(tensor.type) == stored::Kind::Signed;
  for (std::size_t i = 0; i < tensor.bytes.size(); ++i) {
    const auto byte = static_cast<unsigned>(packed[i * bits / 8]) >> i * bits % 8;
    const auto high = static_cast<std::uint8_t>(byte << shift);
    tensor.bytes[i] =
        static_cast<std::byte>(has_sign ? static_cast<std::int8_t>(high) >> shift : high >> shift);
  }
}

Result<> take_packed(const Proto& proto, Tensor& tensor) {
  const auto count = static_cast<std::uint64_t>(count_of(tensor.shape));
  const std::uint64_t expected = packed_size(tensor.type, count);
  if (static_cast<std::uint64_t>(proto.int32_data_size()) != expected)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, int32_data has {}",
                text_of(tensor.shape), name_of(tensor.type), expected, proto.int32_data_size());
  Bytes packed;
  for (const std::int32_t byte : proto.int32_data()) packed.push_back(static_cast<std::byte>(byte));
  unpack(packed, tensor);
  return {};
}

Result<> take_typed(const Proto& proto, Tensor& tensor) {
  const auto integer = [&](std::size_t i, auto value) {
    store_integer(tensor, i, static_cast<std::int64_t>(value));
  };
  const auto number = [&](std::size_t i, auto value) { store_number(tensor, i, value); };
  const auto bits = [&](std::size_t i, std::int32_t value) {
    if (size_of(tensor.type) == 1)
      store(std::span(tensor.bytes), i, static_cast<std::uint8_t>(value));
    else
      store(std::span(tensor.bytes), i * 2, static_cast<std::uint16_t>(value));
  };
  if (stored::bits_of(tensor.type) < 8) return take_packed(proto, tensor);
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
      if (is_floating(tensor.type))
        return take_list(proto.int32_data(), "int32_data", tensor, bits);
      return take_list(proto.int32_data(), "int32_data", tensor, integer);
  }
}

Result<> take_raw(const Proto& proto, Tensor& tensor) {
  const std::string& raw = proto.raw_data();
  const auto count = static_cast<std::uint64_t>(count_of(tensor.shape));
  const std::uint64_t expected = packed_size(tensor.type, count);
  if (raw.size() != expected)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, raw_data has {}",
                text_of(tensor.shape), name_of(tensor.type), expected, raw.size());
  const ByteView bytes = view_of(raw);
  if (stored::bits_of(tensor.type) >= 8) {
    tensor.bytes.assign(bytes.begin(), bytes.end());
    return {};
  }
  tensor.bytes.resize(count);
  unpack(bytes, tensor);
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

/// A link may not lead where a location may not.
Result<> check_link(const fs::path& folder, const std::string& location) {
  std::error_code error;
  const fs::path home = fs::weakly_canonical(folder.empty() ? fs::path(".") : folder, error);
  const fs::path real = fs::weakly_canonical(home / location, error);
  if (std::mismatch(home.begin(), home.end(), real.begin(), real.end()).first == home.end())
    return {};
  return fail(Code::Malformed,
              "external data: {} is a link out of the model's folder, to {}; put the file itself "
              "there",
              (folder / location).string(), real.string());
}

}  // namespace

Result<DType> dtype_of(std::int32_t type) {
  for (const auto& [code, known] : kTypes)
    if (type == code) return known;
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
      packed_size(tensor.type, static_cast<std::uint64_t>(count_of(tensor.shape)));
  if (outside.length.value_or(bytes) != bytes)
    return fail(Code::Malformed, "shape {} of {} needs {} bytes, external data has {}",
                text_of(tensor.shape), name_of(tensor.type), bytes, *outside.length);
  std::error_code error;
  const fs::path path = folder / outside.location;
  TRY(check_link(folder, outside.location));
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
  if (stored::bits_of(tensor.type) < 8) {
    const Bytes packed = std::move(tensor.bytes);
    tensor.bytes = Bytes(static_cast<std::size_t>(count_of(tensor.shape)));
    unpack(packed, tensor);
  }
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
  if (std::min(count, packed_size(tensor.type, count)) > proto.ByteSizeLong())
    return fail(Code::Malformed, "shape {} needs {} elements, the file holds fewer",
                text_of(tensor.shape), count);
  tensor.bytes.resize(count * size_of(tensor.type));
  TRY(take_typed(proto, tensor));
  return tensor;
}

}  // namespace neuron::compile::onnx
