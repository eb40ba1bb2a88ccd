// SPDX-License-Identifier: Apache-2.0
// Products of few moving columns: packing many weights for them costs more than to multiply. Rows
// of weights are vectors as they lie; the moving columns are packed in their stead, and the small
// sum is turned at the end. Constants of a model that runs again are laid out tile by tile.
#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "sim/arithmetic.h"
#include "sim/plan/panels.h"
#include "sim/plan/rows.h"

namespace neuron::sim {
namespace {

/// Rows whose first element is the weight of the first column.
RowsAt weights_at(const Memory& m, const Weights& w) {
  const std::size_t before = std::size_t{w.first} * sizeof(float);
  if (w.constant) return {w.constant.data - before, w.constant.pitch};
  return {m.core + row_start(w.view, 0) - before};
}

/// Whether each row of weights is whole vectors of float32, in the order of the columns.
bool lies_in_rows(const Weights& w) {
  const View& v = w.view;
  if (w.pass == kLow || v.type != DType::Float32 || w.columns % kLanes != 0) return false;
  if (v.nums[1] * v.nums[2] * v.nums[3] != 1 || v.steps[0] != -4) return false;
  if (!w.constant) return v.at % alignof(float) == 0;
  return reinterpret_cast<std::uintptr_t>(w.constant.data) % alignof(float) == 0 &&
         w.constant.pitch % sizeof(float) == 0;
}

/// Rows of weights as they are multiplied.
struct Brought {
  RowsAt rows;
  bool nothing = false;   ///< all of them are known to be zeros
  bool in_tiles = false;  ///< those of a tile's columns lie together
};

bool is_zero(const float* row, unsigned count) {
  std::uint32_t bits = 0;
  for (unsigned i = 0; i < count; ++i) bits |= std::bit_cast<std::uint32_t>(row[i]) << 1;
  return bits == 0;
}
void round_row(const float* row, unsigned count, float* to) {
  for (unsigned i = 0; i < count; ++i) to[i] = high_half(row[i]);
}

/// Rows that are computed on the way: most of those that pick rows of a table are zeros.
Brought make_rows(const Memory& m, const Weights& w, float* to) {
  Brought out{{reinterpret_cast<const std::byte*>(to), w.columns * sizeof(float)}, true};
  for (unsigned k = 0; k < w.rows; ++k, to += w.columns) {
    compute_row(*w.made_by, m, k, to);
    if (is_zero(to, w.columns)) continue;
    out.nothing = false;
    if (w.pass == kHigh) round_row(to, w.columns, to);
  }
  return out;
}

/// Rows where they lie; the HIGH halves of others are made in `scratch`, one after the other.
Brought bring_rows(const Memory& m, const Weights& w, float* scratch) {
  if (w.made_by) return make_rows(m, w, scratch);
  RowsAt from = weights_at(m, w);
  if (w.pass != kHigh) return {from};
  constexpr std::size_t kAhead = 8;
  float* to = scratch;
  for (unsigned k = 0; k < w.rows; ++k, from.first += from.step, to += w.columns) {
    // Rows lie far apart: a later one is asked for now.
    for (unsigned i = 0; k + kAhead < w.rows && i < w.columns; i += kLanes)
      __builtin_prefetch(from.first + kAhead * from.step + i * sizeof(float));
    round_row(reinterpret_cast<const float*>(from.first), w.columns, to);
  }
  return {{reinterpret_cast<const std::byte*>(scratch), w.columns * sizeof(float)}};
}

/// Adds one term to the sums of up to 8 moving columns.
void add_term(const PlannedProduct& p, const Term& term, const Brought& weights, TileArguments t) {
  const auto& kernels = p.sum.base.count == 1 ? tile_kernels().line : tile_kernels().tile;
  const auto* first = reinterpret_cast<const float*>(weights.rows.first);
  float* sums = t.c;
  t.k = term.weights.rows;
  t.c_step = kStripColumns;
  each_lanes(p.columns / kLanes, [&](unsigned lane, unsigned lanes) {
    t.b = first + lane * kLanes * (weights.in_tiles ? t.k : 1);
    t.b_step = weights.in_tiles ? lanes * kLanes : weights.rows.step / sizeof(float);
    t.c = sums + lane * kLanes;
    kernels[lanes - 1](t);
  });
}

}  // namespace

bool is_narrow(const PlannedProduct& p, bool constant) {
  // Packed weights are as good where they cost nothing, unless columns would be filled up.
  if (p.sum.base.count > (constant ? kTileRows : kNarrow)) return false;
  if (constant && p.storage->sparse) return false;
  return std::all_of(p.sum.terms.begin(), p.sum.terms.end(), [&](const Term& t) {
    return lies_in_rows(t.weights) && same_place(t.to, p.sum.base);
  });
}

void plan_narrow(const PlannedProduct& p, Panel& panel) {
  const auto count = static_cast<std::int32_t>(p.sum.base.count);
  std::vector<std::int32_t> columns(p.sum.base.count);
  std::iota(columns.begin(), columns.end(), 0);
  for (std::uint32_t t = 0; t < p.sum.terms.size(); ++t) {
    const View& moving = p.sum.terms[t].moving;
    const auto offsets = offsets_of(moving);
    for (std::int32_t begin = 0; begin < count; begin += kTileRows)
      panel.few.push_back({t,
                           0,
                           pieces_of(offsets, columns, begin,
                                     begin + static_cast<std::int32_t>(kTileRows), moving.size),
                           0,
                           {}});
  }
}

void pack_narrow(PlannedProduct& p) {
  std::size_t rows = 0;
  for (const Term& t : p.sum.terms) rows += t.weights.rows;
  p.tiles.resize(rows * p.columns);
  Floats scratch(kArray * kArray);
  float* to = p.tiles.data();
  for (const Term& t : p.sum.terms) {
    const Brought brought = bring_rows({}, t.weights, scratch.data());
    each_lanes(p.columns / kLanes, [&](unsigned lane, unsigned lanes) {
      const std::byte* row = brought.rows.first + lane * kLanes * sizeof(float);
      for (unsigned k = 0; k < t.weights.rows; ++k, row += brought.rows.step, to += lanes * kLanes)
        std::memcpy(to, row, lanes * kLanes * sizeof(float));
    });
  }
}

void sum_narrow(const PlannedProduct& p, const Panel& panel, const Memory& m, Worker& w) {
  float* packed = w.panel.data();
  float* turned = packed + kTileRows * kArray;
  float* made = turned + kNarrow * kStripColumns;
  const unsigned count = p.sum.base.count;
  std::fill_n(turned, kNarrow * kStripColumns, 0.0f);
  if (p.sum.accumulate) {
    load_rows(m.core, p.sum.base, 0, p.columns, panel.base, w.sums.data(), kStripColumns);
    for (unsigned n = 0; n < count; ++n)
      for (unsigned r = 0; r < p.columns; ++r)
        turned[n * kStripColumns + r] = w.sums[r * kStripColumns + n];
  }
  const std::size_t blocks = panel.few.size() / p.sum.terms.size();
  Brought packed_rows{{reinterpret_cast<const std::byte*>(p.tiles.data())}, false, true};
  for (std::size_t i = 0; i < p.sum.terms.size(); ++i) {
    const Term& term = p.sum.terms[i];
    const Brought brought = p.tiles.empty() ? bring_rows(m, term.weights, made) : packed_rows;
    for (std::size_t b = 0; b < blocks; ++b) {
      pack_part(m, term, panel.few[i * blocks + b], kTileRows, packed);
      // Zeros add nothing to a sum but what infinities make of them.
      const std::size_t elements = std::size_t{term.weights.rows} * kTileRows;
      if (brought.nothing && tile_kernels().finite(packed, elements)) continue;
      TileArguments t{};
      t.a = packed;
      t.c = turned + b * kTileRows * kStripColumns;
      add_term(p, term, brought, t);
    }
    packed_rows.rows.first += std::size_t{term.weights.rows} * p.columns * sizeof(float);
  }
  for (unsigned r = 0; r < p.columns; ++r)
    for (unsigned n = 0; n < count; ++n)
      w.sums[r * kStripColumns + n] = turned[n * kStripColumns + r];
}

}  // namespace neuron::sim
