// SPDX-License-Identifier: Apache-2.0
#include "sim/functions.h"

#include <algorithm>

#include "tests/catch.h"

using namespace neuron::sim;

namespace {

double units_off(float got, double exact) {
  const auto nearest = static_cast<float>(exact);
  if (got == nearest) return 0;
  const double unit = std::nextafter(std::fabs(nearest), INFINITY) - std::fabs(nearest);
  return std::abs(static_cast<double>(got) - exact) / unit;
}

}  // namespace

TEST_CASE("functions without the C library stay within what they promise") {
  double exp_off = 0, tanh_off = 0, erf_off = 0;
  for (std::uint32_t bits = 0; bits < 0xffffffff - 99991; bits += 99991) {
    const float x = std::bit_cast<float>(bits);
    if (!(std::fabs(x) < 104)) continue;
    exp_off = std::max(exp_off, units_off(exp_of(x), std::exp(double{x})));
    tanh_off = std::max(tanh_off, units_off(tanh_of(x), std::tanh(double{x})));
    erf_off = std::max(erf_off, std::abs(erf_of(x) - std::erf(double{x})));
  }
  CHECK(exp_off < 1.5);
  CHECK(tanh_off < 3);
  CHECK(erf_off < 1.5e-7);
  CHECK(exp_of(INFINITY) == INFINITY);
  CHECK(exp_of(-INFINITY) == 0);
  CHECK(std::isnan(exp_of(NAN)));
  CHECK(std::isnan(tanh_of(NAN)));
  CHECK(std::isnan(erf_of(NAN)));
  CHECK(tanh_of(-INFINITY) == -1);
  CHECK(erf_of(-INFINITY) == -1);
  CHECK(std::signbit(tanh_of(-0.0f)));
  CHECK(std::signbit(erf_of(-0.0f)));
}
