// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/moves.h"

#include <random>

#include "tests/catch.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

constexpr std::size_t kBytes = 1 << 16;

/// Both ways of one transfer, from variable 0 to 1; how many moves it became.
std::size_t compare(const Transfer& t) {
  std::vector<Bytes> data(3, Bytes(kBytes));
  std::mt19937 random(3);
  for (std::byte& b : data[0]) b = static_cast<std::byte>(random());
  data[2] = data[1];
  std::vector<std::span<std::byte>> reference{data[0], data[1]}, planned{data[0], data[2]};
  run_transfer(t, reference);
  Worker worker{nullptr, {}, {}, {}, {}};
  const auto moves = moves_of(t);
  for (const Move& move : moves) {
    const Kernel kernel = move_kernel(move);
    // Units in any order.
    for (unsigned unit = kernel.units; unit > 0; --unit)
      kernel.run({nullptr, planned}, worker, unit - 1, unit);
  }
  if (!moves.empty()) CHECK(data[1] == data[2]);
  return moves.size();
}

Descriptor copy(const Side& from, const Side& to) {
  Descriptor d;
  d.from.push_back(from);
  d.to = to;
  return d;
}

}  // namespace

TEST_CASE("transfers become loops over runs of bytes") {
  Transfer t;
  // 12 rows of 40 bytes become 8 of 60: runs of 20.
  t.descriptors = {copy({{0}, 8, {1, 100, 0, 0}, {40, 12, 1, 1}, DType::UInt8},
                        {{1}, 0, {1, 256, 0, 0}, {60, 8, 1, 1}, DType::UInt8})};
  CHECK(compare(t) == 0);  // 40 is no part of 60: the reference's way
  t.descriptors = {copy({{0}, 8, {1, 100, 0, 0}, {40, 12, 1, 1}, DType::UInt8},
                        {{1}, 0, {1, 256, 0, 0}, {80, 6, 1, 1}, DType::UInt8})};
  CHECK(compare(t) == 1);
  // A transpose of 4-byte elements, a repeated source, and steps that go back.
  t.descriptors = {copy({{0}, 0, {1, 64, 4, 0}, {4, 16, 16, 1}, DType::UInt8},
                        {{1}, 0, {1, 4, 64, 0}, {4, 16, 16, 1}, DType::UInt8})};
  CHECK(compare(t) == 1);
  t.descriptors = {copy({{0}, 16, {1, 0, 32, 0}, {2, 5, 7, 1}, DType::UInt8},
                        {{1}, 4096, {1, 2, -10, 0}, {2, 5, 7, 1}, DType::UInt8})};
  CHECK(compare(t) == 1);
  // Everything to one place: the last one stays.
  t.descriptors = {copy({{0}, 0, {1, 8, 0, 0}, {8, 9, 1, 1}, DType::UInt8},
                        {{1}, 0, {1, 0, 0, 0}, {8, 9, 1, 1}, DType::UInt8})};
  CHECK(compare(t) == 1);
}

TEST_CASE("descriptors at equal distances are one move") {
  Transfer t;
  for (int i = 0; i < 128; ++i)
    t.descriptors.push_back(copy({{0}, i * 32, {1, 0, 0, 0}, {32, 1, 1, 1}, DType::UInt8},
                                 {{1}, i * 512, {1, 0, 0, 0}, {32, 1, 1, 1}, DType::UInt8}));
  CHECK(compare(t) == 1);
  t.descriptors.push_back(t.descriptors.front());
  CHECK(compare(t) == 2);
}

TEST_CASE("random transfers move as the reference moves them") {
  std::mt19937 random(11);
  const auto any = [&](int most) { return static_cast<std::int64_t>(random() % most) + 1; };
  int moved = 0;
  for (int i = 0; i < 500; ++i) {
    const std::array<std::int64_t, 4> sizes{any(8), any(6), any(5), any(4)};
    Side from{{0}, 2000, {}, sizes, DType::UInt8}, to{{1}, 2000, {}, sizes, DType::UInt8};
    from.steps = {1, any(40), any(90), any(200)};
    to.steps = {1, any(40), -any(90), any(200)};
    if (random() % 2) to.sizes = {sizes[0] * sizes[1], 1, sizes[2], sizes[3]};
    Transfer t;
    t.descriptors = {copy(from, to)};
    moved += compare(t) > 0;
  }
  CHECK(moved > 400);
}
