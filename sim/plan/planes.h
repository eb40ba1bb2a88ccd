// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <vector>

#include "sim/plan/pieces.h"

/// Elements that lie in windows, copied once for all windows that share them: what each column of a
/// result reads lies at the same distance from the column's place, between zeros where a window
/// looks over the border. What a stride skips goes to a plane of its own.
namespace neuron::sim {

/// The byte that each term (first index) reads for each column of the result, from a view on; kZero
/// where a zero stands for it.
using Table = std::vector<std::vector<std::int32_t>>;
inline constexpr std::int32_t kZero = INT32_MIN + 1;

/// Where column x of row y of the result finds what term t reads: first[t] + y * row + x * column.
struct Grid {
  std::uint32_t width = 0;  ///< columns of the result in a row of the image
  std::int32_t row = 0, column = 0;
  std::vector<std::int32_t> first;
};
/// Nothing if the table is of no image whose rows have the same width.
std::optional<Grid> grid_of(const Table& table);

/// Where what a term reads for the first column lies: a row and a column of a plane.
struct Spot {
  std::uint32_t plane, row, column;
};
/// Those of all terms. They share a plane if they are whole rows and whole columns apart.
/// `element`: bytes of one.
std::vector<Spot> spots_of(const Grid& g, std::int32_t element);

/// How the planes are laid out that the columns [begin, end) of the result read.
struct Layout {
  const Grid& grid;
  std::uint32_t first_row, rows, pitch;
  std::size_t plane, floats;  ///< floats of one plane and of all

  Layout(const Grid& g, const std::vector<Spot>& spots, std::uint32_t begin, std::uint32_t end);
  std::uint32_t place(std::uint32_t n) const {
    return (n / grid.width - first_row) * pitch + n % grid.width;
  }
  /// From a column's place to what a term reads for it, if the planes are of a reasonable size.
  std::uint32_t shift(const Spot& s) const {
    return static_cast<std::uint32_t>(s.plane * plane + s.row * pitch + s.column);
  }
};
/// The elements, `size` bytes each, to floats of the planes, of which there are kMostFloats at
/// most; nothing if there are more, two elements belong to the same float, or there is none.
inline constexpr std::size_t kMostFloats = 16 * 1024;
std::optional<Pieces> pieces_of(const Layout& layout, const std::vector<Spot>& spots,
                                const Table& table, std::uint32_t begin, std::uint32_t end,
                                unsigned size);

}  // namespace neuron::sim
