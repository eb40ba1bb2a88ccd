// SPDX-License-Identifier: Apache-2.0
#include "base/spool.h"

#include <numeric>
#include <random>

#include "tests/catch.h"

using namespace neuron;

namespace {

struct Row {
  std::uint32_t key, arrival;
  auto operator<=>(const Row&) const = default;
};
constexpr auto kByKey = [](const Row& a, const Row& b) { return a.key < b.key; };

/// Each row at most `reach` places from where it belongs, with equal keys among them.
SpoolList<Row> rows_of(std::uint32_t count, std::uint32_t reach) {
  std::mt19937 random(3);
  SpoolList<Row> rows{SpoolAllocator<Row>(fs::temp_directory_path())};
  for (std::uint32_t i = 0; i < count; ++i)
    rows.push_back({(i + static_cast<std::uint32_t>(random() % (reach + 1))) / 2, i});
  return rows;
}

}  // namespace

TEST_CASE("a list in a file is sorted as one in memory, however far rows have to go") {
  for (const std::uint32_t reach : {0u, 100u, 50'000u, 2'000'000u}) {
    SpoolList<Row> rows = rows_of(700'000, reach);
    std::vector<Row> expected(rows.begin(), rows.end());
    std::stable_sort(expected.begin(), expected.end(), kByKey);
    sort_stably(rows, kByKey);
    CHECK(std::equal(rows.begin(), rows.end(), expected.begin(), expected.end()));
  }
}

TEST_CASE("rows that were let go are there again when they are looked at") {
  SpoolList<Row> rows = rows_of(1'500'000, 0);
  REQUIRE(rows.get_allocator().is_spooled(rows.capacity()));
  release(rows, 0, rows.size());
  std::uint32_t next = 0, wrong = 0;
  for (const Row& row : passing(rows)) wrong += row.arrival != next++;
  CHECK(next == rows.size());
  CHECK(wrong == 0);
  SpoolList<Row> copy = rows;
  CHECK(copy == rows);
}

TEST_CASE("a list without a directory, and one whose directory is gone, stay in memory") {
  for (const fs::path& directory : {fs::path(), fs::path("/nowhere/at/all")}) {
    SpoolList<std::uint32_t> rows{SpoolAllocator<std::uint32_t>(directory)};
    rows.resize(3'000'000);
    std::iota(rows.begin(), rows.end(), 0u);
    release(rows, 0, rows.size());
    CHECK(rows[2'999'999] == 2'999'999);
    std::uint64_t sum = 0;
    for (const std::uint32_t row : passing(rows)) sum += row;
    CHECK(sum == 3'000'000ull * 2'999'999 / 2);
  }
}
