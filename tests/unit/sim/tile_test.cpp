// SPDX-License-Identifier: Apache-2.0
// The kernels of every kind of vectors that this host has, against those of plain C++.
#include "sim/plan/tile.h"

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

std::vector<float> whole_numbers(std::size_t count) {
  std::mt19937 random(7);
  std::vector<float> out(count);
  for (float& x : out) x = static_cast<float>(static_cast<int>(random() % 17) - 8);
  return out;
}
const std::byte* bytes_at(const std::vector<float>& values, std::size_t index) {
  return reinterpret_cast<const std::byte*>(values.data() + index);
}

/// Runs of every length and step that matter, one after the other in the panel.
std::vector<Piece> pieces_for_tests() {
  std::vector<Piece> pieces;
  std::uint16_t to = 0;
  std::int32_t from = 4;
  for (const std::int16_t step : {1, 2, 3, -1})
    for (const std::uint16_t count : {1, 2, 3, 5, 7, 8, 9, 14, 16, 23}) {
      const std::int32_t length = 4 * count * std::abs(step);
      pieces.push_back({step < 0 ? from + length : from, to, count, step});
      to = static_cast<std::uint16_t>(to + count + 1);
      from += length + 8;
    }
  return pieces;
}

}  // namespace

TEST_CASE("every kind of vectors moves rows alike") {
  constexpr std::size_t kRow = 2048, kRows = 3, kPanel = 512;
  const auto rows = whole_numbers(kRow * kRows);
  const auto pieces = pieces_for_tests();
  for (const Form form : {Form::Float32, Form::BFloat16, Form::Float16}) {
    const PackArguments p{form, bytes_at(rows, 0), kRow * 4, kRows, pieces.data(), pieces.size()};
    std::vector<float> expected(kPanel * kRows, -1);
    kPlainKernels.pack[static_cast<int>(form)](p, expected.data(), kPanel);
    std::vector<float> back(kRow * kRows, -2);
    if (form == Form::Float32)
      kPlainKernels.unpack(p, reinterpret_cast<std::byte*>(back.data()), expected.data(), kPanel);
    for (const TileKernels* kernels : kernels_of_host()) {
      INFO(kernels->name << " form " << static_cast<int>(form));
      std::vector<float> got(kPanel * kRows, -1);
      kernels->pack[static_cast<int>(form)](p, got.data(), kPanel);
      CHECK(std::memcmp(got.data(), expected.data(), got.size() * 4) == 0);
      if (form != Form::Float32) continue;
      std::vector<float> there(kRow * kRows, -2);
      kernels->unpack(p, reinterpret_cast<std::byte*>(there.data()), got.data(), kPanel);
      CHECK(there == back);
    }
  }
}

TEST_CASE("every kind of vectors sums tiles and taps alike") {
  const auto a = whole_numbers(kTileRows * 40), b = whole_numbers(48 * 40);
  const auto row = whole_numbers(256), weights = whole_numbers(4 + kTapRows);
  const std::vector<Tap> taps{{128, 0, 0xffff, false}, {132, 1, 0x7ffe, false},
                              {96, 2, 0xffff, true},   {136, 3, 0x0ff8, true},
                              {64, 1, 0x2001, false},  {96, 0, 0x3fff, true},
                              {100, 2, 0x7f, false},   {64, 3, 0x7e, true}};
  const std::vector<TapVector> vectors{{0, 16, 4}, {16, 14, 6}, {30, 7, 8}};
  for (const TileKernels* kernels : kernels_of_host()) {
    INFO(kernels->name);
    for (unsigned lanes = 1; lanes <= kTileLanes; ++lanes)
      for (const bool fresh : {true, false}) {
        std::vector<float> expected(kTileRows * 48, 3), got = expected;
        kPlainKernels.tile[lanes - 1]({a.data(), b.data(), 48, 40, expected.data(), 48, fresh});
        kernels->tile[lanes - 1]({a.data(), b.data(), 48, 40, got.data(), 48, fresh});
        CHECK(got == expected);
        std::vector<float> line(kTileRows * 48, 3);
        kernels->line[lanes - 1]({a.data(), b.data(), 48, 40, line.data(), 48, fresh});
        CHECK(std::equal(line.begin(), line.begin() + 48, expected.begin()));
      }
    for (const std::size_t poisoned : {0, 40}) {
      auto values = row;
      if (poisoned) values[poisoned] = INFINITY;
      const auto sum = [&](const TileKernels& k, unsigned count) {
        std::vector<float> c(64 * kTapRows);
        TapArguments t{{}, {}, count, taps.data(), vectors.data(), 3, c.data(), 64};
        for (unsigned r = 0; r < count; ++r)
          t.rows[r] = bytes_at(values, r), t.weights[r] = weights.data() + r;
        CHECK(k.taps(t) == (poisoned == 0));
        for (unsigned r = 0; r < count; ++r) std::fill_n(c.begin() + r * 64 + 37, 16, 0.0f);
        return c;
      };
      for (const unsigned count : {1u, 3u, kTapRows})
        CHECK((sum(*kernels, count) == sum(kPlainKernels, count) || poisoned));
    }
    std::vector<float> values(37, 1);
    CHECK(kernels->finite(values.data(), values.size()));
    values[36] = NAN;
    CHECK(!kernels->finite(values.data(), values.size()));
  }
}
