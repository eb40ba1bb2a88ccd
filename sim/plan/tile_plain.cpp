// SPDX-License-Identifier: Apache-2.0
// For hosts without wider vectors; what the others are held against.
#include <utility>

#include "sim/plan/tile_body.h"

namespace neuron::sim {
namespace {

using Four = float __attribute__((vector_size(16)));
template <unsigned LANES, bool FINISH>
void tile_plain(const TileArguments& t) {
  columns_of<Four, 2, 4, 0, LANES * kLanes, FINISH>(t);
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

bool no_pool(const PoolArguments&) { return false; }
bool taps_plain(const TapArguments& t) { return sum_taps<Four>(t); }
bool finite_plain(const float* values, std::size_t count) { return finite(values, count); }

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"plain",
          3,
          {tile_plain<I + 1, false>...},
          {tile_plain<I + 1, true>...},
          {line_plain<I + 1>...},
          nullptr,
          {pack_plain, pack_plain, pack_plain},
          unpack_plain,
          taps_plain,
          sizeof(Four) / sizeof(float),
          {no_pool, no_pool},
          finite_plain};
}

}  // namespace

const TileKernels kPlainKernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
