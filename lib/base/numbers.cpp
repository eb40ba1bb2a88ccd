// SPDX-License-Identifier: Apache-2.0
#include "base/numbers.h"

#include <algorithm>
#include <cfenv>
#include <limits>

#include "base/stored.h"

namespace neuron {
namespace {

/// The float32 of a small IEEE number with the given field widths.
float widen(std::uint32_t bits, int exponent_bits, int fraction_bits) {
  const std::uint32_t sign = bits >> (exponent_bits + fraction_bits) & 1;
  const std::uint32_t exponent = bits >> fraction_bits & ((1u << exponent_bits) - 1);
  const std::uint32_t fraction = bits & ((1u << fraction_bits) - 1);
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const std::uint32_t top = (1u << exponent_bits) - 1;
  if (exponent == top)
    return std::bit_cast<float>(sign << 31 | 0x7f800000u | fraction << (23 - fraction_bits));
  float magnitude = exponent == 0
                        ? std::ldexp(static_cast<float>(fraction), 1 - bias - fraction_bits)
                        : std::ldexp(static_cast<float>(fraction | 1u << fraction_bits),
                                     static_cast<int>(exponent) - bias - fraction_bits);
  return sign ? -magnitude : magnitude;
}

/// A small IEEE number beside `value`, as `round` takes it to a whole number of units in the last
/// place; too large becomes infinity.
template <class Round>
std::uint32_t narrow_by(float value, int exponent_bits, int fraction_bits, Round round) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 31 << (exponent_bits + fraction_bits);
  const std::uint32_t infinity = ((1u << exponent_bits) - 1) << fraction_bits;
  const float magnitude = std::fabs(value);
  if (std::isnan(value)) return sign | infinity | 1u << (fraction_bits - 1);
  if (std::isinf(value)) return sign | infinity;
  const int bias = (1 << (exponent_bits - 1)) - 1;
  const int exponent = magnitude == 0 ? -127 : std::ilogb(magnitude);
  const int lowest = 1 - bias;
  // One unit in the last place of the result is 2^(scale).
  const int scale = std::max(exponent, lowest) - fraction_bits;
  const auto units = static_cast<std::uint32_t>(round(std::ldexp(magnitude, -scale)));
  const std::uint32_t field =
      exponent < lowest ? units
                        : units + (static_cast<std::uint32_t>(exponent - lowest) << fraction_bits);
  return sign | std::min(field, infinity);
}

/// The nearest, ties to even.
std::uint32_t narrow(float value, int exponent_bits, int fraction_bits) {
  return narrow_by(value, exponent_bits, fraction_bits, [](float x) { return std::nearbyint(x); });
}

/// Bits of exponent and fraction of floats narrower than 32 bits; nothing for other types.
struct Fields {
  int exponent = 0, fraction = 0;
};
Fields fields_of(DType type) {
  switch (type) {
    case DType::BFloat16:
      return {8, 7};
    case DType::Float16:
      return {5, 10};
    case DType::Fp8E3:
      return {3, 4};
    case DType::Fp8E4:
      return {4, 3};
    case DType::Fp8E5:
      return {5, 2};
    default:
      return {};
  }
}

template <class T>
void store_integer(std::span<std::byte> bytes, std::size_t index, float value) {
  // Doubles hold every bound of 32-bit types and compare right against those of 64-bit ones.
  const double rounded = std::isnan(value) ? 0.0 : std::nearbyint(static_cast<double>(value));
  T out;
  if (rounded <= static_cast<double>(std::numeric_limits<T>::min()))
    out = std::numeric_limits<T>::min();
  else if (rounded >= static_cast<double>(std::numeric_limits<T>::max()))
    out = std::numeric_limits<T>::max();
  else
    out = static_cast<T>(rounded);
  store(bytes, index * sizeof(T), out);
}

template <class T>
float load_number(ByteView bytes, std::size_t index) {
  return static_cast<float>(load<T>(bytes, index * sizeof(T)));
}

}  // namespace

std::uint16_t float_to_bf16(float value) {
  auto bits = std::bit_cast<std::uint32_t>(value);
  if (std::isnan(value)) return static_cast<std::uint16_t>(bits >> 16 | 0x40);
  bits += 0x7fff + (bits >> 16 & 1);
  return static_cast<std::uint16_t>(bits >> 16);
}

// Without branches, so that compilers make vectors of them in rows. _Float16 is not used: clang 14
// lacks it, and elsewhere it is a library call.
float fp16_to_float(std::uint16_t half) {
  const std::uint32_t bits = static_cast<std::uint32_t>(half & 0x7fff) << 13;
  // The exponent moves by 112; as a product it is right for denormal numbers, too.
  const auto finite = std::bit_cast<std::uint32_t>(std::bit_cast<float>(bits) * 0x1p112f);
  const std::uint32_t magnitude = bits >= 0x0f800000 ? bits | 0x7f800000 : finite;
  return std::bit_cast<float>(magnitude | static_cast<std::uint32_t>(half & 0x8000) << 16);
}

std::uint16_t float_to_fp16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t magnitude = bits & 0x7fffffff;
  const std::uint32_t normal = (magnitude - 0x38000000 + 0xfff + (magnitude >> 13 & 1)) >> 13;
  // Below 2^-14: half's last place is 2^-24, the last place of a float near 0.5.
  const std::uint32_t denormal =
      std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3f000000;
  const std::uint32_t finite = magnitude < 0x38800000 ? denormal : normal;
  const std::uint32_t special = magnitude > 0x7f800000 ? 0x7e00 : 0x7c00;
  const std::uint32_t all = magnitude >= 0x47800000 ? special : finite;
  return static_cast<std::uint16_t>(all | (bits >> 16 & 0x8000));
}

