// SPDX-License-Identifier: Apache-2.0
#include "base/numbers.h"

#include <limits>

#include "tests/catch.h"

using namespace neuron;

TEST_CASE("every 16-bit float survives a trip through float32") {
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto b = static_cast<std::uint16_t>(bits);
    if (!std::isnan(fp16_to_float(b))) CHECK(float_to_fp16(fp16_to_float(b)) == b);
    if (!std::isnan(bf16_to_float(b))) CHECK(float_to_bf16(bf16_to_float(b)) == b);
  }
}

TEST_CASE("every 8-bit float survives a trip through float32") {
  for (int exponent_bits : {3, 4, 5})
    for (unsigned bits = 0; bits < 0x100; ++bits) {
      const auto b = static_cast<std::uint8_t>(bits);
      const float value = fp8_to_float(b, exponent_bits);
      if (!std::isnan(value)) CHECK(float_to_fp8(value, exponent_bits) == b);
    }
}

TEST_CASE("narrowing rounds to nearest, ties to even") {
  CHECK(float_to_bf16(1.00390625f) == 0x3f80);  // halfway between 1 and 1 + 2^-7
  CHECK(float_to_bf16(1.01171875f) == 0x3f82);
  CHECK(float_to_fp8(1.0625f, 4) == 0x38);  // halfway between 1 and 1.125
  CHECK(float_to_fp8(1.1875f, 4) == 0x3a);
  CHECK(float_to_fp8(1e9f, 5) == 0x7c);
}

TEST_CASE("integers round to even and saturate") {
  Bytes bytes(8);
  store_float(bytes, 0, DType::Int8, 2.5f);
  CHECK(load<std::int8_t>(bytes, 0) == 2);
  store_float(bytes, 0, DType::Int8, 1000.0f);
  CHECK(load<std::int8_t>(bytes, 0) == 127);
  store_float(bytes, 0, DType::UInt8, -3.0f);
  CHECK(load<std::uint8_t>(bytes, 0) == 0);
  store_float(bytes, 0, DType::Int64, std::numeric_limits<float>::infinity());
  CHECK(load<std::int64_t>(bytes, 0) == std::numeric_limits<std::int64_t>::max());
}
