// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <span>

#include "base/bytes.h"
#include "base/dtype.h"

/// Numbers narrower than float32, as bit patterns. Narrowing rounds to nearest, ties to even.
namespace neuron {

inline float bf16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}
std::uint16_t float_to_bf16(float value);
float fp16_to_float(std::uint16_t bits);
std::uint16_t float_to_fp16(float value);
/// 8-bit floats with `exponent_bits` (3, 4 or 5), IEEE style: the highest exponent holds Inf and
/// NaN.
float fp8_to_float(std::uint8_t bits, int exponent_bits);
std::uint8_t float_to_fp8(float value, int exponent_bits);

/// Element `index` of `bytes` as float32 (64-bit integers and doubles lose precision).
float load_as_float(ByteView bytes, std::size_t index, DType type);
/// Rounds `value` into element `index`; integers round to nearest even and saturate.
void store_float(std::span<std::byte> bytes, std::size_t index, DType type, float value);

/// Whole rows, for the paths where a switch an element would be felt. Sizes in elements.
void to_floats(ByteView from, DType type, std::span<float> to);
void from_floats(std::span<const float> from, DType type, std::span<std::byte> to);
/// The same, rounding at random where `type` is a float narrower than 32 bits: up as often as the
/// value is nearer to the number above. `draw` gives 32 random bits, and is called once an element.
void from_floats_at_random(std::span<const float> from, DType type, std::span<std::byte> to,
                           const std::function<std::uint32_t()>& draw);

}  // namespace neuron
