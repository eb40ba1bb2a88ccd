// SPDX-License-Identifier: Apache-2.0
// --auto-cast: products of rounded operands, summed in float32. The reference rounds its operands
// to nearest, ties to even, as the types say, and sums in float64: so what is left of a difference
// is the sum's. A bfloat16 keeps 8 significant bits, so an operand just above a power of two may be
// 2^-8 away from its float32, and a product of two such 2^-7.
#include "base/numbers.h"
#include "sim/arithmetic.h"
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;
using compile::AutoCast;
using compile::CastType;

namespace {

struct Mode {
  const char* name;
  CastType type;
  DType rounded;  ///< Float32: to the upper half of a float32
};
constexpr Mode kModes[] = {{"bf16", CastType::Bf16, DType::BFloat16},
                           {"fp16", CastType::Fp16, DType::Float16},
                           {"tf32", CastType::Tf32, DType::Float32},
                           {"fp8_e4m3", CastType::Fp8E4m3, DType::Fp8E4}};

std::vector<float> rounded(std::vector<float> values, DType type) {
  if (type == DType::Float32) {
    for (float& v : values) v = sim::high_half(v);
    return values;
  }
  Bytes bytes(values.size() * size_of(type));
  from_floats(values, type, bytes);
  to_floats(bytes, type, values);
  return values;
}

/// [m, k] by [k, n].
std::vector<float> product(const std::vector<float>& a, const std::vector<float>& b, int m, int k,
                           int n) {
  std::vector<float> out;
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int l = 0; l < k; ++l) sum += static_cast<double>(a[i * k + l]) * b[l * n + j];
      out.push_back(static_cast<float>(sum));
    }
  return out;
}

/// 3 x 3 taps with a border of one, stride 1.
std::vector<float> convolution(const std::vector<float>& x, const std::vector<float>& w, int cin,
                               int cout, int side) {
  std::vector<float> out;
  for (int o = 0; o < cout; ++o)
    for (int y = 0; y < side; ++y)
      for (int c = 0; c < side; ++c) {
        double sum = 0;
        for (int i = 0; i < cin; ++i)
          for (int ky = 0; ky < 3; ++ky)
            for (int kx = 0; kx < 3; ++kx) {
              const int py = y + ky - 1, px = c + kx - 1;
              if (py < 0 || px < 0 || py >= side || px >= side) continue;
              sum += static_cast<double>(x[(i * side + py) * side + px]) *
                     w[((o * cin + i) * 3 + ky) * 3 + kx];
            }
        out.push_back(static_cast<float>(sum));
      }
  return out;
}

}  // namespace

TEST_CASE("products of rounded operands equal those of a reference that rounds") {
  for (const Mode& mode : kModes)
    for (const char* target : {"trn1", "trn2"})
      for (const bool constant : {true, false}) {
        CAPTURE(mode.name, target, constant);
        Builder b;
        const Tensor x = noise({37, 200}, 1), w = noise({200, 70}, 2);
        const ValueId left = b.input(x), right = constant ? b.constant(w) : b.input(w);
        const ValueId y = b.node("MatMul", {left, right}, {37, 70});
        check(b, y,
              product(rounded(floats_of(x), mode.rounded), rounded(floats_of(w), mode.rounded), 37,
                      200, 70),
              target, 1e-5, {AutoCast::Matmult, mode.type});
      }
}

TEST_CASE("a bfloat16 product differs from the float32 one by its rounding, and no more") {
  Builder b;
  const Tensor x = noise({16, 1}, 3, 1, 2), w = noise({1, 16}, 4, 1, 2);
  const ValueId y = b.node("MatMul", {b.input(x), b.constant(w)}, {16, 16});
  b.graph.outputs = {y};
  const auto package = REQUIRE_OK(lower(b.graph, "trn2", {AutoCast::Matmult, CastType::Bf16}));
  const auto got = floats_of(REQUIRE_OK(execute(package, b.data))[0]);
  const auto exact = product(floats_of(x), floats_of(w), 16, 1, 16);
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i)
    worst = std::max(worst, std::fabs(got[i] / static_cast<double>(exact[i]) - 1));
  CHECK(worst > 1.0 / 4096);  // it does round
  CHECK(worst < 1.01 / 128);  // 2^-8 for each of two operands
}

