// SPDX-License-Identifier: Apache-2.0
// LDWEIGHTS and MATMUL against a plain triple loop.
#include <chrono>
#include <cmath>
#include <limits>

#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;

namespace {

constexpr std::uint32_t kWeights = 0x0, kMoving = 0x1000, kPsum = isa::kPsumBase;

struct Sizes {
  std::uint8_t k, m;
  std::uint16_t n;
};

isa::ldweights weights_of(Sizes s, DType type, std::uint8_t mode = 0) {
  isa::ldweights w;
  // Backwards, as real programs do: the first streamed element is the last column.
  w.src = row(kWeights + static_cast<std::uint32_t>((s.m - 1) * size_of(type)), s.m, -1);
  w.src_type = type;
  w.fp32_mode = mode;
  w.rows = s.k;
  w.columns = s.m;
  w.row_groups = w.column_groups = 0xf;
  return w;
}

isa::matmul product_of(Sizes s, DType type, std::uint8_t acc_flags, std::uint8_t mode = 0) {
  isa::matmul p;
  p.src = row(kMoving, s.n);
  p.src_type = type;
  p.fp32_mode = mode;
  p.rows = s.k;
  p.columns = s.m;
  p.acc_flags = acc_flags;
  p.row_groups = p.column_groups = 0xf;
  p.dst = row(kPsum, s.n);
  return p;
}

void fill(Bench& b, Sizes s, DType type) {
  for (unsigned k = 0; k < s.k; ++k) {
    for (unsigned m = 0; m < s.m; ++m) b.put(kWeights, k, m, type, noise(k * 1000 + m));
    for (unsigned n = 0; n < s.n; ++n) b.put(kMoving, k, n, type, noise(k * 5000 + n + 777777));
  }
}

/// The largest difference to a product in doubles, as a part of the largest value.
double error_of(Bench& b, Sizes s, DType type) {
  double worst = 0, largest = 0;
  for (unsigned m = 0; m < s.m; ++m)
    for (unsigned n = 0; n < s.n; ++n) {
      double sum = 0;
      for (unsigned k = 0; k < s.k; ++k)
        sum += double{b.get(kWeights, k, m, type)} * b.get(kMoving, k, n, type);
      worst = std::max(worst, std::abs(sum - b.get(kPsum, m, n)));
      largest = std::max(largest, std::abs(sum));
    }
  return worst / largest;
}

}  // namespace

TEST_CASE("MATMUL multiplies in every dtype and shape of the array") {
  for (const DType type : {DType::Float16, DType::BFloat16, DType::Float32})
    for (const Sizes s : {Sizes{128, 128, 512}, Sizes{1, 1, 1}, Sizes{96, 17, 33}}) {
      Bench b;
      fill(b, s, type);
      b.add(Engine::Tensor, weights_of(s, type));
      b.add(Engine::Tensor, product_of(s, type, 3));
      REQUIRE_OK(b.run());
      CHECK(error_of(b, s, type) < 1e-6);
    }
}

TEST_CASE("float32 products of LOW and HIGH weights add up to the whole") {
  Bench b;
  const Sizes s{128, 128, 64};
  fill(b, s, DType::Float32);
  b.add(Engine::Tensor, weights_of(s, DType::Float32, 1));
  b.add(Engine::Tensor, product_of(s, DType::Float32, 1, 3));
  b.add(Engine::Tensor, weights_of(s, DType::Float32, 2));
  b.add(Engine::Tensor, product_of(s, DType::Float32, 2, 3));
  REQUIRE_OK(b.run());
  CHECK(error_of(b, s, DType::Float32) < 1e-6);
}

TEST_CASE("a HIGH pass holds 12 significant bits of both sides") {
  Bench b;
  const Sizes s{1, 1, 1};
  b.put(kWeights, 0, 0, DType::Float32, 1 + std::ldexp(1.0f, -11) + std::ldexp(1.0f, -20));
  b.put(kMoving, 0, 0, DType::Float32, 1 + std::ldexp(1.0f, -12));
  b.add(Engine::Tensor, weights_of(s, DType::Float32, 2));
  b.add(Engine::Tensor, product_of(s, DType::Float32, 3, 2));
  REQUIRE_OK(b.run());
  CHECK(b.get(kPsum, 0, 0) == 1 + std::ldexp(1.0f, -11));  // the tie of the moving side went down
}

