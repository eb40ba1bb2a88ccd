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

#ifndef __clang__  // which has no _Float16 for x86 before version 15
TEST_CASE("float16 is that of the compiler") {
  unsigned wrong = 0;
  const auto check = [&](std::uint32_t bits) {
    const float x = std::bit_cast<float>(bits);
    const auto expected = std::bit_cast<std::uint16_t>(static_cast<_Float16>(x));
    wrong +=
        std::isnan(x) ? !std::isnan(fp16_to_float(float_to_fp16(x))) : float_to_fp16(x) != expected;
  };
  for (std::uint32_t high = 0; high < 0x100000; ++high)  // every 12th bit and both its neighbours
    for (const std::uint32_t low : {0u, 1u, 0x7ffu, 0x800u, 0xfffu}) check(high << 12 | low);
  CHECK(wrong == 0);
  for (unsigned i = 0; i < 0x10000; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    const auto expected = static_cast<float>(std::bit_cast<_Float16>(half));
    wrong +=
        std::isnan(expected) ? !std::isnan(fp16_to_float(half)) : fp16_to_float(half) != expected;
  }
  CHECK(wrong == 0);
}
#endif

TEST_CASE("rows are widened and narrowed as single numbers are") {
  for (const DType type : {DType::Float16, DType::BFloat16}) {
    Bytes all(0x20000), back(2);
    for (unsigned i = 0; i < 0x10000; ++i) store(all, i * 2, static_cast<std::uint16_t>(i));
    std::vector<float> row(0x10000);
    to_floats(all, type, row);
    unsigned wrong = 0;
    const auto narrows_alike = [&](float x) {
      std::byte one[2];
      from_floats(std::span(&x, 1), type, one);
      store_float(back, 0, type, x);
      const float a = load_as_float(one, 0, type), b = load_as_float(back, 0, type);
      return std::isnan(x) ? std::isnan(a) : std::bit_cast<int>(a) == std::bit_cast<int>(b);
    };
    for (unsigned i = 0; i < 0x10000; ++i) {
      const float x = row[i], single = load_as_float(all, i, type);
      wrong +=
          std::isnan(single) ? !std::isnan(x) : std::bit_cast<int>(x) != std::bit_cast<int>(single);
      // Each number, the tie after it and what lies close to both.
      const auto bits = std::bit_cast<std::uint32_t>(x);
      for (const std::uint32_t near : {0u, 1u, 0xfffu, 0x1000u, 0x1001u, 0x7fffu, 0x8000u, 0x8001u})
        wrong += !narrows_alike(std::bit_cast<float>(bits + near));
    }
    CHECK(wrong == 0);
  }
}
