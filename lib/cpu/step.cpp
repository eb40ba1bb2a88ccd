// SPDX-License-Identifier: Apache-2.0
#include "cpu/step.h"

#include <limits>

#include "base/stored.h"

namespace neuron::cpu {
namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 36;

/// double to an integer without the undefined cases: NaN is 0, the rest saturates.
std::int64_t truncate(double value) {
  if (std::isnan(value)) return 0;
  if (value >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
  if (value < -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value);
}
std::uint64_t truncate_unsigned(double value) {
  if (!(value > 0)) return static_cast<std::uint64_t>(truncate(value));
  if (value >= 18446744073709551616.0) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(value);
}

template <class To>
To read(ByteView bytes, DType type, std::size_t i) {
  if (stored::holds(type)) return static_cast<To>(stored::load(bytes, i, type));
  switch (type) {
    case DType::Bool:
    case DType::UInt8:
      return static_cast<To>(load<std::uint8_t>(bytes, i));
    case DType::Int8:
      return static_cast<To>(load<std::int8_t>(bytes, i));
    case DType::Int16:
      return static_cast<To>(load<std::int16_t>(bytes, 2 * i));
    case DType::UInt16:
      return static_cast<To>(load<std::uint16_t>(bytes, 2 * i));
    case DType::Int32:
      return static_cast<To>(load<std::int32_t>(bytes, 4 * i));
    case DType::UInt32:
      return static_cast<To>(load<std::uint32_t>(bytes, 4 * i));
    case DType::Int64:
      return static_cast<To>(load<std::int64_t>(bytes, 8 * i));
    default:
      return static_cast<To>(load<std::uint64_t>(bytes, 8 * i));
  }
}

double floating(ByteView bytes, DType type, std::size_t i) {
  if (type == DType::Float64) return load<double>(bytes, 8 * i);
  if (type == DType::Float32) return load<float>(bytes, 4 * i);
  return load_as_float(bytes, i, type);
}

/// The low bytes of an integer, as C's conversions wrap it.
void write(std::span<std::byte> bytes, DType type, std::size_t i, std::uint64_t value) {
  if (type == DType::Bool) value = value != 0;
  const std::size_t size = size_of(type);
  if (stored::holds(type)) {  // within the bits that it has
    const unsigned unused = 64 - stored::bits_of(type);
    const auto high = static_cast<std::int64_t>(value << unused);
    const bool has_sign = stored::kind_of(type) == stored::Kind::Signed;
    value = has_sign ? static_cast<std::uint64_t>(high >> unused) : value << unused >> unused;
  }
  std::memcpy(bytes.data() + i * size, &value, size);
}

void write_floating(std::span<std::byte> bytes, DType type, std::size_t i, double value) {
  if (type == DType::Float64) return store(bytes, 8 * i, value);
  if (type == DType::Float32) return store(bytes, 4 * i, static_cast<float>(value));
  store_float(bytes, i, type, static_cast<float>(value));
}

}  // namespace

std::string text_of_shape(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text += (i ? "," : "") + std::to_string(shape[i]);
  return text + "]";
}

std::size_t elements(const Shape& shape) {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) {
    if (dim < 0) refuse("shape ", text_of_shape(shape), " has a negative dimension");
    if (dim > kMostElements || (dim > 0 && count > kMostElements / dim))
      refuse("shape ", text_of_shape(shape), " has too many elements");
    count *= dim;
  }
  return static_cast<std::size_t>(count);
}

Ints strides_of(const Shape& shape) {
  Ints strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t axis = shape.size(); axis-- > 0; step *= shape[axis]) strides[axis] = step;
  return strides;
}

Ints spread_strides(const Shape& from, const Shape& to) {
  Ints strides(to.size());
  const Ints own = strides_of(from);
  const std::size_t shift = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) strides[shift + i] = from[i] == 1 ? 0 : own[i];
  return strides;
}

Shape broadcast(const Shape& a, const Shape& b) {
  Shape shape = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  const std::size_t shift = shape.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = shape[shift + i];
    if (dim == 1) dim = shorter[i];
    if (dim != shorter[i] && shorter[i] != 1)
      refuse("shapes ", text_of_shape(a), " and ", text_of_shape(b), " do not broadcast");
  }
  return shape;
}

