// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "compile/graph.h"
#include "compile/kernel.h"

/// Matrices on chip with rows on partitions: what attention, dense layers and norms hand on without
/// a way over HBM.
namespace neuron::compile {

/// How a value [..., R, C] is cut: blocks of as many rows as partitions take.
struct RowForm {
  std::int64_t blocks = 1, rows = 1, columns = 1;
  bool operator==(const RowForm&) const = default;
};
/// Nothing where rows would fill few partitions, or do not fill them evenly.
std::optional<RowForm> row_form(const Shape& shape);
/// Whether [..., R, C] with all leading dimensions joined to R is cut the same way.
bool joins_rows(const Shape& shape);

/// A float32 value [..., R, C] on chip. Column j of row i of a block lies in partition i, at
/// element at[block] + j. With `split` > 1 it stands for [..., R, split, C / split].
struct RowBlocks {
  Tile tile;
  RowForm form;
  std::vector<std::int64_t> at;  ///< elements from the tile's begin
  std::int64_t split = 1;

  std::uint32_t address(std::size_t block) const {
    return static_cast<std::uint32_t>(address_of(tile) + at[block] * 4);
  }
  /// Blocks lie one behind the other, so that all are one view.
  bool is_dense() const;
  /// [0, columns) of every block of a dense value.
  View all() const;
};

/// The same elements as [..., H, R, D] where the value is split into H, and back; nothing where
/// they lie in no such order.
std::optional<RowBlocks> heads_first(const RowBlocks& x, const Shape& shape);
std::optional<RowBlocks> heads_last(const RowBlocks& x, const Shape& shape);
/// The same elements under another shape; nothing where it is another order.
std::optional<RowBlocks> reshaped(const RowBlocks& x, const Shape& from, const Shape& to);

}  // namespace neuron::compile
