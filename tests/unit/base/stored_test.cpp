// SPDX-License-Identifier: Apache-2.0
// Element types that models store and no instruction has: every code, and how numbers become codes.
#include "base/stored.h"

#include <cmath>

#include "base/numbers.h"
#include "tests/catch.h"

using namespace neuron;

namespace {

std::uint8_t code_of(DType type, float value) {
  std::byte byte{};
  store_float({&byte, 1}, 0, type, value);
  return static_cast<std::uint8_t>(byte);
}
float value_of(DType type, std::uint8_t code) {
  const std::byte byte{code};
  return load_as_float({&byte, 1}, 0, type);
}

constexpr DType kFloats[] = {stored::Fp8E4M3Fn, stored::Fp8E4M3Fnuz, stored::Fp8E5M2Fnuz,
                             stored::Fp8E8M0, stored::Fp4E2M1};

}  // namespace

TEST_CASE("every code of a stored float gives itself back, and numbers between go to the nearest") {
  for (const DType type : kFloats) {
    const unsigned codes = 1u << stored::bits_of(type);
    for (unsigned code = 0; code < codes; ++code) {
      INFO(name_of(type) << " " << code);
      const float value = value_of(type, static_cast<std::uint8_t>(code));
      if (std::isnan(value)) continue;
      CHECK(code_of(type, value) == code);
      const float next = value_of(type, static_cast<std::uint8_t>(code + 1));
      if (code + 1 == codes || std::isnan(next) || !(std::fabs(next) > std::fabs(value))) continue;
      CHECK(code_of(type, value + (next - value) * 0.25f) == code);
      CHECK(code_of(type, value + (next - value) * 0.75f) == code + 1);
      CHECK(code_of(type, value + (next - value) * 0.5f) == code + code % 2);  // ties to even
    }
  }
}

TEST_CASE("stored floats end where their definitions say") {
  CHECK(value_of(stored::Fp8E4M3Fn, 0x7e) == 448);
  CHECK(value_of(stored::Fp8E4M3Fnuz, 0x7f) == 240);
  CHECK(value_of(stored::Fp8E5M2Fnuz, 0x7f) == 57344);
  CHECK(value_of(stored::Fp8E8M0, 0) == std::ldexp(1.0f, -127));
  CHECK(value_of(stored::Fp4E2M1, 0x0f) == -6);
  CHECK(value_of(stored::Fp8E4M3Fn, 1) == std::ldexp(1.0f, -9));
  CHECK(value_of(stored::Fp8E4M3Fnuz, 1) == std::ldexp(1.0f, -10));
  CHECK(code_of(stored::Fp8E4M3Fn, 464) == 0x7e);
  CHECK(code_of(stored::Fp8E4M3Fn, 465) == 0x7f);
  CHECK(code_of(stored::Fp8E4M3Fnuz, HUGE_VALF) == 0x80);
  CHECK(code_of(stored::Fp8E4M3Fnuz, -0.0f) == 0);
  CHECK(code_of(stored::Fp8E4M3Fn, -0.0f) == 0x80);
  CHECK(code_of(stored::Fp4E2M1, 100) == 7);
  CHECK(std::isnan(value_of(stored::Fp8E8M0, code_of(stored::Fp8E8M0, NAN))));
}

TEST_CASE("packed integers saturate, and keep their sign in a byte") {
  CHECK(code_of(stored::Int4, 9) == 7);
  CHECK(value_of(stored::Int4, code_of(stored::Int4, -9)) == -8);
  CHECK(code_of(stored::UInt4, 16) == 15);
  CHECK(code_of(stored::UInt4, -1) == 0);
  CHECK(value_of(stored::Int2, code_of(stored::Int2, -2.5f)) == -2);
  CHECK(code_of(stored::UInt2, 7) == 3);
  CHECK(dtype_named("int4") == stored::Int4);
  CHECK(size_of(stored::Int4) == 1);
  CHECK(stored::bits_of(DType::Float16) == 16);
}
