// SPDX-License-Identifier: Apache-2.0
// Operators at random shapes against their definitions in plain loops.
#include "compile/attributes.h"
#include "tests/ops/harness.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::test;

namespace {

using Ints = std::vector<std::int64_t>;
using Attributes = std::map<std::string, compile::Attribute>;

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  std::int64_t roll(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  unsigned seed() { return static_cast<unsigned>(roll(1, 1 << 20)); }

 private:
  std::mt19937 random_;
};

/// Compares with tests/unit/compile/reference.h.
void compare(Builder b, ValueId out, const char* target, double tolerance = 2e-5) {
  b.graph.outputs = {out};
  std::map<std::string, Tensor> inputs;
  for (std::size_t i = 0; i < b.data.size(); ++i)
    inputs[b.graph.value(b.graph.inputs[i]).name] = b.data[i];
  const auto expected = REQUIRE_OK(reference::run(b.graph, inputs));
  check(b, out, floats_of(expected.at(b.graph.value(out).name)), target, tolerance);
}

const char* target_of(Dice& dice) {
  const char* targets[] = {"trn1", "inf2", "trn2"};
  return targets[dice.roll(0, 2)];
}

std::int64_t positions(std::int64_t in, std::int64_t k, std::int64_t d, std::int64_t s,
                       std::int64_t pads) {
  return (in + pads - d * (k - 1) - 1) / s + 1;
}

}  // namespace

TEST_CASE("convolutions of random shapes equal their definition") {
  Dice dice(7);
  for (int i = 0; i < 40; ++i) {
    const std::int64_t group = dice.roll(0, 2) == 0 ? dice.roll(1, 6) : 1;
    const std::int64_t in_group = dice.roll(1, group == 1 ? 150 : 30), out_group = dice.roll(1, 40);
    const std::int64_t kh = dice.roll(1, 5), kw = dice.roll(1, 5), s = dice.roll(1, 3),
                       d = dice.roll(1, 2), n = dice.roll(1, 2);
    const std::int64_t h = dice.roll(d * (kh - 1) + 1, 30), w = dice.roll(d * (kw - 1) + 1, 40);
    const Ints pads{dice.roll(0, 3), dice.roll(0, 3), dice.roll(0, 3), dice.roll(0, 3)};
    const Shape x{n, group * in_group, h, w}, weights{group * out_group, in_group, kh, kw};
    const Shape y{n, weights[0], positions(h, kh, d, s, pads[0] + pads[2]),
                  positions(w, kw, d, s, pads[1] + pads[3])};
    CAPTURE(i, text_of(x), text_of(weights), text_of(y), group, s, d, pads);
    Builder b;
    const Tensor kernel = noise(weights, dice.seed()), bias = noise({weights[0]}, dice.seed());
    const bool computed = group == 1 && dice.roll(0, 3) == 0;
    std::vector<ValueId> inputs{b.input(noise(x, dice.seed()))};
    inputs.push_back(computed ? b.input(kernel) : b.constant(kernel));
    if (dice.roll(0, 1)) inputs.push_back(computed ? b.input(bias) : b.constant(bias));
    Attributes a{
        {"strides", Ints{s, s}}, {"dilations", Ints{d, d}}, {"pads", pads}, {"group", group}};
    if (dice.roll(0, 1)) a["activation"] = std::string("Relu");
    const ValueId out = b.node("Conv", inputs, y, a);
    compare(b, out, target_of(dice));
  }
}

