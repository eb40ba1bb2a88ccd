// SPDX-License-Identifier: Apache-2.0
#include "compile/constants.h"

#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "base/stored.h"

namespace neuron::compile {
namespace {

// double to int64 without the undefined cases: NaN is 0, the rest saturates.
std::int64_t truncate(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
  if (value < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}

template <class T>
void put(Tensor& tensor, std::size_t index, T value) {
  store(std::span(tensor.bytes), index * sizeof(T), value);
}
template <class T>
T get(const Tensor& tensor, std::size_t index) {
  return load<T>(tensor.bytes, index * sizeof(T));
}

}  // namespace

bool is_integer(DType type) {
  if (stored::holds(type)) return stored::kind_of(type) != stored::Kind::Floating;
  switch (type) {
    case DType::Bool:
    case DType::Int8:
    case DType::UInt8:
    case DType::Int16:
    case DType::UInt16:
    case DType::Int32:
    case DType::UInt32:
    case DType::Int64:
    case DType::UInt64:
      return true;
    default:
      return false;
  }
}

bool is_floating(DType type) { return size_of(type) > 0 && !is_integer(type); }

std::int64_t integer_at(const Tensor& t, std::size_t i) {
  if (stored::holds(t.type)) return truncate(number_at(t, i));
  switch (t.type) {
    case DType::Bool:
    case DType::UInt8:
      return get<std::uint8_t>(t, i);
    case DType::Int8:
      return get<std::int8_t>(t, i);
    case DType::Int16:
      return get<std::int16_t>(t, i);
    case DType::UInt16:
      return get<std::uint16_t>(t, i);
    case DType::Int32:
      return get<std::int32_t>(t, i);
    case DType::UInt32:
      return get<std::uint32_t>(t, i);
    case DType::Int64:
    case DType::UInt64:
      return get<std::int64_t>(t, i);
    default:
      return truncate(number_at(t, i));
  }
}

double number_at(const Tensor& t, std::size_t i) {
  if (t.type == DType::Float32) return get<float>(t, i);
  if (t.type == DType::Float64) return get<double>(t, i);
  if (t.type == DType::UInt64) return static_cast<double>(get<std::uint64_t>(t, i));
  if (is_integer(t.type) && !stored::holds(t.type)) return static_cast<double>(integer_at(t, i));
  return load_as_float(t.bytes, i, t.type);
}

void store_integer(Tensor& t, std::size_t i, std::int64_t value) {
  switch (size_of(t.type)) {
    case 1:
      if (!is_integer(t.type) || stored::holds(t.type)) break;
      return put(t, i, static_cast<std::uint8_t>(t.type == DType::Bool ? value != 0 : value));
    case 2:
      if (is_integer(t.type)) return put(t, i, static_cast<std::uint16_t>(value));
      break;
    case 4:
      if (is_integer(t.type)) return put(t, i, static_cast<std::uint32_t>(value));
      break;
    case 8:
      if (is_integer(t.type)) return put(t, i, value);
      break;
  }
  store_number(t, i, static_cast<double>(value));
}

void store_number(Tensor& t, std::size_t i, double value) {
  if (t.type == DType::Float32) return put(t, i, static_cast<float>(value));
  if (t.type == DType::Float64) return put(t, i, value);
  if (t.type == DType::Bool) return put(t, i, static_cast<std::uint8_t>(value != 0));
  if (is_integer(t.type) && !stored::holds(t.type)) return store_integer(t, i, truncate(value));
  store_float(t.bytes, i, t.type, static_cast<float>(value));
}

std::vector<std::int64_t> integers_of(const Tensor& tensor) {
  std::vector<std::int64_t> values(static_cast<std::size_t>(count_of(tensor.shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = integer_at(tensor, i);
  return values;
}

Tensor make_tensor(DType type, Shape shape) {
  const auto count = static_cast<std::size_t>(count_of(shape));
  return {type, std::move(shape), Bytes(count * size_of(type))};
}

Tensor tensor_of(const std::vector<std::int64_t>& values) {
  Tensor tensor = make_tensor(DType::Int64, {static_cast<std::int64_t>(values.size())});
  for (std::size_t i = 0; i < values.size(); ++i) store_integer(tensor, i, values[i]);
  return tensor;
}

Tensor scalar_of(DType type, double value) {
  Tensor tensor = make_tensor(type, {});
  store_number(tensor, 0, value);
  return tensor;
}

}  // namespace neuron::compile
