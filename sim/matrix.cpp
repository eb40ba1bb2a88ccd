// SPDX-License-Identifier: Apache-2.0
// Blocks of 8 weights' columns by 32 moving columns, in as wide vectors as the host has.
#include "sim/matrix.h"

#include <algorithm>
#include <cstring>

namespace neuron::sim {
namespace {

constexpr unsigned kBlock = Stationary::kBlock;
using Tile = float[kBlock][kPanel];

/// tile[m][n] = sum over k of w[k][m] * x[k][n]. V is a vector of floats; COUNT of them are held
/// for each of ROWS rows at a time, as many as the host has registers for.
template <class V, unsigned COUNT, unsigned ROWS>
inline __attribute__((always_inline)) void tile_of(const float* w, const float* x, unsigned rows,
                                                   Tile& tile) {
  constexpr unsigned kLanes = sizeof(V) / sizeof(float);
  for (unsigned n = 0; n < kPanel; n += COUNT * kLanes) {
    for (unsigned m = 0; m < kBlock; m += ROWS) {
      V sums[ROWS][COUNT] = {};
      for (unsigned k = 0; k < rows; ++k) {
        V columns[COUNT];
        std::memcpy(&columns, x + std::size_t{k} * kPanel + n, sizeof(columns));
        for (unsigned i = 0; i < ROWS; ++i)
          for (unsigned j = 0; j < COUNT; ++j)
            sums[i][j] += columns[j] * w[std::size_t{k} * kBlock + m + i];
      }
      for (unsigned i = 0; i < ROWS; ++i) std::memcpy(&tile[m + i][n], sums[i], sizeof(sums[i]));
    }
  }
}

using Kernel = void (*)(const float* w, const float* x, unsigned rows, Tile& tile);

using Four = float __attribute__((vector_size(16)));
void tile_plain(const float* w, const float* x, unsigned rows, Tile& tile) {
  tile_of<Four, 2, 4>(w, x, rows, tile);
}

#ifdef __x86_64__
using Eight = float __attribute__((vector_size(32)));
using Sixteen = float __attribute__((vector_size(64)));
__attribute__((target("avx2"))) void tile_avx2(const float* w, const float* x, unsigned rows,
                                               Tile& tile) {
  tile_of<Eight, 2, 4>(w, x, rows, tile);
}
__attribute__((target("avx512f"))) void tile_avx512(const float* w, const float* x, unsigned rows,
                                                    Tile& tile) {
  tile_of<Sixteen, 2, 8>(w, x, rows, tile);
}
Kernel best_kernel() {
  if (__builtin_cpu_supports("avx512f")) return tile_avx512;
  if (__builtin_cpu_supports("avx2")) return tile_avx2;
  return tile_plain;
}
#else
Kernel best_kernel() { return tile_plain; }
#endif

void store_tile(const Product& p, const Tile& tile, unsigned m0, unsigned n0) {
  const unsigned columns = std::min(kBlock, p.columns - m0), count = std::min(kPanel, p.count - n0);
  for (unsigned m = 0; m < columns; ++m) {
    float* out = p.out + (m0 + m) * p.out_step + n0;
    if (p.accumulate)
      for (unsigned n = 0; n < count; ++n) out[n] += tile[m][n];
    else
      std::memcpy(out, tile[m], count * sizeof(float));
  }
}

}  // namespace

std::size_t packed_size(unsigned rows, unsigned count) {
  return std::size_t{rows} * ((count + kPanel - 1) / kPanel * kPanel);
}

void pack(std::span<const float> row, unsigned k, unsigned rows, float* packed) {
  for (std::size_t n = 0; n < row.size(); n += kPanel) {
    float* to = packed + n * rows + std::size_t{k} * kPanel;
    const std::size_t count = std::min<std::size_t>(kPanel, row.size() - n);
    std::memcpy(to, row.data() + n, count * sizeof(float));
    std::fill(to + count, to + kPanel, 0.0f);
  }
}

void multiply(const Product& p) {
  static const Kernel kernel = best_kernel();
  alignas(64) Tile tile;
  for (unsigned n = 0; n < p.count; n += kPanel)
    for (unsigned m = 0; m < p.columns; m += kBlock) {
      const float* w =
          p.weights->values.data() + Stationary::index(p.first_row, p.first_column + m);
      kernel(w, p.moving + std::size_t{n} * p.rows, p.rows, tile);
      store_tile(p, tile, m, n);
    }
}

}  // namespace neuron::sim
