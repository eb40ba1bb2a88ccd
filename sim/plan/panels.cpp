// SPDX-License-Identifier: Apache-2.0
// Runs a planned product: panel by panel, from packed weights and moving rows to evicted sums.
#include "sim/plan/panels.h"

#include <algorithm>
#include <cstring>

#include "sim/arithmetic.h"

namespace neuron::sim {

RowsAt moving_at(const Memory& m, const Term& t) {
  if (t.constant) return {t.constant.data, t.constant.pitch};
  return {m.core + row_start(t.moving, 0)};
}

namespace {

void load_copied(const Memory& m, const Term& term, const PanelPart& part, unsigned width,
                 float* to) {
  for (const CopiedRows& b : part.copied) {
    const std::byte* from = m.variables[b.place.variable.value].data() + b.place.at;
    const RowsAt at{from, static_cast<std::size_t>(b.place.step)};
    load_rows(at, term.moving, b.place.count, b.pieces, to, width, part.ahead);
    for (unsigned r = 0; r < b.place.count; ++r, to += width)
      for (const std::uint16_t column : b.zeros) to[column] = 0;
  }
}

}  // namespace

void pack_part(const Memory& m, const Term& term, const PanelPart& part, unsigned width,
               float* panel) {
  float* to = panel + std::size_t{part.row} * width;
  if (!part.pieces.full) std::memset(to, 0, std::size_t{term.weights.rows} * width * sizeof(float));
  if (part.copied.empty())
    load_rows(moving_at(m, term), term.moving, term.weights.rows, part.pieces, to, width,
              part.ahead);
  else
    load_copied(m, term, part, width, to);
  if (!term.high) return;
  for (std::size_t i = 0; i < std::size_t{term.weights.rows} * width; ++i) to[i] = high_half(to[i]);
}

const TileKernel* kernels_of(const PlannedProduct& p) {
  return p.columns == 1 ? tile_kernels().line : tile_kernels().tile;
}

namespace {

/// Whether the rows of a term may be read as they lie.
bool in_place(const Memory& m, const Term& t, const Pieces& pieces) {
  const RowsAt at = moving_at(m, t);
  return pieces.single() && !t.high && t.moving.type == DType::Float32 &&
         reinterpret_cast<std::uintptr_t>(at.first + pieces.runs[0].from) % alignof(float) == 0 &&
         at.step % sizeof(float) == 0;
}

/// Only the rows where a block of weights is not zero; what they meet is finite.
void sum_sparse(const PlannedProduct& p, std::size_t c, const Panel& panel, TileArguments t,
                TileKernel kernel) {
  const std::size_t block = std::size_t{p.chunks[c].rows} * kPackColumns;
  const float* weights = t.a;
  const float* moving = t.b;
  const bool fresh = t.fresh;
  for (unsigned b = 0; b < p.blocks; ++b, weights += block, t.c += kTileRows * kStripColumns) {
    t.fresh = fresh;
    for (const PanelPart& part : panel.parts[c]) {
      const auto [first, last] = p.storage->rows[part.term * p.blocks + b];
      if (first == last && !t.fresh) continue;
      t.a = weights + (part.row + first) * std::size_t{kPackColumns};
      t.b = moving + (part.row + first) * t.b_step;
      t.k = last - first;
      kernel(t);
      t.fresh = false;
    }
  }
}

/// Every block of weights.
void sum_dense(const PlannedProduct& p, std::size_t c, TileArguments t, TileKernel kernel) {
  for (unsigned b = 0; b < p.blocks; ++b) {
    kernel(t);
    t.a += std::size_t{p.chunks[c].rows} * kPackColumns;
    t.c += kTileRows * kStripColumns;
  }
}

/// One block of weights.
void sum_block(const PlannedProduct& p, const Panel& panel, const TileArguments& t) {
  each_tile(p, panel, t, [](const TileArguments& tile, TileKernel kernel) { kernel(tile); });
}

/// A chunk's share of a panel.
void sum_chunk(const PlannedProduct& p, std::size_t c, const Panel& panel, const TileArguments& t,
               bool sparse) {
  each_tile(p, panel, t, [&](const TileArguments& tile, TileKernel kernel) {
    if (sparse)
      sum_sparse(p, c, panel, tile, kernel);
    else
      sum_dense(p, c, tile, kernel);
  });
}

/// Moving rows that are read as they lie and once: some of them at a time, from end to end, while
/// the next ones are on their way.
void sum_line(const PlannedProduct& p, std::size_t c, const Panel& panel, TileArguments t) {
  constexpr unsigned kAtOnce = 8;
  for (unsigned left = t.k; left > 0; left -= t.k) {
    t.k = std::min(kAtOnce, left);
    for (unsigned k = t.k; k < std::min(2 * kAtOnce, left); ++k)
      for (unsigned n = 0; n < panel.lanes; ++n)
        __builtin_prefetch(t.b + k * t.b_step + n * kLanes);
    sum_chunk(p, c, panel, t, false);
    t.a += t.k * kTileRows;
    t.b += t.k * t.b_step;
    t.fresh = false;
  }
}

/// Whether zeros that fill up a term's columns would meet an infinity or NaN among its weights.
bool needs_care(const PlannedProduct& p, const Panel& panel) {
  if (panel.filled) return false;
  for (const auto& parts : panel.parts)
    for (const PanelPart& part : parts)
      if (!part.pieces.full && !p.storage->finite[part.term]) return true;
  return false;
}

/// Term by term, each adding only to the columns that it has.
void sum_carefully(const PlannedProduct& p, const Panel& panel, const Memory& m, Worker& w) {
  Floats one((kArray + kTileRows) * kStripColumns);
  if (!p.sum.accumulate) std::fill(w.sums.begin(), w.sums.end(), 0.0f);
  for (std::size_t c = 0; c < p.chunks.size(); ++c)
    for (const PanelPart& part : panel.parts[c]) {
      const Term& term = p.sum.terms[part.term];
      pack_part(m, term, part, panel.width, w.panel.data());
      TileArguments t{};
      t.b_step = panel.width;
      t.k = term.weights.rows;
      t.c_step = kStripColumns;
      t.fresh = true;
      t.a = p.storage->values.data() + p.chunks[c].weights + std::size_t{part.row} * kPackColumns;
      t.b = w.panel.data() + part.row * t.b_step;
      t.c = one.data();
      sum_chunk(p, c, panel, t, false);
      for (unsigned r = 0; r < p.columns; ++r)
        for (const Piece& piece : part.pieces.runs)
          for (unsigned i = piece.to; i < piece.to + piece.count; ++i)
            w.sums[r * kStripColumns + i] += one[r * kStripColumns + i];
    }
}

/// Brings the moving rows of a chunk together, unless they may be read as they lie; tells which.
bool bring(const PlannedProduct& p, std::size_t c, const Panel& panel, const Memory& m, Worker& w,
           TileArguments& t) {
  t.k = p.chunks[c].rows;
  t.a = p.storage->values.data() + p.chunks[c].weights;
  t.b = w.panel.data();
  t.b_step = panel.width;
  const PanelPart& only = panel.parts[c].front();
  const Term& term = p.sum.terms[only.term];
  if (p.blocks == 1 && !p.storage->sparse && panel.parts[c].size() == 1 && panel.is_whole() &&
      only.copied.empty() && in_place(m, term, only.pieces)) {
    const RowsAt at = moving_at(m, term);
    t.b = reinterpret_cast<const float*>(at.first + only.pieces.runs[0].from);
    t.b_step = at.step / sizeof(float);
    return true;
  }
  for (const PanelPart& part : panel.parts[c])
    pack_part(m, p.sum.terms[part.term], part, panel.width, w.panel.data());
  return false;
}

/// Where the i-th product of a group has its sums.
constexpr std::size_t kSums = std::size_t{kArray + kTileRows} * kStripColumns;
float* sums_of(Worker& w, std::size_t i) { return w.sums.data() + i * kSums; }

/// What takes a panel's sums away, if the tiles do.
const Floor* floor_of(const PlannedProduct& p, const Panel& panel) {
  return panel.floor && !p.storage->sparse && !needs_care(p, panel) ? &*panel.floor : nullptr;
}
/// The last chunk's share of a panel for the blocks [begin, end) of the weights, and what takes the
/// sums away. `scalars` are those of the product.
void finish_chunk(const PlannedProduct& p, const Panel& panel, const Floor& floor, const Memory& m,
                  const float* scalars, TileArguments t, unsigned begin, unsigned end) {
  constexpr std::size_t kPitch = isa::kPartitionStride / sizeof(float);
  const unsigned columns = panel.end - panel.begin;
  std::array<float, kTileRows> own;
  t.least = floor.least;
  t.out = reinterpret_cast<float*>(m.core + floor.line);
  t.out_step = kPitch;
  for (unsigned column = 0, width; column < columns; column += width) {
    const unsigned lanes = lanes_of_tile((columns - column + kLanes - 1) / kLanes);
    width = lanes * kLanes;
    const unsigned at = std::min(column, columns - width);
    TileArguments tile = t;
    tile.b += at;
    for (unsigned b = begin; b < end; ++b) {
      tile.a = t.a + std::size_t{p.chunks.back().rows} * kPackColumns * b;
      tile.c = t.c + std::size_t{b} * kTileRows * kStripColumns + at;
      tile.out = t.out + b * kTileRows * kPitch + at;
      tile.bias = p.eviction->biases(scalars, b * kTileRows, own);
      tile_kernels().finish[lanes - 1](tile);
    }
  }
}

/// A chunk of a panel, brought together once for all products.
void sum_group(const Products& group, std::size_t c, std::size_t i, const Memory& m, Worker& w) {
  const PlannedProduct& first = *group[0];
  const Panel& panel = first.panels[i];
  TileArguments t{};
  const bool in_place = bring(first, c, panel, m, w, t);
  t.c_step = kStripColumns;
  t.fresh = c == 0 && !first.sum.accumulate;
  const bool sparse =
      first.storage->sparse && tile_kernels().finite(t.b, std::size_t{t.k} * t.b_step);
  for (std::size_t j = 0; j < group.size(); ++j) {
    const PlannedProduct& p = *group[j];
    t.a = p.storage->values.data() + p.chunks[c].weights;
    t.c = sums_of(w, j);
    const Floor* floor = c + 1 == p.chunks.size() ? floor_of(p, p.panels[i]) : nullptr;
    if (floor)
      finish_chunk(p, p.panels[i], *floor, m, w.scalars.data() + j * kScalars, t, 0, p.blocks);
    else if (in_place && p.columns == 1)
      sum_line(p, c, panel, t);
    else
      sum_chunk(p, c, panel, t, sparse);
  }
}

/// Sums of one panel for all columns of the weights, in the worker's tiles.
void sum_panel(const Products& group, std::size_t i, const Memory& m, Worker& w) {
  const PlannedProduct& p = *group[0];
  const Panel& panel = p.panels[i];
  if (p.narrow) return sum_narrow(p, panel, m, w);
  for (std::size_t j = 0; p.sum.accumulate && j < group.size(); ++j)
    load_rows(m.core, group[j]->sum.base, 0, group[j]->columns, panel.base, sums_of(w, j),
              kStripColumns);
  if (needs_care(p, panel)) return sum_carefully(p, panel, m, w);
  for (std::size_t c = 0; c < p.chunks.size(); ++c) sum_group(group, c, i, m, w);
}

/// Whether a panel's moving rows stay in the first cache, beside the sums of a block of weights:
/// these are then taken away block by block.
bool is_small(const PlannedProduct& p, const Panel& panel) {
  constexpr std::size_t kSmall = 5120;  ///< floats
  return p.chunks.size() == 1 && !p.narrow && !p.sum.accumulate && !p.storage->sparse &&
         std::size_t{p.chunks[0].rows} * panel.width <= kSmall && !needs_care(p, panel);
}
void sum_blocks(const Products& group, std::size_t i, const Memory& m, Worker& w) {
  TileArguments t{};
  bring(*group[0], 0, group[0]->panels[i], m, w, t);
  t.c_step = kStripColumns;
  t.fresh = true;
  for (std::size_t j = 0; j < group.size(); ++j) {
    const PlannedProduct& p = *group[j];
    t.a = p.storage->values.data();
    t.c = sums_of(w, j);
    if (const Floor* floor = floor_of(p, p.panels[i])) {
      for (unsigned b = 0; b < p.blocks; ++b)
        finish_chunk(p, p.panels[i], *floor, m, w.scalars.data() + j * kScalars, t, b, b + 1);
      continue;
    }
    for (unsigned first = 0; first < p.columns; first += kPackColumns) {
      sum_block(p, p.panels[i], t);
      t.a += std::size_t{t.k} * kPackColumns;
      take_rows(group, j, p.panels[i], m, w, first, std::min(kPackColumns, p.columns - first), t.c);
    }
  }
}

}  // namespace

void open_group(const Products& group, const Memory& m, Worker& w) {
  w.panel.resize(std::max<std::size_t>(w.panel.size(), 2 * kArray * kStripColumns));
  w.sums.resize(std::max<std::size_t>(w.sums.size(), group.size() * kSums));
  w.scalars.resize(std::max<std::size_t>(w.scalars.size(), group.size() * kScalars));
  for (std::size_t j = 0; j < group.size(); ++j)
    if (group[j]->eviction)
      group[j]->eviction->open(m, w.scalars.data() + j * kScalars, 0, group[j]->columns);
}

void take_rows(const Products& group, std::size_t j, const Panel& panel, const Memory& m, Worker& w,
               unsigned first, unsigned rows, const float* sums) {
  const PlannedProduct& p = *group[j];
  if (p.keep) store_rows(m.core, p.sum.base, first, rows, panel.base, sums, kStripColumns);
  if (p.eviction)
    p.eviction->take(m, w, panel.eviction,
                     {sums, kStripColumns, w.scalars.data() + j * kScalars, first, rows});
}

void run_panels(const Products& group, const Memory& m, Worker& w, unsigned begin, unsigned end) {
  open_group(group, m, w);
  for (unsigned i = begin; i < end; ++i) {
    if (is_small(*group[0], group[0]->panels[i])) {
      sum_blocks(group, i, m, w);
      continue;
    }
    sum_panel(group, i, m, w);
    for (std::size_t j = 0; j < group.size(); ++j)
      for (unsigned r = 0; r < group[j]->columns && !floor_of(*group[j], group[j]->panels[i]);
           r += kTileRows)
        take_rows(group, j, group[j]->panels[i], m, w, r,
                  std::min(kTileRows, group[j]->columns - r),
                  sums_of(w, j) + std::size_t{r} * kStripColumns);
  }
}

bool may_share(const PlannedProduct& p) {
  return p.blocks > 1 && !p.narrow && p.constant && !p.storage->sparse && p.images.empty() &&
         std::none_of(p.panels.begin(), p.panels.end(),
                      [&](const Panel& panel) { return needs_care(p, panel); });
}

}  // namespace neuron::sim
