// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/dtype.h"

/// The inner loop of matrix products, in the widest vectors and, where the host has them, fused
/// multiply-adds. Sums run over k in order, one product at a time, whatever the shape around them:
/// the same host gives the same bits for any split of rows and columns.
namespace neuron::sim {

inline constexpr unsigned kTileRows = 8;        ///< weights' columns at a time
inline constexpr unsigned kLanes = 8;           ///< moving columns come in multiples of these
inline constexpr unsigned kTileLanes = 6;       ///< at most, in one tile, times 8
inline constexpr unsigned kStripColumns = 144;  ///< columns that are packed together, at most

/// c[r * c_step + n] = (fresh ? 0 : itself) + sum over k of a[k * 8 + r] * b[k * b_step + n], for 8
/// rows r and 8, 16, .. or 48 columns n.
struct TileArguments {
  const float* a;
  const float* b;
  std::size_t b_step;
  unsigned k;
  float* c;
  std::size_t c_step;
  bool fresh;
  // Of a kernel that finishes: out[r * out_step + n] = the larger one of c + bias[r] and `least`,
  // as alu.def has it; c itself stays.
  const float* bias = nullptr;
  float least = 0;
  float* out = nullptr;
  std::size_t out_step = 0;
};
using TileKernel = void (*)(const TileArguments&);

/// A run of `count` elements, `step` elements apart, from `from` bytes off the row's start to `to`
/// floats into the panel's row.
struct Piece {
  std::int32_t from;
  std::uint16_t to, count;
  std::int16_t step;
  bool operator==(const Piece&) const = default;
};
/// Types that are widened on the way.
enum class Form { Float32, BFloat16, Float16 };
inline std::optional<Form> form_of(DType type) {
  if (type == DType::Float32) return Form::Float32;
  if (type == DType::BFloat16) return Form::BFloat16;
  if (type == DType::Float16) return Form::Float16;
  return std::nullopt;
}
struct PackArguments {
  Form form;
  const std::byte* from;  ///< the first row
  std::size_t row_step;   ///< in bytes
  unsigned rows;
  const Piece* pieces;
  std::size_t count;
  unsigned ahead = 0;  ///< bytes behind the last piece of each row that are asked for
};
inline constexpr unsigned kTapRows = 8;  ///< of an image, summed at a time, at most
inline constexpr unsigned kTaps = 5;     ///< below each other, at most
/// Taps of one column of a kernel: each looks one row further down than the one before.
struct TapColumn {
  std::uint32_t shift;  ///< floats from a block's place to what the first tap reads
  std::uint16_t count;  ///< of taps
  std::array<std::uint16_t, kTaps> weights;  ///< their numbers
};
/// A vector of columns of the sum in some rows of the image, below each other.
struct TapBlock {
  std::uint32_t from;  ///< its place in the planes
  std::uint16_t to;    ///< its first column
  std::uint16_t rows;
};
/// c[b.to + r * width + n] = sum over all taps of their weight times planes[b.from + shift + (r +
/// i) * pitch + n], i being the tap's number in its column, for each block b, its rows r, and as
/// many n as a vector has. A later row may write over the end of one before; c has room for the end
/// of the last one.
struct TapArguments {
  const float* planes;
  const float* weights;
  std::span<const TapColumn> columns;
  std::span<const TapBlock> blocks;
  std::size_t pitch, width;
  float* c;
};

enum class Pool { Max, Add };
/// Result i of a row folds [step * i, step * i + columns) of all `rows` from the left, row after
/// row; the next row of results reads `down` floats further on.
struct PoolArguments {
  std::span<const float* const> rows;
  unsigned columns, step;
  std::int64_t down;
  float* out;
  std::size_t width, height;  ///< of the results
};

/// The kernels of one kind of host.
struct TileKernels {
  const char* name;
  unsigned lanes;  ///< times 8 columns, that one row of a tile has at least, to be fast
  TileKernel tile[kTileLanes];    ///< for 1 to 6 times 8 columns
  TileKernel finish[kTileLanes];  ///< the same, finished
  TileKernel line[kTileLanes];    ///< the same for the first of the 8 rows alone
  TileKernel and_one;             ///< for 48 columns and one more; null: slower than eight more
  /// Copies all pieces of each row into rows of the panel, `panel_step` floats apart; by form.
  void (*pack[3])(const PackArguments& p, float* panel, std::size_t panel_step);
  /// The same backwards, for float32: rows of the panel to rows from `to` on.
  void (*unpack)(const PackArguments& p, std::byte* to, const float* panel, std::size_t panel_step);
  /// False if a sum, or what another column reads to the right of its row, is not finite.
  bool (*taps)(const TapArguments& t);
  unsigned tap_columns;  ///< of a TapBlock
  /// False if there is no kernel for such windows, rows are too short for one, or a result is not
  /// finite.
  bool (*pool[2])(const PoolArguments& p);
  /// Neither infinities nor NaN among `count` floats.
  bool (*finite)(const float* values, std::size_t count);
};
extern const TileKernels kPlainKernels, kAvx2Kernels, kAvx512Kernels;
/// Those that this host runs, best first; the last one is plain C++.
std::span<const TileKernels* const> kernels_of_host();
const TileKernels& tile_kernels();

inline void pack_rows(const PackArguments& p, float* panel, std::size_t panel_step) {
  tile_kernels().pack[static_cast<int>(p.form)](p, panel, panel_step);
}

}  // namespace neuron::sim
