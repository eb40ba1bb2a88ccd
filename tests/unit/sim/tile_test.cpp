// SPDX-License-Identifier: Apache-2.0
// The kernels of every kind of vectors that this host has, against those of plain C++.
#include "sim/plan/tile.h"

#include <algorithm>
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
  const auto planes = whole_numbers(600), weights = whole_numbers(6);
  for (const TileKernels* kernels : kernels_of_host()) {
    INFO(kernels->name);
    for (unsigned lanes = 1; lanes <= kTileLanes; ++lanes)
      for (const bool fresh : {true, false}) {
        std::vector<float> expected(kTileRows * 48, 3), got = expected;
        kPlainKernels.tile[lanes - 1]({a.data(), b.data(), 48, 40, expected.data(), 48, fresh});
        kernels->tile[lanes - 1]({a.data(), b.data(), 48, 40, got.data(), 48, fresh});
        CHECK(got == expected);
        const auto bias = whole_numbers(kTileRows);
        std::vector<float> finished(kTileRows * 50, 7), sums(kTileRows * 48, 3);
        kernels->finish[lanes - 1]({a.data(), b.data(), 48, 40, sums.data(), 48, fresh, bias.data(),
                                    -2, finished.data(), 50});
        CHECK(sums == std::vector<float>(kTileRows * 48, 3));
        for (std::size_t r = 0; r < kTileRows; ++r)
          for (std::size_t n = 0; n < 50; ++n)
            CHECK(finished[r * 50 + n] ==
                  (n < lanes * kLanes ? std::max(expected[r * 48 + n] + bias[r], -2.0f) : 7));
        if (lanes == kTileLanes && kernels->and_one) {
          // A row of b has one more, which is the next one's first.
          std::vector<float> with_one(kTileRows * 49, 3);
          kernels->and_one({a.data(), b.data(), 48, 39, with_one.data(), 49, fresh});
          for (std::size_t r = 0; r < kTileRows; ++r)
            for (std::size_t n = 0; n < 49; ++n) {
              float sum = fresh ? 0 : 3;
              for (std::size_t k = 0; k < 39; ++k) sum += a[k * kTileRows + r] * b[k * 48 + n];
              CHECK(with_one[r * 49 + n] == sum);
            }
        }
        std::vector<float> line(kTileRows * 48, 3);
        kernels->line[lanes - 1]({a.data(), b.data(), 48, 40, line.data(), 48, fresh});
        CHECK(std::equal(line.begin(), line.begin() + 48, expected.begin()));
      }
    const std::size_t length = kernels->tap_columns, width = length - 1, pitch = 40;
    for (std::uint16_t rows = 1; rows <= kTapRows; ++rows)
      for (std::uint16_t taps = 1; taps <= kTaps; ++taps) {
        // Each row goes over the end of the one before.
        const std::vector<TapColumn> columns{{3, taps, {0, 1, 2, 3, 4}}, {300, 1, {5}}};
        const std::vector<TapBlock> blocks{{0, 0, rows},
                                           {7, static_cast<std::uint16_t>(rows * width), 1}};
        std::vector<float> got(256, -1);
        TapArguments t{planes.data(), weights.data(), columns, blocks, pitch, width, got.data()};
        CHECK(kernels->taps(t));
        for (std::size_t r = 0; r <= rows; ++r)
          for (std::size_t n = 0; n < width; ++n) {
            const float* from = planes.data() + (r < rows ? r * pitch : 7) + n;
            float sum = 0;
            for (std::size_t i = 0; i < taps; ++i) sum += weights[i] * from[3 + i * pitch];
            CHECK(got[r * width + n] == sum + weights[5] * from[300]);
          }
        CHECK(got[(rows + 1) * width + 1] == -1);
        auto poisoned = planes;
        poisoned[3 + rows * pitch] = INFINITY;
        t.planes = poisoned.data();
        CHECK(kernels->taps(t) == (taps == 1));
      }
    std::vector<float> values(37, 1);
    CHECK(kernels->finite(values.data(), values.size()));
    values[36] = NAN;
    CHECK(!kernels->finite(values.data(), values.size()));
  }
}

TEST_CASE("every kind of vectors folds windows as they are, and reads no more") {
  for (const TileKernels* kernels : kernels_of_host())
    for (const std::size_t width : {1, 8, 13, 16, 27, 37})
      for (const auto& [columns, step] : {std::pair(2u, 2u), {3u, 1u}, {3u, 2u}, {5u, 1u}}) {
        CAPTURE(kernels->name, width, columns, step);
        const std::size_t in = (width - 1) * step + columns, height = 4, reach = 2;
        auto image = whole_numbers(in * (height + reach - 1));  // the last read is its last element
        const std::vector<const float*> rows{image.data(), image.data() + in};
        for (const Pool pool : {Pool::Max, Pool::Add}) {
          std::vector<float> got(width * height + 1, -99);
          const PoolArguments p{rows,       columns, step,  static_cast<std::int64_t>(in),
                                got.data(), width,   height};
          const auto fold = kernels->pool[static_cast<int>(pool)];
          const bool has = width >= 8 && columns <= 3 && kernels != &kPlainKernels;
          REQUIRE(fold(p) == has);
          if (!has) continue;
          for (std::size_t i = 0; i < width * height; ++i) {
            const float* from = image.data() + i / width * in + i % width * step;
            float sum = from[0];
            for (std::size_t j = 1; j < columns * reach; ++j) {
              const float x = from[j / columns * in + j % columns];
              sum = pool == Pool::Add ? sum + x : std::max(sum, x);
            }
            CHECK(got[i] == sum);
          }
          CHECK(got.back() == -99);
          image[0] = NAN;
          CHECK(!fold(p));
          image[0] = 1;
        }
      }
}
