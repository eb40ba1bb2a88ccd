// SPDX-License-Identifier: Apache-2.0
#include "base/stored.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neuron::stored {
namespace {

constexpr Kind kKinds[] = {
#define NEURON_STORED(name, code, bits, kind, text, npy) Kind::kind,
#include "base/stored.def"
#undef NEURON_STORED
};
constexpr unsigned kBits[] = {
#define NEURON_STORED(name, code, bits, kind, text, npy) bits,
#include "base/stored.def"
#undef NEURON_STORED
};
std::size_t row_of(DType type) {
  return static_cast<std::size_t>(type) - static_cast<std::size_t>(Fp8E4M3Fn);
}

/// Floats of at most 8 bits that are not IEEE style: no infinity, and NaN is one code.
struct SmallFloat {
  DType type;
  int exponent_bits, fraction_bits, bias;
  std::uint8_t sign;  ///< the bit, 0 = there is none
  std::uint8_t top;   ///< code of the largest number
  std::uint8_t nan;   ///< its code; of a type without one, what NaN becomes: -0
  bool has_nan;       ///< what is too large becomes NaN, else the largest number
};
constexpr SmallFloat kSmallFloats[] = {
    {Fp8E4M3Fn, 4, 3, 7, 0x80, 0x7e, 0x7f, true},    {Fp8E4M3Fnuz, 4, 3, 8, 0x80, 0x7f, 0x80, true},
    {Fp8E5M2Fnuz, 5, 2, 16, 0x80, 0x7f, 0x80, true}, {Fp8E8M0, 8, 0, 127, 0, 0xfe, 0xff, true},
    {Fp4E2M1, 2, 1, 1, 0x08, 0x07, 0x08, false},
};
const SmallFloat& small_float(DType type) {
  return kSmallFloats[static_cast<std::size_t>(type) - static_cast<std::size_t>(Fp8E4M3Fn)];
}

/// The number that a code without its sign stands for.
float magnitude_of(const SmallFloat& t, int code) {
  const int exponent = code >> t.fraction_bits, fraction = code & ((1 << t.fraction_bits) - 1);
  if (t.sign == 0) return std::ldexp(1.0f, code - t.bias);  // an exponent alone
  if (exponent == 0) return std::ldexp(static_cast<float>(fraction), 1 - t.bias - t.fraction_bits);
  return std::ldexp(static_cast<float>(fraction | 1 << t.fraction_bits),
                    exponent - t.bias - t.fraction_bits);
}

float widen_small(DType type, std::uint8_t bits) {
  const SmallFloat& t = small_float(type);
  if (t.has_nan && bits == t.nan) return std::numeric_limits<float>::quiet_NaN();
  if (t.sign == 0) return magnitude_of(t, bits);
  if (t.has_nan && t.nan == t.sign - 1 && (bits & (t.sign - 1)) == t.nan)
    return std::numeric_limits<float>::quiet_NaN();  // with either sign
  const float magnitude = magnitude_of(t, bits & (t.sign - 1));
  return (bits & t.sign) != 0 ? -magnitude : magnitude;
}

std::uint8_t narrow_small(DType type, float value) {
  const SmallFloat& t = small_float(type);
  const std::uint8_t sign = std::signbit(value) ? t.sign : 0;
  const float magnitude = std::fabs(value);
  if (std::isnan(value) || (t.sign == 0 && value < 0)) return t.nan;
  int low = 0, high = t.top;  // the largest code that is not above
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (magnitude_of(t, middle) <= magnitude)
      low = middle;
    else
      high = middle - 1;
  }
  const float below = magnitude_of(t, low);
  const float step =
      low == t.top ? below - magnitude_of(t, low - 1) : magnitude_of(t, low + 1) - below;
  const bool up = magnitude - below > step / 2 || (magnitude - below == step / 2 && low % 2 == 1);
  if (low == t.top && up) return t.has_nan ? t.nan : static_cast<std::uint8_t>(sign | t.top);
  const int code = low + (up ? 1 : 0);
  const bool one_zero = t.has_nan && t.nan == t.sign;  // the code of -0 is NaN
  return static_cast<std::uint8_t>(code | (code == 0 && one_zero ? 0 : sign));
}

/// The nearest whole number, within what the type holds.
std::uint8_t narrow_whole(DType type, float value) {
  const bool has_sign = kind_of(type) == Kind::Signed;
  const auto most = static_cast<float>((1 << (bits_of(type) - (has_sign ? 1 : 0))) - 1);
  const float least = has_sign ? -most - 1 : 0;
  const float rounded = std::isnan(value) ? 0 : std::nearbyint(value);
  return static_cast<std::uint8_t>(
      static_cast<std::int8_t>(std::min(std::max(rounded, least), most)));
}

}  // namespace

Kind kind_of(DType type) { return kKinds[row_of(type)]; }

unsigned bits_of(DType type) {
  return holds(type) ? kBits[row_of(type)] : static_cast<unsigned>(size_of(type)) * 8;
}

float load(ByteView bytes, std::size_t index, DType type) {
  const auto byte = static_cast<std::uint8_t>(bytes[index]);
  if (kind_of(type) == Kind::Floating) return widen_small(type, byte);
  return kind_of(type) == Kind::Signed ? static_cast<float>(static_cast<std::int8_t>(byte))
                                       : static_cast<float>(byte);
}

void store(std::span<std::byte> bytes, std::size_t index, DType type, float value) {
  const bool floats = kind_of(type) == Kind::Floating;
  bytes[index] = std::byte{floats ? narrow_small(type, value) : narrow_whole(type, value)};
}

}  // namespace neuron::stored