TEST_CASE("convolutions of rounded operands equal those of a reference that rounds") {
  for (const Mode& mode : kModes)
    for (const char* target : {"trn1", "trn2"}) {
      CAPTURE(mode.name, target);
      // Two in a row: what lies between them stays on chip, rounded when only products read it.
      const int cin = 20, middle = 150, cout = 30, side = 9;
      Builder b;
      const Tensor x = noise({1, cin, side, side}, 1), w = noise({middle, cin, 3, 3}, 2),
                   v = noise({cout, middle, 3, 3}, 3);
      const std::map<std::string, compile::Attribute> attributes{
          {"strides", std::vector<std::int64_t>{1, 1}},
          {"pads", std::vector<std::int64_t>{1, 1, 1, 1}},
          {"dilations", std::vector<std::int64_t>{1, 1}},
          {"group", std::int64_t{1}}};
      const ValueId h =
          b.node("Conv", {b.input(x), b.constant(w)}, {1, middle, side, side}, attributes);
      const ValueId y = b.node("Conv", {h, b.constant(v)}, {1, cout, side, side}, attributes);
      const auto first = convolution(rounded(floats_of(x), mode.rounded),
                                     rounded(floats_of(w), mode.rounded), cin, middle, side);
      // The value between may fall on the other side of a tie: a last bit of the rounded type.
      const double tolerance = mode.type == CastType::Fp8E4m3 ? 3e-2 : 2e-3;
      check(b, y,
            convolution(rounded(first, mode.rounded), rounded(floats_of(v), mode.rounded), middle,
                        cout, side),
            target, tolerance, {AutoCast::Matmult, mode.type});
    }
}

TEST_CASE("weights that are packed for long runs give the same products, in batches, too") {
  for (const Mode& mode : kModes)
    for (const char* target : {"trn1", "trn2"}) {
      CAPTURE(mode.name, target);
      Builder one;
      const Tensor x = noise({37, 384}, 1), w = noise({384, 600}, 2);
      const ValueId y = one.node("MatMul", {one.input(x), one.constant(w)}, {37, 600});
      check(one, y,
            product(rounded(floats_of(x), mode.rounded), rounded(floats_of(w), mode.rounded), 37,
                    384, 600),
            target, 1e-5, {AutoCast::Matmult, mode.type});
      Builder two;
      const Tensor a = noise({2, 5, 256}, 3), b = noise({2, 256, 30}, 4);
      const ValueId z = two.node("MatMul", {two.input(a), two.constant(b)}, {2, 5, 30});
      std::vector<float> expected;
      const auto left = rounded(floats_of(a), mode.rounded),
                 right = rounded(floats_of(b), mode.rounded);
      for (int i = 0; i < 2; ++i) {
        const auto part =
            product({left.begin() + i * 1280, left.begin() + (i + 1) * 1280},
                    {right.begin() + i * 7680, right.begin() + (i + 1) * 7680}, 5, 256, 30);
        expected.insert(expected.end(), part.begin(), part.end());
      }
      check(two, z, expected, target, 1e-5, {AutoCast::Matmult, mode.type});
    }
}

TEST_CASE("rows of a table are found exactly, and rounded only with 'all'") {
  // Two groups of 512 rows, 128 and 23 more; columns beyond four banks.
  const int rows = 1175, columns = 2100;
  const Tensor table = noise({rows, columns}, 1);
  Tensor index{DType::Int64, {7}, Bytes(7 * 8)};
  const std::int64_t picks[] = {0, 511, 512, 1023, 1024, 1174, -2};
  for (std::size_t i = 0; i < 7; ++i) store(std::span(index.bytes), i * 8, picks[i]);
  for (const AutoCast cast : {AutoCast::None, AutoCast::Matmult, AutoCast::All})
    for (const char* target : {"trn1", "trn2"}) {
      CAPTURE(static_cast<int>(cast), target);
      auto values = floats_of(table);
      if (cast == AutoCast::All) values = rounded(values, DType::BFloat16);
      std::vector<float> expected;
      for (const std::int64_t pick : picks) {
        const auto at = values.begin() + (pick < 0 ? pick + rows : pick) * columns;
        expected.insert(expected.end(), at, at + columns);
      }
      Builder b;
      const ValueId y = b.node("Gather", {b.constant(table), b.input(index)}, {7, columns},
                               {{"axis", std::int64_t{0}}});
      check(b, y, expected, target, 0, {cast, CastType::Bf16});
    }
}