std::int64_t front(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) refuse("axis is ", axis, " of ", size);
  return axis < 0 ? axis + size : axis;
}

Ints fronts(Ints axes, std::size_t rank) {
  for (std::int64_t& axis : axes) axis = front(axis, rank);
  Ints sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  require(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(),
          "an axis is listed twice");
  return axes;
}

std::int64_t product(const Shape& shape, std::size_t from, std::size_t to) {
  std::int64_t count = 1;
  for (std::size_t i = from; i < to && i < shape.size(); ++i) count *= shape[i];
  return count;
}

bool is_integer(DType type) {
  if (stored::holds(type)) return stored::kind_of(type) != stored::Kind::Floating;
  return type != DType::Float32 && type != DType::Float64 && type != DType::Float16 &&
         type != DType::BFloat16 && type != DType::Float32r && type != DType::Fp8E3 &&
         type != DType::Fp8E4 && type != DType::Fp8E5;
}

template <>
double get<double>(ByteView bytes, DType type, std::size_t i) {
  return is_integer(type) ? read<double>(bytes, type, i) : floating(bytes, type, i);
}
template <>
std::int64_t get<std::int64_t>(ByteView bytes, DType type, std::size_t i) {
  return is_integer(type) ? read<std::int64_t>(bytes, type, i) : truncate(floating(bytes, type, i));
}
template <>
std::uint64_t get<std::uint64_t>(ByteView bytes, DType type, std::size_t i) {
  return is_integer(type) ? read<std::uint64_t>(bytes, type, i)
                          : truncate_unsigned(floating(bytes, type, i));
}
template <>
void put<double>(std::span<std::byte> bytes, DType type, std::size_t i, double value) {
  if (!is_integer(type)) return write_floating(bytes, type, i, value);
  if (type == DType::Bool) return write(bytes, type, i, value != 0);
  if (type == DType::UInt64) return write(bytes, type, i, truncate_unsigned(value));
  write(bytes, type, i, static_cast<std::uint64_t>(truncate(value)));
}
template <>
void put<std::int64_t>(std::span<std::byte> bytes, DType type, std::size_t i, std::int64_t value) {
  if (is_integer(type)) return write(bytes, type, i, static_cast<std::uint64_t>(value));
  write_floating(bytes, type, i, static_cast<double>(value));
}
template <>
void put<std::uint64_t>(std::span<std::byte> bytes, DType type, std::size_t i,
                        std::uint64_t value) {
  if (is_integer(type)) return write(bytes, type, i, value);
  write_floating(bytes, type, i, static_cast<double>(value));
}

Ints integers(const Operand& x) {
  require(x.known, "the shape of the result depends on values that are computed");
  return widen<std::int64_t>(x);
}

std::vector<double> numbers(const Operand& x) {
  require(x.known, "the shape of the result depends on values that are computed");
  return widen<double>(x);
}

std::optional<Ints> list(const Step& s, std::size_t input, const char* name) {
  if (has(s, input)) return integers(in(s, input));
  if (!has_attribute(s, name)) return std::nullopt;
  if (const auto one = s.attributes.find(name); std::get_if<std::int64_t>(&one->second))
    return Ints{std::get<std::int64_t>(one->second)};
  return attribute<Ints>(s, name, {});
}

Tensor& make(Step& s, std::size_t i, DType type, Shape shape) {
  const std::size_t bytes = elements(shape) * size_of(type);
  if (s.out.size() <= i) s.out.resize(i + 1);
  s.out[i] = {type, std::move(shape), Bytes(s.only_forms ? 0 : bytes)};
  return s.out[i];
}

void copy_element(ByteView from, std::size_t i, Tensor& to, std::size_t j) {
  const std::size_t size = size_of(to.type);
  std::memcpy(to.bytes.data() + j * size, from.data() + i * size, size);
}

Around around(const Shape& shape, std::int64_t axis) {
  const auto at = static_cast<std::size_t>(axis);
  return {static_cast<std::size_t>(product(shape, 0, at)), static_cast<std::size_t>(shape[at]),
          static_cast<std::size_t>(product(shape, at + 1, shape.size()))};
}

}  // namespace neuron::cpu
