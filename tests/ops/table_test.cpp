// SPDX-License-Identifier: Apache-2.0
// Rows of tables by indices: walked through where they are small, found by DMA where they are not.
#include "tests/ops/harness.h"

using namespace neuron;
using namespace neuron::test;

namespace {

bool finds_rows(const neff::Package& package) {
  const neff::Model model = REQUIRE_OK(neff::model_of(package));
  const auto queues = model.subgraphs[0].queues;
  return std::any_of(queues.begin(), queues.end(),
                     [](const neff::Queue& q) { return q.kind == neff::QueueKind::Dynamic; });
}

struct Table {
  std::int64_t rows, width, count;
  DType type = DType::Int64;
  Cast cast = {};
  double tolerance = 0;
};

void check_table(const Table& t, bool large, const char* target) {
  CAPTURE(t.rows, t.width, t.count, target);
  Builder b;
  const Tensor table = noise({t.rows, t.width}, 7);
  Tensor index{t.type, {1, t.count}, Bytes(static_cast<std::size_t>(t.count) * size_of(t.type))};
  std::vector<float> expected;
  const std::vector<float> values = floats_of(table);
  for (std::int64_t i = 0; i < t.count; ++i) {
    std::int64_t row = i * 7919 % t.rows;
    if (i % 3 == 2) row -= t.rows;  // from the end
    if (t.type == DType::Int64)
      neuron::store(std::span(index.bytes), static_cast<std::size_t>(i) * 8, row);
    else
      neuron::store(std::span(index.bytes), static_cast<std::size_t>(i) * 4,
                    static_cast<std::int32_t>(row));
    const auto at = values.begin() + (row + t.rows) % t.rows * t.width;
    expected.insert(expected.end(), at, at + t.width);
  }
  const ValueId y = b.node("Gather", {b.constant(table), b.input(index)}, {1, t.count, t.width},
                           {{"axis", std::int64_t{0}}});
  b.graph.outputs = {y};
  CHECK(finds_rows(REQUIRE_OK(lower(b.graph, target, t.cast))) == large);
  check(b, y, expected, target, t.tolerance, t.cast);
}

}  // namespace

TEST_CASE("rows of a table are exact however they are found") {
  for (const char* target : {"trn2", "inf2"}) {
    check_table({100, 24, 130}, false, target);
    check_table({4096, 64, 128}, true, target);
    check_table({5000, 96, 300, DType::Int32}, true, target);
    check_table({4096, 64, 5}, true, target);
  }
}

TEST_CASE("rows of a rounded table are its rounded rows") {
  check_table(
      {8192, 96, 128, DType::Int64, {compile::AutoCast::All, compile::CastType::Bf16}, 4e-3}, true,
      "trn2");
}

TEST_CASE("an index outside of a large table is an error") {
  Builder b;
  Tensor index{DType::Int64, {1, 40}, Bytes(40 * 8)};
  neuron::store(std::span(index.bytes), 8, std::int64_t{4096});
  const ValueId y =
      b.node("Gather", {b.constant(noise({4096, 64}, 7)), b.input(index)}, {1, 40, 64});
  b.graph.outputs = {y};
  const auto done = execute(REQUIRE_OK(lower(b.graph, "trn2")), b.data);
  REQUIRE_FALSE(done);
  CHECK(done.error().message.find("out of bound") != std::string::npos);
}
