// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/ops/spatial.h"

/// The product of two matrices, wherever they lie.
namespace neuron::compile {

/// A matrix in HBM, [rows, columns], or the transpose of one that lies there.
struct Matrix {
  Place place;
  std::int64_t rows = 0, columns = 0;
  bool transposed = false;
  DType type = DType::Float32;         ///< as it lies there
  std::optional<RowBlocks> chip = {};  ///< on chip instead: rows, before they are transposed
  std::size_t block = 0;               ///< the first of its blocks there
  bool packed = false;                 ///< as packed() puts it

  /// Column `column` of the block that holds row `row`, as they lie.
  std::uint32_t address(std::int64_t row, std::int64_t column) const {
    const auto at = block + static_cast<std::size_t>(row / isa::kPartitions);
    return static_cast<std::uint32_t>(chip->address(at) + column * kWord);
  }
};

struct Product {
  Matrix a, b;  ///< [m, k] and [k, n]
  Place out;
  std::optional<RowBlocks> out_on_chip;
  std::size_t out_block = 0;
  std::optional<Place> bias;
  std::int64_t bias_row = 0, bias_column = 0;  ///< its steps in elements
  Finish finish;
  std::optional<Feature> a_on_chip;  ///< [m, k, 1]: k is on partitions already
};

/// A matrix of constants so that a partition reads what a block of columns needs of it in one run;
/// nothing when its rows do not fill the array evenly.
std::optional<std::vector<float>> packed(const std::vector<float>& data, std::int64_t rows,
                                         std::int64_t columns);

/// Appends the steps of out = limits(a b + bias).
Result<> multiply(Lowering& in, const Product& product);

}  // namespace neuron::compile
