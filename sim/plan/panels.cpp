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

void pack_part(const Memory& m, const Term& term, const PanelPart& part, unsigned width,
               float* panel) {
  float* to = panel + std::size_t{part.row} * width;
  if (!part.pieces.full) std::memset(to, 0, std::size_t{term.weights.rows} * width * sizeof(float));
  load_rows(moving_at(m, term), term.moving, term.weights.rows, part.pieces, to, width);
  if (!term.high) return;
  for (std::size_t i = 0; i < std::size_t{term.weights.rows} * width; ++i) to[i] = high_half(to[i]);
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

/// A chunk's share of a panel, as many columns at a time as a tile has.
void sum_chunk(const PlannedProduct& p, std::size_t c, const Panel& panel, TileArguments t,
               bool sparse) {
  const unsigned tiles = (panel.lanes + kTileLanes - 1) / kTileLanes;
  for (unsigned i = 0; i < tiles; ++i) {
    const unsigned begin = panel.lanes * i / tiles, lanes = panel.lanes * (i + 1) / tiles - begin;
    TileArguments tile = t;
    tile.b += begin * kLanes;
    tile.c += begin * kLanes;
    if (sparse)
      sum_sparse(p, c, panel, tile, tile_kernels().tile[lanes - 1]);
    else
      sum_dense(p, c, tile, tile_kernels().tile[lanes - 1]);
  }
}

/// Weights that stand alone: some rows at a time. False, and nothing said, when a number is not
/// finite.
bool sum_alone(const PlannedProduct& p, const Panel& panel, const Memory& m, float* sums) {
  const std::size_t terms = p.sum.terms.size();
  TapArguments t{};
  t.taps = panel.taps.data();
  t.vectors = panel.vectors.data();
  t.vector_count = static_cast<unsigned>(panel.vectors.size());
  t.c_step = kStripColumns;
  bool good = true;
  for (unsigned c = 0; c < p.columns && good; c += t.count) {
    t.count = std::min(kTapRows, p.columns - c);
    for (unsigned r = 0; r < t.count; ++r) {
      t.rows[r] = m.core + row_start(p.sum.terms[0].moving, p.storage->row_of[c + r]);
      t.weights[r] = p.storage->alone.data() + (c + r) * terms;
    }
    t.c = sums + c * std::size_t{kStripColumns};
    good = tile_kernels().taps(t);
  }
  return good;
}

/// Whether zeros that fill up a term's columns would meet an infinity or NaN among its weights.
bool needs_care(const PlannedProduct& p, const Panel& panel) {
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
      pack_part(m, term, part, panel.lanes * kLanes, w.panel.data());
      TileArguments t{};
      t.b_step = panel.lanes * kLanes;
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

/// Sums of one panel for all columns of the weights, in the worker's tile.
void sum_panel(const PlannedProduct& p, const Panel& panel, const Memory& m, Worker& w) {
  const unsigned width = panel.lanes * kLanes;
  if (p.narrow) return sum_narrow(p, panel, m, w);
  if (!panel.taps.empty() && sum_alone(p, panel, m, w.sums.data())) return;
  bool fresh = !p.sum.accumulate;
  if (p.sum.accumulate)
    load_rows(m.core, p.sum.base, 0, p.columns, panel.base, w.sums.data(), kStripColumns);
  if (needs_care(p, panel)) return sum_carefully(p, panel, m, w);
  for (std::size_t c = 0; c < p.chunks.size(); ++c) {
    const Chunk& chunk = p.chunks[c];
    TileArguments t{};
    t.b = w.panel.data();
    t.b_step = width;
    const PanelPart& only = panel.parts[c].front();
    const Term& term = p.sum.terms[only.term];
    if (p.blocks == 1 && !p.storage->sparse && panel.parts[c].size() == 1 &&
        in_place(m, term, only.pieces)) {
      const RowsAt at = moving_at(m, term);
      t.b = reinterpret_cast<const float*>(at.first + only.pieces.runs[0].from);
      t.b_step = at.step / sizeof(float);
    } else {
      for (const PanelPart& part : panel.parts[c])
        pack_part(m, p.sum.terms[part.term], part, width, w.panel.data());
    }
    t.k = chunk.rows;
    t.fresh = fresh;
    fresh = false;
    t.a = p.storage->values.data() + chunk.weights;
    t.c = w.sums.data();
    t.c_step = kStripColumns;
    const bool sparse =
        p.storage->sparse && tile_kernels().finite(w.panel.data(), std::size_t{chunk.rows} * width);
    sum_chunk(p, c, panel, t, sparse);
  }
}

}  // namespace

void run_panels(const PlannedProduct& p, const Memory& m, Worker& w, unsigned begin, unsigned end) {
  w.panel.resize(std::max<std::size_t>(w.panel.size(), 2 * kArray * kStripColumns));
  w.sums.resize(std::max<std::size_t>(w.sums.size(), (kArray + kTileRows) * kStripColumns));
  if (p.evictor) p.evictor->open(m, w);
  for (unsigned i = begin; i < end; ++i) {
    const Panel& panel = p.panels[i];
    sum_panel(p, panel, m, w);
    if (p.keep)
      store_rows(m.core, p.sum.base, 0, p.columns, panel.base, w.sums.data(), kStripColumns);
    if (p.evictor) p.evictor->take(m, w, panel.eviction);
  }
}

}  // namespace neuron::sim