float fp8_to_float(std::uint8_t bits, int exponent_bits) {
  return widen(bits, exponent_bits, 7 - exponent_bits);
}
std::uint8_t float_to_fp8(float value, int exponent_bits) {
  return static_cast<std::uint8_t>(narrow(value, exponent_bits, 7 - exponent_bits));
}

float load_as_float(ByteView bytes, std::size_t index, DType type) {
  if (stored::holds(type)) return stored::load(bytes, index, type);
  switch (type) {
    case DType::Float32:
    case DType::Float32r:
      return load<float>(bytes, index * 4);
    case DType::BFloat16:
      return bf16_to_float(load<std::uint16_t>(bytes, index * 2));
    case DType::Float16:
      return fp16_to_float(load<std::uint16_t>(bytes, index * 2));
    case DType::Int8:
      return load_number<std::int8_t>(bytes, index);
    case DType::Bool:
    case DType::UInt8:
      return load_number<std::uint8_t>(bytes, index);
    case DType::Int16:
      return load_number<std::int16_t>(bytes, index);
    case DType::UInt16:
      return load_number<std::uint16_t>(bytes, index);
    case DType::Int32:
      return load_number<std::int32_t>(bytes, index);
    case DType::UInt32:
      return load_number<std::uint32_t>(bytes, index);
    case DType::Int64:
      return load_number<std::int64_t>(bytes, index);
    case DType::UInt64:
      return load_number<std::uint64_t>(bytes, index);
    case DType::Float64:
      return load_number<double>(bytes, index);
    case DType::Fp8E3:
      return fp8_to_float(load<std::uint8_t>(bytes, index), 3);
    case DType::Fp8E4:
      return fp8_to_float(load<std::uint8_t>(bytes, index), 4);
    case DType::Fp8E5:
      return fp8_to_float(load<std::uint8_t>(bytes, index), 5);
    case DType::Unknown:
      break;
  }
  return 0;
}

void store_float(std::span<std::byte> bytes, std::size_t index, DType type, float value) {
  if (stored::holds(type)) return stored::store(bytes, index, type, value);
  switch (type) {
    case DType::Float32:
    case DType::Float32r:
      return store(bytes, index * 4, value);
    case DType::BFloat16:
      return store(bytes, index * 2, float_to_bf16(value));
    case DType::Float16:
      return store(bytes, index * 2, float_to_fp16(value));
    case DType::Int8:
      return store_integer<std::int8_t>(bytes, index, value);
    case DType::UInt8:
      return store_integer<std::uint8_t>(bytes, index, value);
    case DType::Bool:
      return store(bytes, index, static_cast<std::uint8_t>(value != 0));
    case DType::Int16:
      return store_integer<std::int16_t>(bytes, index, value);
    case DType::UInt16:
      return store_integer<std::uint16_t>(bytes, index, value);
    case DType::Int32:
      return store_integer<std::int32_t>(bytes, index, value);
    case DType::UInt32:
      return store_integer<std::uint32_t>(bytes, index, value);
    case DType::Int64:
      return store_integer<std::int64_t>(bytes, index, value);
    case DType::UInt64:
      return store_integer<std::uint64_t>(bytes, index, value);
    case DType::Float64:
      return store(bytes, index * 8, static_cast<double>(value));
    case DType::Fp8E3:
      return store(bytes, index, float_to_fp8(value, 3));
    case DType::Fp8E4:
      return store(bytes, index, float_to_fp8(value, 4));
    case DType::Fp8E5:
      return store(bytes, index, float_to_fp8(value, 5));
    case DType::Unknown:
      break;
  }
}

namespace {

template <class T, class F>
void widen_row(ByteView from, std::span<float> to, F widen_one) {
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = widen_one(load<T>(from, i * sizeof(T)));
}
template <class F>
void narrow_row(std::span<const float> from, std::span<std::byte> to, F narrow_one) {
  for (std::size_t i = 0; i < from.size(); ++i) store(to, i * 2, narrow_one(from[i]));
}

}  // namespace

void to_floats(ByteView from, DType type, std::span<float> to) {
  switch (type) {
    case DType::Float32:
    case DType::Float32r:
      std::memcpy(to.data(), from.data(), to.size_bytes());
      return;
    case DType::Float16:
      return widen_row<std::uint16_t>(from, to, fp16_to_float);
    case DType::BFloat16:
      return widen_row<std::uint16_t>(from, to, bf16_to_float);
    default:
      for (std::size_t i = 0; i < to.size(); ++i) to[i] = load_as_float(from, i, type);
  }
}

void from_floats(std::span<const float> from, DType type, std::span<std::byte> to) {
  switch (type) {
    case DType::Float32:
    case DType::Float32r:
      std::memcpy(to.data(), from.data(), from.size_bytes());
      return;
    case DType::Float16:
      return narrow_row(from, to, float_to_fp16);
    case DType::BFloat16:
      return narrow_row(from, to, float_to_bf16);
    default:
      for (std::size_t i = 0; i < from.size(); ++i) store_float(to, i, type, from[i]);
  }
}

void from_floats_at_random(std::span<const float> from, DType type, std::span<std::byte> to,
                           const std::function<std::uint32_t()>& draw) {
  const Fields fields = fields_of(type);
  if (fields.exponent == 0) return from_floats(from, type, to);
  const std::size_t size = size_of(type);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const float below_one = static_cast<float>(draw() >> 8) * 0x1p-24f;
    const std::uint32_t bits = narrow_by(from[i], fields.exponent, fields.fraction, [&](float x) {
      const float whole = std::floor(x);
      return whole + (below_one < x - whole ? 1.0f : 0.0f);
    });
    std::memcpy(to.data() + i * size, &bits, size);
  }
}

}  // namespace neuron
