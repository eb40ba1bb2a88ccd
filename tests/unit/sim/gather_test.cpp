// SPDX-License-Identifier: Apache-2.0
#include "sim/gather.h"

#include "base/numbers.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

/// `rows` runs of `floats` numbers, `pitch` bytes apart, in each of `partitions`; all are `value`.
Traced wrote(float value, std::uint32_t byte, std::uint32_t rows, std::uint32_t floats,
             std::uint32_t pitch, std::uint32_t partition, std::uint32_t partitions,
             bool psum = false) {
  Extent extent{psum, DType::Float32, byte, partition, partitions, {}};
  for (std::uint32_t r = 0; r < rows; ++r) extent.runs.emplace_back(byte + r * pitch, floats * 4);
  const std::size_t count = std::size_t{rows} * floats * partitions;
  Tensor tensor{DType::Float32, {static_cast<std::int64_t>(count)}, Bytes(count * 4)};
  for (std::size_t i = 0; i < count; ++i) store_float(tensor.bytes, i, DType::Float32, value);
  Traced t;
  t.value = std::move(tensor);
  t.extent = std::move(extent);
  return t;
}

float at(const Gatherer::Array& a, std::int64_t row, std::int64_t column) {
  return load_as_float(a.value.bytes, static_cast<std::size_t>(row * a.value.shape[1] + column),
                       DType::Float32);
}

}  // namespace

TEST_CASE("tiles that lie side by side become one array, and later ones win") {
  Gatherer all;
  all.add("conv", wrote(1, 0x100, 1, 8, 0, 0, 64));
  all.add("conv", wrote(2, 0x120, 1, 8, 0, 0, 64));    // behind it
  all.add("conv", wrote(3, 0x100, 1, 16, 0, 64, 64));  // in the other partitions
  all.add("conv", wrote(4, 0x13c, 1, 1, 0, 5, 1));     // over one element
  const auto arrays = all.arrays();
  REQUIRE(arrays.size() == 1);
  const Gatherer::Array& a = arrays[0];
  CHECK(a.name == "conv");
  CHECK(a.value.shape == Shape{128, 16});
  CHECK(a.place == "SBUF partition 0 byte 0x100");
  CHECK(a.instructions == 4);
  CHECK(a.whole);
  CHECK(at(a, 0, 7) == 1);
  CHECK(at(a, 63, 8) == 2);
  CHECK(at(a, 64, 15) == 3);
  CHECK(at(a, 5, 15) == 4);
  CHECK(at(a, 6, 15) == 2);
}

TEST_CASE("rows of an image with padding between them stay one array") {
  Gatherer all;
  all.add("image", wrote(1, 0, 2, 6, 32, 0, 4));   // rows 0 and 1, 8 bytes of padding each
  all.add("image", wrote(2, 64, 2, 6, 32, 0, 4));  // rows 2 and 3
  const auto arrays = all.arrays();
  REQUIRE(arrays.size() == 1);
  CHECK(arrays[0].value.shape == Shape{4, 30});
  CHECK(!arrays[0].whole);
  CHECK(at(arrays[0], 3, 13) == 1);
  CHECK(at(arrays[0], 3, 14) == 0);
  CHECK(at(arrays[0], 3, 16) == 2);
}

TEST_CASE("what lies apart, in PSUM or under another name is an array of its own") {
  Gatherer all;
  all.add("b", wrote(1, 0, 1, 4, 0, 0, 2));
  all.add("b", wrote(2, 64, 1, 4, 0, 0, 2));
  all.add("b", wrote(3, 16, 1, 4, 0, 0, 2, true));
  all.add("a", wrote(4, 16, 1, 4, 0, 0, 2));
  all.add("b", wrote(5, 0, 1, 4, 0, 0, 2));  // the same tile once more
  all.add("a", Traced{});
  const auto arrays = all.arrays();
  REQUIRE(arrays.size() == 4);
  CHECK(arrays[0].name == "a");
  CHECK(at(arrays[1], 1, 3) == 5);
  CHECK(arrays[1].instructions == 1);
  CHECK(at(arrays[2], 0, 0) == 2);
  CHECK(arrays[3].place == "PSUM bank 0 partition 0 byte 0x10");
}