TEST_CASE("large images with few channels are stacked and equal their definition") {
  Dice dice(8);
  for (int i = 0; i < 12; ++i) {
    const std::int64_t c = dice.roll(1, 24), k = dice.roll(2, 5), s = dice.roll(1, 2);
    const std::int64_t h = dice.roll(60, 90), w = dice.roll(60, 120);
    const Ints pads{dice.roll(0, 2), dice.roll(0, 2), dice.roll(0, 2), dice.roll(0, 2)};
    const bool groups = c > 1 && dice.roll(0, 1);
    const Shape x{1, c, h, w}, weights{groups ? c : dice.roll(1, 140), groups ? 1 : c, k, k};
    const Shape y{1, weights[0], positions(h, k, 1, s, pads[0] + pads[2]),
                  positions(w, k, 1, s, pads[1] + pads[3])};
    CAPTURE(i, text_of(x), text_of(weights), text_of(y), s, pads);
    Builder b;
    const ValueId in = b.input(noise(x, dice.seed()));
    // Half of them read an image that is on chip already.
    const ValueId from = dice.roll(0, 1)
                             ? b.node("Conv", {in, b.constant(noise({c, c, 1, 1}, 3))}, x,
                                      {{"strides", Ints{1, 1}},
                                       {"dilations", Ints{1, 1}},
                                       {"pads", Ints{0, 0, 0, 0}},
                                       {"group", std::int64_t{1}}})
                             : in;
    const ValueId out = b.node("Conv", {from, b.constant(noise(weights, dice.seed()))}, y,
                               {{"strides", Ints{s, s}},
                                {"dilations", Ints{1, 1}},
                                {"pads", pads},
                                {"group", groups ? c : std::int64_t{1}}});
    compare(b, out, target_of(dice));
  }
}

TEST_CASE("pools of random shapes equal their definition") {
  Dice dice(9);
  for (int i = 0; i < 30; ++i) {
    const std::int64_t kh = dice.roll(1, 4), kw = dice.roll(1, 4), s = dice.roll(1, 3);
    const Ints pads{dice.roll(0, kh - 1), dice.roll(0, kw - 1), dice.roll(0, kh - 1),
                    dice.roll(0, kw - 1)};
    const Shape x{dice.roll(1, 2), dice.roll(1, 140), dice.roll(kh, 40), dice.roll(kw, 40)};
    const Shape y{x[0], x[1], positions(x[2], kh, 1, s, pads[0] + pads[2]),
                  positions(x[3], kw, 1, s, pads[1] + pads[3])};
    const bool average = dice.roll(0, 1);
    CAPTURE(i, text_of(x), kh, kw, s, pads, average);
    // The last window must see a pixel.
    if ((y[2] - 1) * s - pads[0] >= x[2] || (y[3] - 1) * s - pads[1] >= x[3]) continue;
    Builder b;
    const ValueId out =
        b.node(average ? "AveragePool" : "MaxPool", {b.input(noise(x, dice.seed()))}, y,
               {{"kernel_shape", Ints{kh, kw}},
                {"strides", Ints{s, s}},
                {"dilations", Ints{1, 1}},
                {"pads", pads},
                {"count_include_pad", dice.roll(0, 1)}});
    compare(b, out, target_of(dice));
  }
}

TEST_CASE("products, softmaxes and reductions of random shapes equal their definition") {
  Dice dice(10);
  for (int i = 0; i < 20; ++i) {
    const std::int64_t m = dice.roll(1, i == 0 ? 700 : 300), n = dice.roll(1, 700);
    const std::int64_t k = dice.roll(1, i % 10 == 0 ? 5000 : 300);
    CAPTURE(i, m, k, n);
    Builder b;
    const std::int64_t turn_a = dice.roll(0, 1), turn_b = dice.roll(0, 1);
    const ValueId x = b.input(noise(turn_a ? Shape{k, m} : Shape{m, k}, dice.seed()));
    const Tensor w = noise(turn_b ? Shape{n, k} : Shape{k, n}, dice.seed());
    const ValueId c = b.constant(noise(dice.roll(0, 1) ? Shape{n} : Shape{m, 1}, dice.seed()));
    const ValueId out =
        b.node("Gemm", {x, dice.roll(0, 1) ? b.input(w) : b.constant(w), c}, {m, n},
               {{"transA", turn_a}, {"transB", turn_b}, {"alpha", 0.5f}, {"beta", 2.0f}});
    compare(b, out, target_of(dice));
  }
  for (int i = 0; i < 20; ++i) {
    const Shape x{dice.roll(1, 5), dice.roll(1, 200), dice.roll(1, 200)};
    const std::int64_t axis = dice.roll(0, 2);
    CAPTURE(i, text_of(x), axis);
    Builder b;
    const ValueId in = b.input(noise(x, dice.seed(), -4, 4));
    Shape y = x;
    y[static_cast<std::size_t>(axis)] = 1;
    const char* ops[] = {"Softmax", "LogSoftmax", "ReduceMean"};
    const std::string op = ops[i % 3];
    Attributes a{{"axis", axis}};
    if (op == "ReduceMean") a = {{"axes", Ints{axis}}, {"keepdims", std::int64_t{1}}};
    const ValueId out = b.node(op, {in}, op == "ReduceMean" ? y : x, a);
    compare(b, out, target_of(dice));
  }
}

