// SPDX-License-Identifier: Apache-2.0
// Weights that stand alone: each channel's image is copied between zeros, where it has a border, so
// that all columns find what a tap adds to them at the same distance. What a stride skips goes to a
// plane of its own.
#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>

#include "sim/plan/panels.h"
#include "sim/plan/pool.h"

namespace neuron::sim {
namespace {

constexpr std::int32_t kNothing = INT32_MIN;    ///< nobody reads it
constexpr std::int32_t kZero = INT32_MIN + 1;   ///< a zero for those that add no element
constexpr std::size_t kMostFloats = 16 * 1024;  ///< of the planes: half of the smallest cache

constexpr std::size_t kStep = 16;  ///< rows of sums begin with a vector

std::vector<std::int32_t> all_columns(std::uint32_t count) {
  std::vector<std::int32_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// The byte that each term (first index) adds to each column of the sum, from the first term's view
/// on; kZero where it adds none.
using Table = std::vector<std::vector<std::int32_t>>;

Table table_of(const PlannedProduct& p, const Offsets& offsets, const Offsets& columns) {
  Table table;
  for (std::size_t t = 0; t < p.sum.terms.size(); ++t) {
    const auto at = static_cast<std::int32_t>(p.sum.terms[t].moving.at) -
                    static_cast<std::int32_t>(p.sum.terms[0].moving.at);
    auto& row = table.emplace_back(p.sum.base.count, kZero);
    for (std::size_t i = 0; i < offsets[t].size(); ++i)
      row[static_cast<std::size_t>(columns[t][i])] = offsets[t][i] + at;
  }
  return table;
}

/// Where column x of row y of the sum finds what term t adds to it: first[t] + y * row + x *
/// column.
struct Grid {
  std::uint32_t width = 0;  ///< columns of the sum in a row of the image
  std::int32_t row = 0, column = 0;
  std::vector<std::int32_t> first;
};

/// The most frequent distance of two elements that one term adds to columns `apart` from each
/// other.
std::int32_t usual_step(const Table& table, std::size_t apart) {
  std::map<std::int32_t, std::size_t> found;
  for (const auto& row : table)
    for (std::size_t n = apart; n < row.size(); ++n)
      if (row[n] != kZero && row[n - apart] != kZero) ++found[row[n] - row[n - apart]];
  const auto most = std::ranges::max_element(found, {}, [](const auto& f) { return f.second; });
  return most == found.end() ? 0 : most->first;
}

/// Rows end where most terms do not go on with the usual step; all of them have the same width, or
/// there is none.
std::uint32_t width_of(const Table& table, std::int32_t step) {
  const auto columns = static_cast<std::uint32_t>(table[0].size());
  std::uint32_t width = columns;
  for (std::uint32_t n = 1; n < columns; ++n) {
    std::size_t ending = 0, going_on = 0;
    for (const auto& row : table) {
      const bool here = row[n] != kZero, before = row[n - 1] != kZero;
      const bool goes_on = here && before && row[n] - row[n - 1] == step;
      going_on += goes_on;
      ending += (here || before) && !goes_on;
    }
    const bool cut = ending > going_on;
    if (cut && width == columns) width = n;
    if (cut != (n % width == 0)) return 0;
  }
  return width;
}

std::optional<Grid> grid_of(const Table& table) {
  Grid g;
  g.column = usual_step(table, 1);
  g.width = width_of(table, g.column);
  if (g.width == 0) return std::nullopt;
  g.row = usual_step(table, g.width);
  for (const auto& row : table) {
    std::optional<std::int32_t> first;
    for (std::uint32_t n = 0; n < row.size(); ++n) {
      if (row[n] == kZero) continue;
      const std::int32_t here = row[n] - static_cast<std::int32_t>(n / g.width) * g.row -
                                static_cast<std::int32_t>(n % g.width) * g.column;
      if (first.value_or(here) != here) return std::nullopt;
      first = here;
    }
    if (!first) return std::nullopt;
    g.first.push_back(*first);
  }
  return g;
}

/// Where a term's first column begins: a row and a column of a plane.
struct Spot {
  std::uint32_t plane, row, column;
};

/// Those of `rests`, which are in order, that have a plane to themselves. The others share the
/// plane of one before, whole columns away; the taps of a row of the kernel lie close together.
std::vector<std::int32_t> planes_of(const std::vector<std::int32_t>& rests, std::int32_t column) {
  std::int32_t close = INT32_MAX;
  for (std::size_t i = 1; i < rests.size(); ++i) close = std::min(close, rests[i] - rests[i - 1]);
  std::vector<std::int32_t> planes;
  std::size_t first = 0;  // plane of this row of the kernel
  for (std::size_t i = 0; i < rests.size(); ++i) {
    if (i > 0 && rests[i] - rests[i - 1] > close) first = planes.size();
    const auto fits = [&](std::int32_t plane) { return (rests[i] - plane) % column == 0; };
    if (std::none_of(planes.begin() + static_cast<std::ptrdiff_t>(first), planes.end(), fits))
      planes.push_back(rests[i]);
  }
  return planes;
}

std::vector<Spot> spots_of(const Grid& g, std::int32_t element) {
  const std::int32_t lowest = *std::ranges::min_element(g.first);
  const std::int32_t row = g.row > 0 ? g.row : INT32_MAX, column = std::max(g.column, element);
  std::vector<std::int32_t> rests;
  for (const std::int32_t first : g.first) rests.push_back((first - lowest) % row);
  std::ranges::sort(rests);
  const auto again = std::ranges::unique(rests);
  rests.erase(again.begin(), again.end());
  const auto planes = planes_of(rests, column);
  std::vector<Spot> spots;
  for (const std::int32_t first : g.first) {
    const std::int32_t rest = (first - lowest) % row;
    // The last one that is not behind it: that of its own row of the kernel.
    auto plane = std::ranges::upper_bound(planes, rest);
    do --plane;
    while ((rest - *plane) % column != 0);
    spots.push_back({static_cast<std::uint32_t>(plane - planes.begin()),
                     static_cast<std::uint32_t>((first - lowest) / row),
                     static_cast<std::uint32_t>((rest - *plane) / column)});
  }
  return spots;
}

/// How the planes of one panel are laid out.
struct Layout {
  const Grid& grid;
  std::uint32_t first_row, rows, pitch, plane, floats;  ///< floats of one plane and of all

  Layout(const Grid& g, const std::vector<Spot>& spots, std::uint32_t begin, std::uint32_t end)
      : grid(g), first_row(begin / g.width), rows((end - 1) / g.width - first_row + 1) {
    const auto most = [&](std::uint32_t Spot::*member) {
      return (*std::ranges::max_element(spots, {}, member)).*member;
    };
    pitch = g.width + most(&Spot::column);
    plane = pitch * (rows + most(&Spot::row));
    floats = plane * (most(&Spot::plane) + 1);
  }
  std::uint32_t place(std::uint32_t n) const {
    return (n / grid.width - first_row) * pitch + n % grid.width;
  }
  /// From a column's place to what a term adds to it.
  std::uint32_t shift(const Spot& s) const { return s.plane * plane + s.row * pitch + s.column; }
};

/// The byte that belongs to each float of the planes; empty if two do.
std::vector<std::int32_t> sources_of(const Layout& layout, const std::vector<Spot>& spots,
                                     const Table& table, std::uint32_t begin, std::uint32_t end) {
  std::vector<std::int32_t> sources(layout.floats, kNothing);
  for (std::size_t t = 0; t < table.size(); ++t)
    for (std::uint32_t n = begin; n < end; ++n) {
      std::int32_t& source = sources[layout.place(n) + layout.shift(spots[t])];
      if (source != kNothing && source != table[t][n]) return {};
      source = table[t][n];
    }
  return sources;
}

/// Taps below each other, as many at a time as are summed together.
std::vector<TapColumn> columns_of(const Layout& layout, const std::vector<Spot>& spots) {
  std::vector<std::uint16_t> order(spots.size());
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  std::ranges::sort(order, {}, [&](std::uint16_t t) {
    return std::tuple(spots[t].plane, spots[t].column, spots[t].row);
  });
  std::vector<TapColumn> columns;
  const Spot* last = nullptr;
  for (const std::uint16_t t : order) {
    const Spot& s = spots[t];
    if (!last || columns.back().count == kTaps || last->plane != s.plane ||
        last->column != s.column || last->row + 1 != s.row)
      columns.push_back({layout.shift(s), 0, {}});
    columns.back().weights[columns.back().count++] = t;
    last = &s;
  }
  return columns;
}

/// Blocks of the columns [begin, end) that lie `to` columns behind the first one: whole rows, or a
/// part of one. They do not reach over the end of a row, unless it is too short for a vector.
void append_blocks(const Layout& layout, std::uint32_t begin, std::uint32_t end, std::uint32_t to,
                   std::vector<TapBlock>& blocks) {
  const std::uint32_t length = tile_kernels().tap_columns,
                      width = std::min(end - begin, layout.grid.width),
                      rows = (end - begin) / width, parts = (rows + kTapRows - 1) / kTapRows;
  for (std::uint32_t i = 0; i < parts; ++i) {
    const std::uint32_t first = rows * i / parts, count = rows * (i + 1) / parts - first;
    for (std::uint32_t x = 0; x < width; x += length) {
      const std::uint32_t column =
          first * width + (x + length <= width ? x : std::max(width, length) - length);
      blocks.push_back({layout.place(begin + column), static_cast<std::uint16_t>(to + column),
                        static_cast<std::uint16_t>(count)});
    }
  }
}

/// The last row may be shorter than the others.
std::vector<TapBlock> blocks_of(const Layout& layout, std::uint32_t begin, std::uint32_t end) {
  const std::uint32_t rest = (end - begin) % layout.grid.width;
  std::vector<TapBlock> blocks;
  if (end - begin > rest) append_blocks(layout, begin, end - rest, 0, blocks);
  if (rest > 0) append_blocks(layout, end - rest, end, end - rest - begin, blocks);
  return blocks;
}

/// Rows of the image in each part: few enough for the caches, and for all threads where that pays.
std::uint32_t rows_of_part(const PlannedProduct& p, const Grid& grid) {
  constexpr std::uint32_t kColumns = 512;  ///< of a part, at most
  constexpr std::size_t kWorth = 400'000;  ///< products
  const std::uint32_t rows = (p.sum.base.count + grid.width - 1) / grid.width;
  const std::size_t work = std::size_t{p.sum.base.count} * p.columns * p.sum.terms.size();
  const std::uint32_t most = kColumns / grid.width, threads = work > kWorth ? pool_threads() : 1;
  if (most == 0) return 0;
  const std::uint32_t parts = std::max((rows + most - 1) / most, std::min(rows, threads));
  return (rows + parts - 1) / parts;
}

/// A channel at a time, while the next one is brought. False when a number is not finite.
bool sum_image(const PlannedProduct& p, const Image& image, const Memory& m, Worker& w,
               std::size_t step) {
  const View& moving = p.sum.terms[0].moving;
  const auto& rows = p.storage->row_of;
  float *planes = w.panel.data(), *next = planes + image.floats;
  std::fill_n(planes, 2 * image.floats, 0.0f);
  TapArguments t{
      planes,       p.storage->alone.data(), image.columns, image.blocks, image.pitch, image.width,
      w.sums.data()};
  load_rows(m.core, moving, rows[0], 1, image.pieces, planes, 0);
  for (std::size_t c = 0; c < rows.size(); ++c, std::swap(planes, next)) {
    if (c + 1 < rows.size()) load_rows(m.core, moving, rows[c + 1], 1, image.pieces, next, 0);
    // Channels lie far apart: a later one is asked for now.
    const std::byte* later = m.core + row_start(moving, rows[std::min(c + 2, rows.size() - 1)]);
    for (std::int32_t at = image.first; at < image.last; at += kLine)
      __builtin_prefetch(later + at);
    t.planes = planes;
    if (!tile_kernels().taps(t)) return false;
    t.weights += p.sum.terms.size();
    t.c += step;
  }
  return true;
}

}  // namespace

void plan_images(PlannedProduct& p, const Offsets& offsets, const Offsets& columns) {
  const View& moving = p.sum.terms[0].moving;
  const Table table = table_of(p, offsets, columns);
  const auto grid = grid_of(table);
  const std::uint32_t rows = grid ? rows_of_part(p, *grid) : 0, count = p.sum.base.count;
  if (rows == 0) return;
  const auto spots = spots_of(*grid, moving.size);
  std::vector<Image> images;
  for (std::uint32_t begin = 0, end; begin < count; begin = end) {
    end = std::min(count, begin + rows * grid->width);
    const Layout layout(*grid, spots, begin, end);
    const auto sources = sources_of(layout, spots, table, begin, end);
    if (layout.floats > kMostFloats || sources.empty()) return;
    std::vector<std::int32_t> from, to;  // at least one: each column has an element
    for (std::size_t i = 0; i < sources.size(); ++i)
      if (sources[i] != kNothing && sources[i] != kZero)
        from.push_back(sources[i]), to.push_back(static_cast<std::int32_t>(i));
    if (from.empty()) return;
    Image image{};
    image.begin = begin;
    image.end = end;
    image.pieces = pieces_of(from, to, 0, static_cast<std::int32_t>(layout.floats), moving.size);
    image.first = std::ranges::min(from);
    image.last = std::ranges::max(from);
    image.floats = layout.floats + tile_kernels().tap_columns;
    image.pitch = layout.pitch;
    image.width = grid->width;
    image.blocks = blocks_of(layout, begin, end);
    image.columns = columns_of(layout, spots);
    const auto first = static_cast<std::int32_t>(begin), last = static_cast<std::int32_t>(end);
    image.base = pieces_of(p.sum.base_offsets, all_columns(count), first, last, sizeof(float));
    if (p.eviction) image.eviction = p.eviction->panel(first, last);
    images.push_back(std::move(image));
  }
  p.images = std::move(images);
}

void run_images(const Products& group, const Memory& m, Worker& w, unsigned begin, unsigned end) {
  const PlannedProduct& p = *group[0];
  open_group(group, m, w);
  for (unsigned i = begin; i < end; ++i) {
    const Image& image = p.images[i];
    const std::size_t columns = image.end - image.begin,
                      step = (columns + kStep - 1) / kStep * kStep;
    w.sums.resize(std::max(w.sums.size(), p.columns * step + tile_kernels().tap_columns));
    if (!sum_image(p, image, m, w, step)) {
      run_panels(group, m, w, image.first_panel, image.last_panel);
      continue;
    }
    const unsigned each = rows_at_once(columns);
    for (unsigned row = 0; row < p.columns; row += each) {
      const unsigned count = std::min(each, p.columns - row);
      const float* sums = w.sums.data() + row * step;
      if (p.keep) store_rows(m.core, p.sum.base, row, count, image.base, sums, step);
      if (p.eviction)
        p.eviction->take(m, w, image.eviction, {sums, step, w.scalars.data(), row, count});
    }
  }
}

}  // namespace neuron::sim
