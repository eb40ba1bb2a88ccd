// SPDX-License-Identifier: Apache-2.0
// Weights that stand alone: each channel's image is summed by itself, from planes that have zeros
// where it has a border.
#include <algorithm>
#include <numeric>
#include <tuple>

#include "sim/plan/panels.h"
#include "sim/plan/planes.h"
#include "sim/plan/pool.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kStep = 16;  ///< rows of sums begin with a vector

std::vector<std::int32_t> all_columns(std::uint32_t count) {
  std::vector<std::int32_t> all(count);
  std::iota(all.begin(), all.end(), 0);
  return all;
}

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

/// Where rows `row` of all channels, and those that a channel has `behind` it, were copied from:
/// the first term's row 0 and the step from row to row. Nothing if they do not lie alike in all
/// terms.
std::optional<CopiedView::Rows> place_of(const PlannedProduct& p, const Term& t, unsigned behind) {
  const CopiedView::Rows* found = nullptr;
  std::int64_t at = 0;
  unsigned first = 0;
  for (const CopiedView::Rows& rows : t.copied->rows) {
    const auto inside = [&](unsigned row) {
      return row + behind >= first && row + behind < first + rows.count;
    };
    if (std::ranges::all_of(p.storage->row_of, inside)) {
      found = &rows;
      at = rows.at - std::int64_t{first} * rows.step;
    }
    first += rows.count;
  }
  if (!found) return std::nullopt;
  CopiedView::Rows out = *found;
  out.at = at;
  return out;
}

/// The same table for such rows, of which `place` is told, too; nothing if they were not copied.
std::optional<Table> copied_table(const PlannedProduct& p, const Offsets& columns, unsigned behind,
                                  CopiedView::Rows& place) {
  Table table;
  for (std::size_t t = 0; t < p.sum.terms.size(); ++t) {
    const Term& term = p.sum.terms[t];
    const auto here = term.copied ? place_of(p, term, behind) : std::nullopt;
    if (!here) return std::nullopt;
    if (t == 0) place = *here;
    if (here->variable != place.variable || here->step != place.step) return std::nullopt;
    auto& row = table.emplace_back(p.sum.base.count, kZero);
    const auto& pattern = term.copied->patterns[here->pattern];
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == CopiedView::kZero) continue;
      const std::int64_t byte = here->at - place.at + pattern[i];
      if (byte <= kZero || byte > INT32_MAX) return std::nullopt;
      row[static_cast<std::size_t>(columns[t][i])] = static_cast<std::int32_t>(byte);
    }
  }
  return table;
}

/// Taps below each other, as many at a time as are summed together. Each of the `rows` rows that a
/// channel has is laid out alike, `floats` apart; a term's weights for all of them follow each
/// other.
std::vector<TapColumn> columns_of(const Layout& layout, const std::vector<Spot>& spots,
                                  std::size_t rows, std::size_t floats) {
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
    columns.back().weights[columns.back().count++] = static_cast<std::uint16_t>(t * rows);
    last = &s;
  }
  std::vector<TapColumn> all;
  for (std::uint16_t row = 0; row < rows; ++row)
    for (TapColumn column : columns) {
      column.shift += static_cast<std::uint32_t>(row * floats);
      for (unsigned i = 0; i < column.count; ++i) column.weights[i] += row;
      all.push_back(column);
    }
  return all;
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

