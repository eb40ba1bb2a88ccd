// SPDX-License-Identifier: Apache-2.0
// Constants that move through weights of one column, as those of a last layer do: there is one
// product for each number read, so all that counts is to read them in the order in which they lie.
#include <algorithm>

#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

constexpr unsigned kAtOnce = 8;  ///< rows

/// A panel of one of the products.
struct Line {
  std::size_t product;
  const Panel* panel;
  float* sums;
};

/// The panels [begin, end) of all products, one after the other.
std::vector<Line> lines_of(const Products& group, Worker& w, unsigned begin, unsigned end) {
  std::vector<Line> lines;
  unsigned at = 0;
  for (std::size_t j = 0; j < group.size(); ++j)
    for (const Panel& panel : group[j]->panels) {
      if (at >= begin && at < end)
        lines.push_back({j, &panel, w.sums.data() + std::size_t{at} * kLineColumns});
      ++at;
    }
  return lines;
}

/// Rows [k, k + count) of a chunk, one term, in one panel; the rows behind them are asked for.
void sum_rows(const PlannedProduct& p, std::size_t chunk, const Line& line, unsigned k,
              unsigned count) {
  const PanelPart& part = line.panel->parts[chunk].front();
  const Term& term = p.sum.terms[part.term];
  TileArguments t{};
  t.a = p.storage->values.data() + p.chunks[chunk].weights + std::size_t{k} * kTileRows;
  t.b_step = term.constant.pitch / sizeof(float);
  t.b =
      reinterpret_cast<const float*>(term.constant.data + part.pieces.runs[0].from) + k * t.b_step;
  t.k = count;
  t.c = line.sums;
  t.fresh = chunk == 0 && k == 0;
  for (unsigned ahead = kAtOnce; ahead < std::min(2 * kAtOnce, term.weights.rows - k); ++ahead)
    for (unsigned n = 0; n < line.panel->lanes; n += kLine / sizeof(float) / kLanes)
      __builtin_prefetch(t.b + ahead * t.b_step + n * kLanes);
  each_tile(p, *line.panel, t, [](const TileArguments& tile, TileKernel kernel) { kernel(tile); });
}

}  // namespace

bool is_lines(const PlannedProduct& p) {
  if (p.columns != 1 || p.narrow || p.sum.accumulate || p.storage->sparse) return false;
  const auto lies_in_rows = [](const Term& t) {
    return t.constant && !t.high && t.moving.type == DType::Float32 &&
           reinterpret_cast<std::uintptr_t>(t.constant.data) % alignof(float) == 0 &&
           t.constant.pitch % sizeof(float) == 0;
  };
  const auto in_place = [](const Panel& panel) {
    return panel.is_whole() && std::ranges::all_of(panel.parts, [](const auto& parts) {
             return parts.size() == 1 && parts[0].pieces.single();
           });
  };
  return std::ranges::all_of(p.sum.terms, lies_in_rows) && std::ranges::all_of(p.panels, in_place);
}

void run_lines(const Products& group, const Memory& m, Worker& w, unsigned begin, unsigned end) {
  open_group(group, m, w);
  const auto lines = lines_of(group, w, begin, end);
  const PlannedProduct& first = *group[0];
  for (std::size_t c = 0; c < first.chunks.size(); ++c)
    for (unsigned k = 0; k < first.chunks[c].rows; k += kAtOnce)
      for (const Line& line : lines)
        sum_rows(*group[line.product], c, line, k, std::min(kAtOnce, first.chunks[c].rows - k));
  for (const Line& line : lines) take_rows(group, line.product, *line.panel, m, w, 0, 1, line.sums);
}

}  // namespace neuron::sim
