// SPDX-License-Identifier: Apache-2.0
// Built with contraction of products and sums; see CMakeLists.txt.
#include "sim/plan/tile.h"

#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace neuron::sim {
namespace {

template <class V>
inline __attribute__((always_inline)) void load(V& to, const float* from) {
  std::memcpy(&to, from, sizeof(to));
}

/// COUNT vectors V for each of ROWS rows are held at a time, as many as the host has registers for.
template <class V, unsigned COUNT, unsigned ROWS>
inline __attribute__((always_inline)) void part_of(const TileArguments& t, unsigned r, unsigned n) {
  constexpr unsigned kLength = sizeof(V) / sizeof(float);
  V sums[ROWS][COUNT];
#pragma GCC unroll 8
  for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 3
    for (unsigned j = 0; j < COUNT; ++j)
      if (t.fresh)
        sums[i][j] = V{};
      else
        load(sums[i][j], t.c + (r + i) * kTileColumns + n + j * kLength);
  const float* a = t.a + r;
  const float* b = t.b + n;
  for (unsigned k = 0; k < t.k; ++k, a += kTileRows, b += t.b_step) {
    V columns[COUNT];
#pragma GCC unroll 3
    for (unsigned j = 0; j < COUNT; ++j) load(columns[j], b + j * kLength);
#pragma GCC unroll 8
    for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 3
      for (unsigned j = 0; j < COUNT; ++j) sums[i][j] += columns[j] * a[i];
  }
#pragma GCC unroll 8
  for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 3
    for (unsigned j = 0; j < COUNT; ++j)
      std::memcpy(t.c + (r + i) * kTileColumns + n + j * kLength, &sums[i][j], sizeof(V));
}

template <class V, unsigned COUNT, unsigned ROWS, unsigned LANES>
inline __attribute__((always_inline)) void whole_tile(const TileArguments& t) {
  constexpr unsigned kStep = COUNT * sizeof(V) / sizeof(float), kAll = LANES * kLanes;
  for (unsigned n = 0; n + kStep <= kAll; n += kStep)
    for (unsigned r = 0; r < kTileRows; r += ROWS) part_of<V, COUNT, ROWS>(t, r, n);
}

using Four = float __attribute__((vector_size(16)));
template <unsigned LANES>
void tile_plain(const TileArguments& t) {
  whole_tile<Four, 2, 4, LANES>(t);
}

void pack_plain(const std::byte* from, std::size_t row_step, unsigned rows, const Piece* pieces,
                std::size_t count, float* panel, std::size_t panel_step) {
  for (unsigned k = 0; k < rows; ++k, from += row_step, panel += panel_step)
    for (std::size_t i = 0; i < count; ++i)
      std::memcpy(panel + pieces[i].to, from + pieces[i].from, pieces[i].count * sizeof(float));
}

#ifdef __x86_64__
using Eight = float __attribute__((vector_size(32)));
using Sixteen = float __attribute__((vector_size(64)));
template <unsigned LANES>
__attribute__((target("avx2,fma"))) void tile_avx2(const TileArguments& t) {
  whole_tile<Eight, LANES == 3 ? 3 : 2, 4, LANES>(t);
}
template <unsigned LANES>
__attribute__((target("avx512f"))) void tile_avx512(const TileArguments& t) {
  whole_tile<Sixteen, LANES, 8, LANES>(t);
}

__attribute__((target("avx512f"))) void pack_avx512(const std::byte* from, std::size_t row_step,
                                                    unsigned rows, const Piece* pieces,
                                                    std::size_t count, float* panel,
                                                    std::size_t panel_step) {
  for (unsigned k = 0; k < rows; ++k, from += row_step, panel += panel_step)
    for (std::size_t i = 0; i < count; ++i) {
      const auto* source = reinterpret_cast<const float*>(from + pieces[i].from);
      float* target = panel + pieces[i].to;
      unsigned left = pieces[i].count;
      for (; left >= kLanes; left -= kLanes, source += kLanes, target += kLanes)
        _mm512_storeu_ps(target, _mm512_loadu_ps(source));
      if (left == 0) continue;
      const auto mask = static_cast<__mmask16>((1u << left) - 1);
      _mm512_mask_storeu_ps(target, mask, _mm512_maskz_loadu_ps(mask, source));
    }
}
bool has_avx512() { return __builtin_cpu_supports("avx512f"); }
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif

template <unsigned LANES>
TileKernel best_tile() {
#ifdef __x86_64__
  if (has_avx512()) return tile_avx512<LANES>;
  if (has_avx2()) return tile_avx2<LANES>;
#endif
  return tile_plain<LANES>;
}

}  // namespace

TileKernel tile_kernel(unsigned lanes) {
  static const TileKernel kernels[] = {best_tile<1>(), best_tile<2>(), best_tile<3>()};
  return kernels[lanes - 1];
}

void pack_rows(const std::byte* from, std::size_t row_step, unsigned rows, const Piece* pieces,
               std::size_t count, float* panel, std::size_t panel_step) {
#ifdef __x86_64__
  static const auto pack = has_avx512() ? pack_avx512 : pack_plain;
#else
  static const auto pack = pack_plain;
#endif
  pack(from, row_step, rows, pieces, count, panel, panel_step);
}

}  // namespace neuron::sim
