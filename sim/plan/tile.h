// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

/// The inner loop of matrix products, in the widest vectors and, where the host has them, fused
/// multiply-adds. Sums run over k in order, one product at a time, whatever the shape around them:
/// the same host gives the same bits for any split of rows and columns.
namespace neuron::sim {

inline constexpr unsigned kTileRows = 8;      ///< weights' columns at a time
inline constexpr unsigned kLanes = 16;        ///< moving columns come in multiples of these
inline constexpr unsigned kTileColumns = 48;  ///< at most, in one tile

/// c[r][n] = (fresh ? 0 : c[r][n]) + sum over k of a[k][r] * b[k * b_step + n], for 8 rows r and
/// `lanes` * 16 columns n. `c` has rows of kTileColumns.
struct TileArguments {
  const float* a;
  const float* b;
  std::size_t b_step;
  unsigned k;
  float* c;
  bool fresh;
};
using TileKernel = void (*)(const TileArguments&);
/// For 1, 2 or 3 times 16 columns.
TileKernel tile_kernel(unsigned lanes);

/// Copies that a panel of moving columns is made of: `count` floats each, from `from` bytes off the
/// row's start to `to` floats into the panel's row.
struct Piece {
  std::int32_t from;
  std::uint16_t to, count;
};
/// For each of `rows` rows, `row_step` bytes apart: all pieces.
void pack_rows(const std::byte* rows_begin, std::size_t row_step, unsigned rows,
               const Piece* pieces, std::size_t count, float* panel, std::size_t panel_step);

}  // namespace neuron::sim