TEST_CASE("a long sum goes on while parts of a computed matrix are turned") {
  Builder b;
  const ValueId x = b.input(noise({300, 6500}, 1)), w = b.input(noise({600, 6500}, 2));
  const ValueId out = b.node(
      "Gemm", {x, w}, {300, 600},
      {{"transA", std::int64_t{0}}, {"transB", std::int64_t{1}}, {"alpha", 1.0f}, {"beta", 1.0f}});
  compare(b, out, "trn2");
}

TEST_CASE("feature maps that do not fit together move to HBM and come back") {
  // Eight values of 57 KiB a partition that are all needed at the end.
  Builder b;
  const Shape shape{1, 8, 120, 120};
  const ValueId in = b.input(noise(shape, 1));
  std::vector<ValueId> all;
  const Attributes a{{"strides", Ints{1, 1}},
                     {"dilations", Ints{1, 1}},
                     {"pads", Ints{0, 0, 0, 0}},
                     {"group", std::int64_t{1}}};
  for (unsigned i = 0; i < 8; ++i)
    all.push_back(b.node("Conv", {in, b.constant(noise({8, 8, 1, 1}, i + 2))}, shape, a));
  ValueId sum = all[0];
  for (std::size_t i = 1; i < all.size(); ++i) sum = b.node("Add", {sum, all[i]}, shape);
  compare(b, sum, "trn1");
}

TEST_CASE("transposed convolutions of random shapes equal their definition") {
  Dice dice(11);
  for (int i = 0; i < 20; ++i) {
    const std::int64_t group = dice.roll(1, 3), in_group = dice.roll(1, 60),
                       out_group = dice.roll(1, 60);
    const std::int64_t kh = dice.roll(1, 4), kw = dice.roll(1, 4), s = dice.roll(1, 3),
                       d = dice.roll(1, 2);
    const Ints pads{dice.roll(0, 1), dice.roll(0, 1), dice.roll(0, 1), dice.roll(0, 1)};
    const Shape x{dice.roll(1, 2), group * in_group, dice.roll(3, 20), dice.roll(3, 20)};
    const Shape weights{x[1], out_group, kh, kw};
    const Shape y{x[0], group * out_group, s * (x[2] - 1) + d * (kh - 1) + 1 - pads[0] - pads[2],
                  s * (x[3] - 1) + d * (kw - 1) + 1 - pads[1] - pads[3]};
    CAPTURE(i, text_of(x), text_of(weights), text_of(y), group, s, d, pads);
    Builder b;
    const ValueId out =
        b.node("ConvTranspose",
               {b.input(noise(x, dice.seed())), b.constant(noise(weights, dice.seed())),
                b.constant(noise({y[1]}, dice.seed()))},
               y,
               {{"strides", Ints{s, s}},
                {"dilations", Ints{d, d}},
                {"pads", pads},
                {"output_padding", Ints{0, 0}},
                {"group", group}});
    compare(b, out, target_of(dice));
  }
}
