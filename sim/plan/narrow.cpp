// SPDX-License-Identifier: Apache-2.0
// Products of few moving columns: packing many weights for them costs more than to multiply. Rows
// of weights are vectors as they lie; the moving columns are packed in their stead, and the small
// sum is turned at the end.
#include <algorithm>
#include <numeric>

#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

constexpr unsigned kNarrow = 2 * kTileRows;  ///< columns, at most

/// Rows whose first element is the weight of the first column.
RowsAt weights_at(const Memory& m, const Weights& w) {
  const std::size_t before = std::size_t{w.first} * sizeof(float);
  if (w.constant) return {w.constant.data - before, w.constant.pitch};
  return {m.core + row_start(w.view, 0) - before};
}

/// Whether each row of weights is whole vectors of float32, in the order of the columns.
bool lies_in_rows(const Weights& w) {
  const View& v = w.view;
  if (w.pass != 0 || v.type != DType::Float32 || w.columns % kLanes != 0) return false;
  if (v.nums[1] * v.nums[2] * v.nums[3] != 1 || v.steps[0] != -4) return false;
  if (!w.constant) return v.at % alignof(float) == 0;
  return reinterpret_cast<std::uintptr_t>(w.constant.data) % alignof(float) == 0 &&
         w.constant.pitch % sizeof(float) == 0;
}

}  // namespace

bool is_narrow(const PlannedProduct& p, bool constant) {
  // Packed weights are as good where they cost nothing, unless columns would be filled up.
  if (p.sum.base.count > (constant ? kTileRows : kNarrow) || p.sum.accumulate) return false;
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
      panel.few.push_back({t, 0,
                           pieces_of(offsets, columns, begin,
                                     begin + static_cast<std::int32_t>(kTileRows), moving.size)});
  }
}

void sum_narrow(const PlannedProduct& p, const Panel& panel, const Memory& m, Worker& w) {
  float* packed = w.panel.data();
  float* turned = packed + kNarrow * kArray;
  const unsigned count = p.sum.base.count, lanes = p.columns / kLanes;
  const auto& kernels = count == 1 ? tile_kernels().line : tile_kernels().tile;
  for (const PanelPart& part : panel.few) {
    const Term& term = p.sum.terms[part.term];
    pack_part(m, term, part, kTileRows, packed);
    const RowsAt rows = weights_at(m, term.weights);
    const std::size_t block =
        static_cast<std::size_t>(&part - panel.few.data()) % ((count + kTileRows - 1) / kTileRows);
    for (unsigned done = 0; done < lanes; done += kTileLanes) {
      const std::size_t column = std::size_t{done} * kLanes;
      kernels[std::min(kTileLanes, lanes - done) - 1](
          {packed, reinterpret_cast<const float*>(rows.first) + column, rows.step / sizeof(float),
           term.weights.rows, turned + block * kTileRows * kStripColumns + column, kStripColumns,
           part.term == 0});
    }
  }
  for (unsigned r = 0; r < p.columns; ++r)
    for (unsigned n = 0; n < count; ++n)
      w.sums[r * kStripColumns + n] = turned[n * kStripColumns + r];
}

}  // namespace neuron::sim
