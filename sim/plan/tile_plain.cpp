// SPDX-License-Identifier: Apache-2.0
// For hosts without wider vectors; what the others are held against.
#include "sim/plan/tile_body.h"

namespace neuron::sim {
namespace {

using Four = float __attribute__((vector_size(16)));
template <unsigned LANES>
void tile_plain(const TileArguments& t) {
  whole_tile<Four, 2, 4, LANES>(t);
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

bool taps_plain(const TapArguments& t) {
  bool good = true;
  std::uint32_t i = 0;
  for (unsigned v = 0; v < t.vectors; ++v) {
    float* c = t.c + v * kLanes;
    std::memset(c, 0, kLanes * sizeof(float));
    for (; i < t.ends[v]; ++i) {
      const Tap& tap = t.taps[i];
      std::int64_t skipped = tap.from;
      for (unsigned lane = 0; lane < kLanes; ++lane) {
        if (!(tap.mask >> lane & 1)) continue;
        const std::int64_t at = tap.skips ? skipped : tap.from + 4 * std::int64_t{lane};
        skipped += 8;
        c[lane] += widened(Form::Float32, t.row + at) * t.weights[tap.term];
      }
    }
    for (unsigned lane = 0; lane < kLanes; ++lane) good &= c[lane] - c[lane] == 0;
  }
  return good;
}

bool finite_plain(const float* values, std::size_t count) { return finite(values, count); }

}  // namespace

const TileKernels kPlainKernels{"plain",
                                {tile_plain<1>, tile_plain<2>, tile_plain<3>},
                                {pack_plain, pack_plain, pack_plain},
                                unpack_plain,
                                taps_plain,
                                finite_plain};

}  // namespace neuron::sim
