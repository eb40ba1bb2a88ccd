// SPDX-License-Identifier: Apache-2.0
// The plan against the interpreter.
#include "tests/catch.h"
#include "tests/unit/sim/both_ways.h"

using namespace neuron;
using namespace neuron::sim;

TEST_CASE("random programs compute the same by plan and by interpreter") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const auto difference = REQUIRE_OK(test::difference_of(seed));
    REQUIRE(difference == "");
  }
}
