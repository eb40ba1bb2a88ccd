// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/loaded.h"
#include "sim/plan/tile.h"

/// Views as short lists of runs, found once, so that rows move without counting through dimensions.
namespace neuron::sim {

bool same_place(const View& a, const View& b);
/// Byte offsets from a partition's first element of all elements, in order.
std::vector<std::int32_t> offsets_of(const View& view);

/// Whether two elements of a row share bytes, so that the order in which they are written counts.
bool repeats(const View& view);

/// A part of a row: elements that go to, or come from, the columns of a panel.
struct Pieces {
  std::vector<Piece> runs;
  bool full = false;  ///< every column of the panel gets an element
  /// The only run, at a step of one: rows may be used in place.
  bool single() const { return full && runs.size() == 1 && runs[0].step == 1; }
  /// The same for the first `count` columns, whatever else the panel has.
  bool single(std::size_t count) const {
    return runs.size() == 1 && runs[0].step == 1 && runs[0].to == 0 && runs[0].count == count;
  }
  bool operator==(const Pieces&) const = default;
};

/// Elements i of `offsets` whose column `columns[i]` lies in [begin, end) of the panel. `size` is
/// that of an element.
Pieces pieces_of(const std::vector<std::int32_t>& offsets, const std::vector<std::int32_t>& columns,
                 std::int32_t begin, std::int32_t end, unsigned size);

/// Start of a view's row in core memory.
inline std::size_t row_start(const View& v, unsigned partition) {
  return v.at + std::size_t{partition} * isa::kPartitionStride;
}

/// Where the rows of a view lie: in core memory, or wherever constants are.
struct RowsAt {
  const std::byte* first;
  std::size_t step = isa::kPartitionStride;
};
/// block[r * step + column] = elements of `rows` rows as float32. So many bytes `ahead`, behind the
/// last one of each row, will be read soon.
void load_rows(RowsAt at, const View& view, unsigned rows, const Pieces& pieces, float* block,
               std::size_t step, unsigned ahead = 0);
inline void load_rows(const std::byte* core, const View& view, unsigned first, unsigned rows,
                      const Pieces& pieces, float* block, std::size_t step) {
  load_rows({core + row_start(view, first)}, view, rows, pieces, block, step);
}
/// The same backwards, rounded to the type of the view.
void store_rows(std::byte* core, const View& view, unsigned first, unsigned rows,
                const Pieces& pieces, const float* block, std::size_t step);

}  // namespace neuron::sim
