// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "compile/ops/lowering.h"

/// Elementwise work on values in HBM: the common shape is cut into tiles, operands are loaded with
/// numpy's broadcasting, the result is stored.
namespace neuron::compile {

struct Operand {
  ValueId id;
  Shape shape;
};
/// Computes a tile: dst and srcs[i] enumerate the same elements. dst overlaps no source.
using Compute = std::function<Result<>(const View& dst, const std::vector<View>& srcs)>;

/// Computes `out` from `operands`, tile by tile.
Result<> elementwise(Lowering& in, ValueId out, const std::vector<Operand>& operands,
                     const Compute& compute);

/// The type that instructions use for values of `type`; Unknown when engines cannot.
DType engine_type(DType type);

/// Rows of `length` elements spread over partitions, several to a partition: rows [first, first +
/// partitions * each), each partition holds `each` consecutive ones.
struct RowTile {
  std::int64_t first = 0;
  int partitions = 0;
  std::int64_t each = 1;
};
/// Cuts `rows` so that a partition holds at most `most` elements.
std::vector<RowTile> row_tiles(std::int64_t rows, std::int64_t length, std::int64_t most);

}  // namespace neuron::compile
