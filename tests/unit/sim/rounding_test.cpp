// SPDX-License-Identifier: Apache-2.0
// Rounding at random: to one of the two neighbours, as often as each is nearer, and by the seed.
#include <cmath>
#include <set>

#include "sim/plan.h"
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

constexpr std::uint16_t kCount = 4096;
constexpr std::uint32_t kIn = 0, kOut = 0x8000;

/// A row of `value` as the core leaves it in `type`.
std::vector<float> rounded(float value, DType type, std::optional<std::uint64_t> seed,
                           bool by_plan = false) {
  Bench b;
  for (std::size_t i = 0; i < kCount; ++i) b.put(kIn, 0, i, DType::Float32, value);
  isa::cast c;
  c.src_type = DType::Float32;
  c.dst_type = type;
  c.partitions = 1;
  c.src = row(kIn, kCount);
  c.dst = row(kOut, kCount);
  b.add(isa::Engine::Vector, c);
  if (seed) b.core.round_at_random(*seed);
  auto loaded = REQUIRE_OK(load(b.program));
  auto plan = REQUIRE_OK(make_plan(*loaded));
  REQUIRE_OK(by_plan ? run(*plan, b.core, {}) : execute(*loaded, b.core, {}));
  std::vector<float> out;
  for (std::size_t i = 0; i < kCount; ++i) out.push_back(b.get(kOut, 0, i, type));
  return out;
}

double mean_of(const std::vector<float>& row) {
  double sum = 0;
  for (const float x : row) sum += x;
  return sum / static_cast<double>(row.size());
}

}  // namespace

TEST_CASE("rounding at random gives both neighbours, and the value in the mean") {
  struct Case {
    DType type;
    float value, below, above;
  };
  // Steps at 1: bfloat16 2^-7, float16 2^-10, float8e4 2^-3, float8e5 2^-2; e3 has 2^-4.
  constexpr Case kCases[] = {
      {DType::BFloat16, 1 + 0x1p-9f, 1, 1 + 0x1p-7f},
      {DType::BFloat16, -1 - 0x1p-8f, -1 - 0x1p-7f, -1},
      {DType::Float16, 1 + 0x1.8p-11f, 1, 1 + 0x1p-10f},
      {DType::Float16, 0x1.8p-25f, 0, 0x1p-24f},  // below the smallest
      {DType::Fp8E4, 1 + 0x1p-5f, 1, 1 + 0x1p-3f},
      {DType::Fp8E5, 1 + 0x1p-3f, 1, 1 + 0x1p-2f},
      {DType::Fp8E3, 1 + 0x1p-6f, 1, 1 + 0x1p-4f},
  };
  for (const Case& c : kCases) {
    CAPTURE(name_of(c.type), c.value);
    const auto row = rounded(c.value, c.type, 7);
    CHECK(std::set<float>(row.begin(), row.end()) == std::set<float>{c.below, c.above});
    const double step = double{c.above} - c.below;
    CHECK(mean_of(row) == Approx(c.value).margin(step * 0.03));  // 4 deviations of 4096 draws
  }
}

TEST_CASE("rounding at random follows its seed, and plans follow it, too") {
  const float value = 1 + 0x1p-8f;
  const auto one = rounded(value, DType::BFloat16, 1);
  CHECK(one == rounded(value, DType::BFloat16, 1));
  CHECK(one == rounded(value, DType::BFloat16, 1, true));
  CHECK(one != rounded(value, DType::BFloat16, 2));
  CHECK(rounded(value, DType::BFloat16, {}) == std::vector<float>(kCount, 1.0f));  // a tie, to even
}

TEST_CASE("what a type holds exactly is not changed by rounding at random") {
  CHECK(rounded(1.5f, DType::BFloat16, 3) == std::vector<float>(kCount, 1.5f));
  CHECK(rounded(-INFINITY, DType::Float16, 3) == std::vector<float>(kCount, -INFINITY));
  CHECK(std::isnan(rounded(NAN, DType::BFloat16, 3)[0]));
  CHECK(rounded(2.5f, DType::Int32, 3) == std::vector<float>(kCount, 2.0f));  // whole: to nearest
}