/// The first and the last byte that is read.
std::pair<std::int32_t, std::int32_t> extent_of(const Pieces& pieces, unsigned size) {
  std::int32_t first = INT32_MAX, last = INT32_MIN;
  for (const Piece& p : pieces.runs) {
    const std::int32_t end = p.from + (p.count - 1) * p.step * static_cast<std::int32_t>(size);
    first = std::min({first, p.from, end});
    last = std::max({last, p.from, end});
  }
  return {first, last};
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

const std::byte* at_of(const PlannedProduct& p, const ImageRows& rows, const Memory& m,
                       unsigned row) {
  row += rows.behind;
  if (!rows.is_copied) return m.core + row_start(p.sum.terms[0].moving, row);
  return m.variables[rows.from.variable.value].data() + rows.from.at + row * rows.from.step;
}

/// Brings the rows of a channel, of which `row` is the first.
void load_channel(const PlannedProduct& p, const Image& image, const Memory& m, unsigned row,
                  float* planes) {
  for (const ImageRows& rows : image.rows) {
    load_rows({at_of(p, rows, m, row)}, p.sum.terms[0].moving, 1, rows.pieces, planes, 0);
    planes += image.floats;
  }
}

/// Channels lie far apart: a later one is asked for early.
void ask_for_channel(const PlannedProduct& p, const Image& image, const Memory& m, unsigned row) {
  for (const ImageRows& rows : image.rows) {
    const std::byte* at = at_of(p, rows, m, row);
    for (std::int32_t line = rows.first; line < rows.last; line += kLine)
      __builtin_prefetch(at + line);
  }
}

/// Fills in the rows of an image; false if it has no planes.
bool plan_rows(const PlannedProduct& p, const Layout& layout, const std::vector<Spot>& spots,
               const Table& table, std::span<const std::optional<Table>> copied, Image& image) {
  const unsigned size = p.sum.terms[0].moving.size;
  for (std::size_t i = 0; i < image.rows.size(); ++i) {
    ImageRows& rows = image.rows[i];
    const Table& from = rows.is_copied ? *copied[i] : table;
    auto pieces = pieces_of(layout, spots, from, image.begin, image.end, size);
    if (!pieces) return false;
    rows.pieces = std::move(*pieces);
    std::tie(rows.first, rows.last) = extent_of(rows.pieces, size);
  }
  return true;
}

/// A channel at a time, while the next one is brought. False when a number is not finite.
bool sum_image(const PlannedProduct& p, const Image& image, const Memory& m, Worker& w,
               std::size_t step) {
  const auto& rows = p.storage->row_of;
  const std::size_t each = image.rows.size(), floats = image.floats * each;
  float *planes = w.panel.data(), *next = planes + floats;
  std::fill_n(planes, 2 * floats, 0.0f);
  TapArguments t{
      planes,       p.storage->alone.data(), image.columns, image.blocks, image.pitch, image.width,
      w.sums.data()};
  load_channel(p, image, m, rows[0], planes);
  for (std::size_t c = 0; c < rows.size(); ++c, std::swap(planes, next)) {
    if (c + 1 < rows.size()) load_channel(p, image, m, rows[c + 1], next);
    ask_for_channel(p, image, m, rows[std::min(c + 2, rows.size() - 1)]);
    t.planes = planes;
    if (!tile_kernels().taps(t)) return false;
    t.weights += p.sum.terms.size() * each;
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
  const std::size_t each = p.storage->behind.size();
  if (rows == 0) return;
  const auto spots = spots_of(*grid, moving.size);
  std::vector<ImageRows> from;
  std::vector<std::optional<Table>> copied;
  for (const std::uint16_t behind : p.storage->behind) {
    ImageRows& one = from.emplace_back(ImageRows{behind, {}, 0, 0});
    copied.push_back(copied_table(p, columns, behind, one.from));
  }
  const bool all = std::ranges::all_of(copied, [](const auto& table) { return table.has_value(); });
  for (ImageRows& one : from) one.is_copied = all;
  std::vector<Image> images;
  for (std::uint32_t begin = 0, end; begin < count; begin = end) {
    end = std::min(count, begin + rows * grid->width);
    const Layout layout(*grid, spots, begin, end);
    const std::size_t floats = layout.floats + tile_kernels().tap_columns;
    if (floats * each > kMostFloats + tile_kernels().tap_columns) return;
    Image image{};
    image.begin = begin;
    image.end = end;
    image.rows = from;
    if (!plan_rows(p, layout, spots, table, copied, image)) return;
    image.floats = floats;
    image.pitch = layout.pitch;
    image.width = grid->width;
    image.blocks = blocks_of(layout, begin, end);
    image.columns = columns_of(layout, spots, each, floats);
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