TEST_CASE("products of a group accumulate, the first one overwrites") {
  Bench b;
  const Sizes s{32, 32, 16};
  fill(b, s, DType::Float32);
  b.put(kPsum, 0, 0, DType::Float32, 1e9f);
  b.add(Engine::Tensor, weights_of(s, DType::Float32));
  b.add(Engine::Tensor, product_of(s, DType::Float32, 3));
  REQUIRE_OK(b.run());
  const float once = b.get(kPsum, 0, 0);
  b.program.streams[0].resize(1);
  for (const std::uint8_t flags : {1, 0, 2})
    b.add(Engine::Tensor, product_of(s, DType::Float32, flags));
  REQUIRE_OK(b.run());
  CHECK(b.get(kPsum, 0, 0) == Approx(3 * once));
}

TEST_CASE("a transpose passes bits through in the dtype that came in") {
  for (const DType type : {DType::Float32, DType::BFloat16}) {
    Bench b;
    const Sizes s{64, 48, 64};
    fill(b, s, type);
    b.put(kWeights, 3, 5, type, std::numeric_limits<float>::infinity());
    for (unsigned k = 0; k < s.k; ++k)
      for (unsigned n = 0; n < s.n; ++n) b.put(kMoving, k, n, type, k == n);
    auto w = weights_of(s, type, type == DType::Float32);  // LOW, which a transpose ignores
    auto p = product_of(s, type, 3, type == DType::Float32 ? 3 : 0);
    w.transpose = p.transpose = 1;
    b.add(Engine::Tensor, w);
    b.add(Engine::Tensor, p);
    REQUIRE_OK(b.run());
    bool same = true;
    for (unsigned k = 0; k < s.k; ++k)
      for (unsigned m = 0; m < s.m; ++m)
        same = same && b.get(kPsum, m, k, type) == b.get(kWeights, k, m, type);
    CHECK(same);
  }
}

TEST_CASE("weights of one quadrant meet what streams through that quadrant") {
  Bench b;
  const Sizes s{32, 32, 8};
  auto w = weights_of(s, DType::Float32);
  auto p = product_of(s, DType::Float32, 3);
  w.src.start += 64 * isa::kPartitionStride;
  p.src.start += 64 * isa::kPartitionStride;
  w.row_groups = p.row_groups = w.column_groups = p.column_groups = 4;
  for (unsigned k = 0; k < 32; ++k) {
    b.put(kWeights, 64 + k, 0, DType::Float32, 1);
    b.put(kMoving, 64 + k, 0, DType::Float32, static_cast<float>(k));
  }
  b.add(Engine::Tensor, w);
  b.add(Engine::Tensor, p);
  REQUIRE_OK(b.run());
  CHECK(b.get(kPsum, 0, 0) == 31 * 16);
  CHECK(b.get(kPsum, 1, 0) == 0);
}

TEST_CASE("the speed of 128x128x512 products is measured", "[.bench]") {
  for (const DType type : {DType::Float32, DType::BFloat16, DType::Float16}) {
    Bench b;
    const Sizes s{128, 128, 512};
    fill(b, s, type);
    for (int i = 0; i < 500; ++i) {
      b.add(Engine::Tensor, weights_of(s, type));
      b.add(Engine::Tensor, product_of(s, type, 3));
    }
    auto loaded = REQUIRE_OK(load(b.program));
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE_OK(execute(*loaded, b.core, {}));
    const double s_all =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    fmt::print("{}: {:.1f} GFLOP/s, {:.0f} instructions/s\n", name_of(type),
               500 * 2.0 * 128 * 128 * 512 / s_all / 1e9, 1000 / s_all);
  }
}
