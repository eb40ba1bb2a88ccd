// SPDX-License-Identifier: Apache-2.0
// For hosts without wider vectors; what the others are held against.
#include <algorithm>
#include <utility>

#include "sim/plan/tile_body.h"

namespace neuron::sim {
namespace {

using Four = float __attribute__((vector_size(16)));
template <unsigned LANES>
void tile_plain(const TileArguments& t) {
  columns_of<Four, 2, 4, 0, LANES * kLanes>(t);
}
template <unsigned LANES>
void line_plain(const TileArguments& t) {
  whole_line<Four, LANES>(t);
}

void pack_plain(const PackArguments& p, float* panel, std::size_t panel_step) {
  const std::byte* row = p.from;
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i)
      pack_piece(p.form, row + p.pieces[i].from, p.pieces[i], panel + p.pieces[i].to);
}

void unpack_plain(const PackArguments& p, std::byte* row, const float* panel,
                  std::size_t panel_step) {
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i)
      unpack_piece(row + p.pieces[i].from, p.pieces[i], panel + p.pieces[i].to);
}

/// One vector of one row; whether its sums are finite.
bool sum_taps(const std::byte* row, const float* weights, const Tap* taps, const Tap* end,
              const TapVector& v, float* c) {
  std::fill_n(c, v.count, 0.0f);
  for (; taps != end; ++taps)
    for (unsigned lane = 0; lane < v.count; ++lane)
      if (taps->mask >> lane & 1)
        c[lane] += widened(Form::Float32, row + taps->from + (taps->skips ? 8 : 4) * int(lane)) *
                   weights[taps->term];
  return std::all_of(c, c + v.count, [](float sum) { return sum - sum == 0; });
}

bool taps_plain(const TapArguments& t) {
  bool good = true;
  for (unsigned r = 0; r < t.count; ++r)
    for (unsigned v = 0, first = 0; v < t.vector_count; first = t.vectors[v++].end)
      good &= sum_taps(t.rows[r], t.weights[r], t.taps + first, t.taps + t.vectors[v].end,
                       t.vectors[v], t.c + r * t.c_step + t.vectors[v].to);
  return good;
}

bool finite_plain(const float* values, std::size_t count) { return finite(values, count); }

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"plain",
          {tile_plain<I + 1>...},
          {line_plain<I + 1>...},
          {pack_plain, pack_plain, pack_plain},
          unpack_plain,
          taps_plain,
          finite_plain};
}

}  // namespace

const TileKernels kPlainKernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
