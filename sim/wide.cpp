// SPDX-License-Identifier: Apache-2.0
#include "sim/wide.h"

#include <cmath>
#include <limits>

#include "base/numbers.h"
#include "sim/machine.h"

namespace neuron::sim {
namespace {

// Sums and products wrap: they are formed without signs.
struct Whole {
  std::uint64_t bits;
  bool is_signed;
  std::int64_t value() const { return static_cast<std::int64_t>(bits); }
};
bool operator==(Whole a, Whole b) { return a.bits == b.bits; }
bool operator<(Whole a, Whole b) { return a.is_signed ? a.value() < b.value() : a.bits < b.bits; }
bool operator>(Whole a, Whole b) { return b < a; }
bool operator<=(Whole a, Whole b) { return !(b < a); }
bool operator>=(Whole a, Whole b) { return !(a < b); }
Whole operator+(Whole a, Whole b) { return {a.bits + b.bits, a.is_signed}; }
Whole operator-(Whole a, Whole b) { return {a.bits - b.bits, a.is_signed}; }
Whole operator*(Whole a, Whole b) { return {a.bits * b.bits, a.is_signed}; }
Whole operator&(Whole a, Whole b) { return {a.bits & b.bits, a.is_signed}; }
Whole operator|(Whole a, Whole b) { return {a.bits | b.bits, a.is_signed}; }
Whole operator^(Whole a, Whole b) { return {a.bits ^ b.bits, a.is_signed}; }

Whole quotient(Whole a, Whole b) {
  if (b.bits == 0) return {0, a.is_signed};
  if (!a.is_signed) return {a.bits / b.bits, false};
  if (b.value() == -1) return {0 - a.bits, true};  // the one quotient that does not fit wraps
  return {static_cast<std::uint64_t>(a.value() / b.value()), true};
}
Whole rest(Whole a, Whole b) { return b.bits == 0 ? b : a - quotient(a, b) * b; }
Whole modulo(Whole a, Whole b) {
  const Whole r = rest(a, b);
  const bool turns = a.is_signed && r.bits != 0 && (r.value() < 0) != (b.value() < 0);
  return turns ? r + b : r;
}
double modulo(double a, double b) {
  const double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}
Whole power(Whole a, Whole b) {
  if (b.is_signed && b.value() < 0) return quotient({1, true}, a);
  Whole result{1, a.is_signed};
  for (std::uint64_t left = b.bits; left > 0; left >>= 1, a = a * a)
    if (left & 1) result = result * a;
  return result;
}
Whole shift_left(Whole a, Whole b) { return {b.bits < 64 ? a.bits << b.bits : 0, a.is_signed}; }
Whole shift_right(Whole a, Whole b) { return {b.bits < 64 ? a.bits >> b.bits : 0, a.is_signed}; }

std::uint64_t bits_of(Whole w) { return w.bits; }
std::uint64_t bits_of(bool b) { return b; }

std::uint64_t apply(isa::Wide op, Whole a, Whole b) {
  switch (op) {
#define NEURON_WIDE(name, code, integer, number) \
  case isa::Wide::name:                          \
    return bits_of(integer);
#include "isa/wide.def"
#undef NEURON_WIDE
  }
  return 0;
}
double apply(isa::Wide op, double a, double b) {
  switch (op) {
#define NEURON_WIDE(name, code, integer, number) \
  case isa::Wide::name:                          \
    return static_cast<double>(number);
#include "isa/wide.def"
#undef NEURON_WIDE
  }
  return 0;
}

template <class T>
T saturated(double value) {
  if (std::isnan(value)) return 0;
  if (value <= static_cast<double>(std::numeric_limits<T>::min()))
    return std::numeric_limits<T>::min();
  if (value >= static_cast<double>(std::numeric_limits<T>::max()))
    return std::numeric_limits<T>::max();
  return static_cast<T>(value);
}

/// Calls `body` with a zero of the C++ type of a whole-number type.
template <class Body>
auto with_whole(DType type, Body body) {
  switch (type) {
    case DType::Int8:
      return body(std::int8_t{});
    case DType::Int16:
      return body(std::int16_t{});
    case DType::UInt16:
      return body(std::uint16_t{});
    case DType::Int32:
      return body(std::int32_t{});
    case DType::UInt32:
      return body(std::uint32_t{});
    case DType::Int64:
      return body(std::int64_t{});
    case DType::UInt64:
      return body(std::uint64_t{});
    default:
      return body(std::uint8_t{});
  }
}

}  // namespace

bool is_whole(DType type) { return !is_floating(type); }

std::int64_t whole_at(ByteView bytes, std::size_t index, DType type) {
  if (!is_whole(type)) return saturated<std::int64_t>(number_at(bytes, index, type));
  return with_whole(type, [&](auto zero) {
    return static_cast<std::int64_t>(neuron::load<decltype(zero)>(bytes, index * sizeof zero));
  });
}

double number_at(ByteView bytes, std::size_t index, DType type) {
  if (type == DType::Float64) return neuron::load<double>(bytes, index * sizeof(double));
  if (!is_whole(type)) return load_as_float(bytes, index, type);
  const std::int64_t value = whole_at(bytes, index, type);
  return type == DType::UInt64 ? static_cast<double>(static_cast<std::uint64_t>(value))
                               : static_cast<double>(value);
}

void store_whole(std::span<std::byte> bytes, std::size_t index, DType type, std::int64_t value) {
  if (!is_whole(type)) return store_number(bytes, index, type, static_cast<double>(value));
  with_whole(type, [&](auto zero) {
    store(bytes, index * sizeof zero, static_cast<decltype(zero)>(value));
  });
}

void store_number(std::span<std::byte> bytes, std::size_t index, DType type, double value) {
  if (type == DType::Float64) return store(bytes, index * sizeof value, value);
  if (!is_whole(type)) return store_float(bytes, index, type, static_cast<float>(value));
  with_whole(type, [&](auto zero) {
    store(bytes, index * sizeof zero, saturated<decltype(zero)>(value));
  });
}

void apply(isa::Wide op, std::span<std::byte> dst, std::size_t i, DType dst_type, ByteView src,
           std::size_t j, DType src_type) {
  const bool sets = op == isa::Wide::Set;
  if (is_whole(src_type) && is_whole(dst_type)) {
    const bool is_signed = dst_type != DType::UInt64 && src_type != DType::UInt64;
    const Whole a{static_cast<std::uint64_t>(sets ? 0 : whole_at(dst, i, dst_type)), is_signed};
    const Whole b{static_cast<std::uint64_t>(whole_at(src, j, src_type)), is_signed};
    return store_whole(dst, i, dst_type, static_cast<std::int64_t>(apply(op, a, b)));
  }
  const double a = sets ? 0 : number_at(dst, i, dst_type);
  store_number(dst, i, dst_type, apply(op, a, number_at(src, j, src_type)));
}

}  // namespace neuron::sim
