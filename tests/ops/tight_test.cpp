// SPDX-License-Identifier: Apache-2.0
// Nodes whose values fill SBUF: they go by HBM, part after part.
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

TEST_CASE("a node whose operands and result leave no room goes by HBM") {
  constexpr std::int64_t kChannels = 128, kSide = 128;  // 64 KiB a partition: a third of SBUF
  const Shape shape{1, kChannels, kSide, kSide};
  Builder b;
  const Tensor x = noise(shape, 1), one = noise({1, kChannels, 1, 1}, 2),
               two = noise({1, kChannels, 1, 1}, 3);
  const ValueId in = b.input(x);
  const ValueId left = b.node("Mul", {in, b.constant(one)}, shape);
  const ValueId right = b.node("Add", {in, b.constant(two)}, shape);
  const ValueId out = b.node("Mul", {left, right}, shape);
  std::vector<float> expected = floats_of(x);
  const std::vector<float> scale = floats_of(one), shift = floats_of(two);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const std::size_t channel = i / (kSide * kSide);
    expected[i] = expected[i] * scale[channel] * (expected[i] + shift[channel]);
  }
  check(b, out, expected, "inf2");
}
