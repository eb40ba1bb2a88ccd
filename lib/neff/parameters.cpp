// SPDX-License-Identifier: Apache-2.0
#include "neff/parameters.h"

namespace neuron::neff {
namespace {

// Codes of DLPack: what kind of number, beside its bits.
constexpr std::uint8_t kInt = 0, kUInt = 1, kFloat = 2, kBFloat = 4;

std::uint8_t code_of(DType type) {
  switch (type) {
    case DType::BFloat16:
      return kBFloat;
    case DType::Float16:
    case DType::Float32:
    case DType::Float32r:
    case DType::Float64:
      return kFloat;
    case DType::Int8:
    case DType::Int16:
    case DType::Int32:
    case DType::Int64:
      return kInt;
    default:
      return kUInt;
  }
}

void put_array(Writer& out, const Tensor& tensor) {
  out.put(kParameterArray);
  out.put(std::uint64_t{0});  // reserved
  out.put(std::uint32_t{1});  // on the CPU
  out.put(std::uint32_t{0});  // the first one
  out.put(static_cast<std::uint32_t>(tensor.shape.size()));
  out.put(code_of(tensor.type));
  out.put(static_cast<std::uint8_t>(size_of(tensor.type) * 8));
  out.put(std::uint16_t{1});  // lanes
  for (const std::int64_t dim : tensor.shape) out.put(dim);
  out.put(static_cast<std::uint64_t>(tensor.bytes.size()));
  out.append(ByteView(tensor.bytes));
}

}  // namespace

Bytes parameter_bytes(const std::map<std::string, Tensor>& parameters) {
  Writer out;
  out.put(kParameterList);
  out.put(std::uint64_t{0});  // reserved
  out.put(static_cast<std::uint64_t>(parameters.size()));
  for (const auto& [name, tensor] : parameters) {
    out.put(static_cast<std::uint64_t>(name.size()));
    out.append(std::string_view(name));
  }
  out.put(static_cast<std::uint64_t>(parameters.size()));
  for (const auto& [name, tensor] : parameters) put_array(out, tensor);
  return std::move(out).take();
}

}  // namespace neuron::neff
