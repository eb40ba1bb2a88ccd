// SPDX-License-Identifier: Apache-2.0
// The plan against the interpreter.
#include <regex>

#include "sim/plan/kernel.h"
#include "tests/catch.h"
#include "tests/unit/sim/both_ways.h"

using namespace neuron;
using namespace neuron::sim;

TEST_CASE("random programs have what plans do together") {
  std::size_t shared = 0, behind_products = 0, chains = 0, images = 0, banded = 0, gates = 0;
  std::size_t copied = 0, copied_images = 0, finished = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const test::RandomProgram random(seed);
    std::vector<ByteView> constants(test::RandomProgram::kVariables);
    constants[test::RandomProgram::Constant] = random.data[test::RandomProgram::Constant];
    const auto loaded = REQUIRE_OK(load(random.program));
    const auto plan = REQUIRE_OK(make_plan(*loaded, constants));
    for (const Kernel& kernel : plan->kernels) {
      const auto then = kernel.what.find(", then ");
      const bool product = kernel.what.find("product") < then;
      shared += kernel.what.find("beside it") != std::string::npos;
      behind_products += product && kernel.what.find(", then ", then + 1) != std::string::npos;
      chains += !product && then != std::string::npos;
      images += kernel.what.starts_with("depthwise product");
      const bool without = kernel.what.find(" without copies") < then;
      copied += without && !kernel.what.starts_with("depthwise");
      copied_images += without && kernel.what.starts_with("depthwise");
      finished += kernel.what.find(" in tiles") != std::string::npos;
      banded += kernel.what.find("rows a column") != std::string::npos;
      static const std::regex gate(
          "(narrow |depthwise )?product.*(, then TENSOR_SCALAR, [0-9 a-z]+){3}, then "
          "TENSOR_TENSOR.*");
      gates += std::regex_match(kernel.what, gate);
    }
  }
  CHECK(shared > 0);
  CHECK(behind_products > 0);
  CHECK(chains > 0);
  CHECK(images > 0);
  CHECK(copied > 0);
  CHECK(finished > 0);
  CHECK(copied_images > 0);
  CHECK(banded > 0);
  CHECK(gates > 0);
}

TEST_CASE("random programs compute the same by plan and by interpreter") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    const auto difference = REQUIRE_OK(test::difference_of(seed));
    REQUIRE(difference == "");
  }
}