TEST_CASE("a rounded value whose float32 would not fit goes through HBM to who wants float32") {
  // 150 x 150 elements: 45 kB of a partition in two bytes each, 90 kB of the 64 that one value may
  // have in float32. Few channels are stacked from float32; the slice is of float32, too.
  const int side = 150;
  for (const Mode& mode : kModes) {
    CAPTURE(mode.name);
    Builder b;
    const Tensor x = noise({1, 2, side, side}, 1), w = noise({3, 2, 3, 3}, 2),
                 v = noise({2, 3, 3, 3}, 3);
    const std::map<std::string, compile::Attribute> attributes{
        {"strides", std::vector<std::int64_t>{1, 1}},
        {"pads", std::vector<std::int64_t>{1, 1, 1, 1}},
        {"dilations", std::vector<std::int64_t>{1, 1}},
        {"group", std::int64_t{1}}};
    const ValueId h = b.node("Conv", {b.input(x), b.constant(w)}, {1, 3, side, side}, attributes);
    const ValueId y = b.node("Conv", {h, b.constant(v)}, {1, 2, side, side}, attributes);
    const auto first = convolution(rounded(floats_of(x), mode.rounded),
                                   rounded(floats_of(w), mode.rounded), 2, 3, side);
    const double tolerance = mode.type == CastType::Fp8E4m3 ? 6e-2 : 4e-3;
    check(
        b, y,
        convolution(rounded(first, mode.rounded), rounded(floats_of(v), mode.rounded), 3, 2, side),
        "trn2", tolerance, {AutoCast::Matmult, mode.type});
  }
}

TEST_CASE("a package of rounded weights keeps the float32 interface and halves its weights") {
  Builder b;
  const ValueId y =
      b.node("MatMul", {b.input(noise({8, 256}, 1)), b.constant(noise({256, 512}, 2))}, {8, 512});
  b.graph.outputs = {y};
  const auto bytes = [&](Cast cast) {
    const auto package = REQUIRE_OK(lower(b.graph, "trn2", cast));
    const auto model = REQUIRE_OK(neff::model_of(package));
    CHECK(model.nodes.back().outputs[0].type == DType::Float32);
    std::uint64_t sum = 0;
    for (const neff::Variable& v : model.subgraphs[0].variables)
      if (v.kind == neff::VariableKind::File && v.name.starts_with("matrix")) sum += v.size;
    return sum;
  };
  CHECK(bytes({AutoCast::Matmult, CastType::Bf16}) == 256 * 512 * 2);
  CHECK(bytes({AutoCast::Matmult, CastType::Fp8E4m3}) == 256 * 512);
}

TEST_CASE("with 'all' what stays on chip is rounded, too") {
  const int side = 8, channels = 16;
  Builder b;
  const Tensor x = noise({1, channels, side, side}, 1), w = noise({channels, channels, 1, 1}, 2);
  const std::map<std::string, compile::Attribute> attributes{
      {"strides", std::vector<std::int64_t>{1, 1}},
      {"pads", std::vector<std::int64_t>{0, 0, 0, 0}},
      {"dilations", std::vector<std::int64_t>{1, 1}},
      {"group", std::int64_t{1}}};
  const Shape shape{1, channels, side, side};
  const ValueId h = b.node("Conv", {b.input(x), b.constant(w)}, shape, attributes);
  const ValueId g =
      b.node("Conv", {h, b.constant(noise({channels, channels, 1, 1}, 5))}, shape, attributes);
  b.graph.outputs = {b.node("Add", {h, g}, shape)};
  const auto values = [&](AutoCast cast) {
    const auto package = REQUIRE_OK(lower(b.graph, "trn2", {cast, CastType::Bf16}));
    return floats_of(REQUIRE_OK(execute(package, b.data))[0]);
  };
  const auto all = values(AutoCast::All), products = values(AutoCast::Matmult);
  CHECK(all == rounded(all, DType::BFloat16));
  CHECK(products != rounded(products, DType::BFloat16));
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(all[i] == Approx(products[i]).epsilon(0.02).margin(0.05));
}
