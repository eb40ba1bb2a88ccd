// SPDX-License-Identifier: Apache-2.0
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

struct ConvCase {
  std::int64_t n, cin, h, w, cout, kh, kw, stride, pad, dilation, group;
  bool bias, relu;
};

std::int64_t out_size(std::int64_t in, std::int64_t k, const ConvCase& c) {
  return (in + 2 * c.pad - (k - 1) * c.dilation - 1) / c.stride + 1;
}

std::vector<float> reference(const ConvCase& c, const std::vector<float>& x,
                             const std::vector<float>& w, const std::vector<float>& b) {
  const std::int64_t oh = out_size(c.h, c.kh, c), ow = out_size(c.w, c.kw, c);
  const std::int64_t gi = c.cin / c.group, go = c.cout / c.group;
  std::vector<float> y;
  for (std::int64_t n = 0; n < c.n; ++n)
    for (std::int64_t o = 0; o < c.cout; ++o)
      for (std::int64_t i = 0; i < oh; ++i)
        for (std::int64_t j = 0; j < ow; ++j) {
          double sum = c.bias ? b[o] : 0;
          for (std::int64_t ci = 0; ci < gi; ++ci)
            for (std::int64_t ky = 0; ky < c.kh; ++ky)
              for (std::int64_t kx = 0; kx < c.kw; ++kx) {
                const std::int64_t py = i * c.stride + ky * c.dilation - c.pad;
                const std::int64_t px = j * c.stride + kx * c.dilation - c.pad;
                if (py < 0 || px < 0 || py >= c.h || px >= c.w) continue;
                const std::int64_t channel = o / go * gi + ci;
                sum += static_cast<double>(x[((n * c.cin + channel) * c.h + py) * c.w + px]) *
                       w[((o * gi + ci) * c.kh + ky) * c.kw + kx];
              }
          y.push_back(static_cast<float>(c.relu ? std::max(sum, 0.0) : sum));
        }
  return y;
}

void conv(const ConvCase& c, const char* target) {
  Builder b;
  const Tensor x = noise({c.n, c.cin, c.h, c.w}, 1), bias = noise({c.cout}, 3);
  const Tensor w = noise({c.cout, c.cin / c.group, c.kh, c.kw}, 2);
  using Ints = std::vector<std::int64_t>;
  std::map<std::string, compile::Attribute> attributes{{"strides", Ints{c.stride, c.stride}},
                                                       {"pads", Ints{c.pad, c.pad, c.pad, c.pad}},
                                                       {"dilations", Ints{c.dilation, c.dilation}},
                                                       {"group", c.group}};
  if (c.relu) attributes["activation"] = std::string("Relu");
  std::vector<ValueId> inputs{b.input(x), b.constant(w)};
  if (c.bias) inputs.push_back(b.constant(bias));
  const ValueId y = b.node(
      "Conv", inputs, {c.n, c.cout, out_size(c.h, c.kh, c), out_size(c.w, c.kw, c)}, attributes);
  check(b, y, reference(c, floats_of(x), floats_of(w), floats_of(bias)), target);
}

}  // namespace

TEST_CASE("a matrix product equals its definition on every generation") {
  for (const char* target : {"inf1", "trn1", "inf2", "trn2"}) {
    Builder b;
    const Tensor x = noise({37, 200}, 1), w = noise({200, 70}, 2);
    const ValueId y = b.node("MatMul", {b.input(x), b.constant(w)}, {37, 70});
    const std::vector<float> xs = floats_of(x), ws = floats_of(w);
    std::vector<float> expected;
    for (int i = 0; i < 37; ++i)
      for (int j = 0; j < 70; ++j) {
        double sum = 0;
        for (int k = 0; k < 200; ++k) sum += static_cast<double>(xs[i * 200 + k]) * ws[k * 70 + j];
        expected.push_back(static_cast<float>(sum));
      }
    check(b, y, expected, target);
  }
}

TEST_CASE("elements of any count and of broadcast shapes are added") {
  struct Case {
    Shape a, b, out;
  };
  const Case cases[] = {{{1000}, {1000}, {1000}},
                        {{5}, {5}, {5}},
                        {{3, 50, 7}, {7}, {3, 50, 7}},
                        {{2, 3, 4, 5}, {3, 1, 5}, {2, 3, 4, 5}},
                        {{4, 1, 6}, {1, 300, 1}, {4, 300, 6}},
                        {{70000}, {1}, {70000}}};
  for (const Case& c : cases) {
    Builder b;
    const Tensor x = noise(c.a, 1), w = noise(c.b, 2);
    const ValueId y = b.node("Add", {b.input(x), b.input(w)}, c.out);
    std::vector<float> expected;
    const std::vector<float> xs = floats_of(x), ws = floats_of(w);
    const auto at = [](const Shape& s, const Shape& out, std::int64_t index) {
      std::int64_t offset = 0, step = 1;
      for (std::size_t back = 1; back <= out.size(); ++back) {
        const std::int64_t i = index % out[out.size() - back];
        index /= out[out.size() - back];
        const std::int64_t n = back <= s.size() ? s[s.size() - back] : 1;
        offset += n == 1 ? 0 : i * step;
        step *= n;
      }
      return static_cast<std::size_t>(offset);
    };
    for (std::int64_t i = 0; i < count_of(c.out); ++i)
      expected.push_back(xs[at(c.a, c.out, i)] + ws[at(c.b, c.out, i)]);
    check(b, y, expected, "trn2", 1e-7);
  }
}

TEST_CASE("convolutions equal their definition") {
  const ConvCase cases[] = {
      {1, 1, 28, 28, 8, 3, 3, 1, 1, 1, 1, true, true},
      {1, 8, 14, 14, 16, 3, 3, 1, 1, 1, 1, true, false},
      {2, 3, 33, 41, 20, 3, 3, 2, 1, 1, 1, false, true},
      {1, 130, 9, 10, 140, 1, 1, 1, 0, 1, 1, true, true},
      {1, 4, 20, 20, 6, 5, 5, 1, 2, 2, 1, true, false},
      {1, 32, 12, 12, 32, 3, 3, 1, 1, 1, 32, true, true},
      {1, 150, 7, 7, 150, 3, 3, 2, 1, 1, 150, true, true},
      {1, 12, 8, 9, 18, 3, 3, 1, 1, 1, 3, true, false},
      {1, 3, 6, 600, 5, 3, 3, 1, 1, 1, 1, true, true},
      {1, 2, 3, 3, 4, 3, 3, 1, 4, 1, 1, true, false},
      {1, 3, 240, 320, 16, 3, 3, 2, 1, 1, 1, true, true},
  };
  for (const ConvCase& c : cases) {
    CAPTURE(c.cin, c.h, c.w, c.cout, c.kh, c.stride, c.pad, c.group);
    conv(c, "trn2");
  }
  conv(cases[2], "trn1");
}
