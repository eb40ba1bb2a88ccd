// SPDX-License-Identifier: Apache-2.0
#ifdef __x86_64__
#include <immintrin.h>

#include <utility>

#include "sim/plan/tile_body.h"

namespace neuron::sim {
namespace {

using Eight = float __attribute__((vector_size(32)));
using Sixteen = float __attribute__((vector_size(64)));
constexpr unsigned kVector = 16;

/// Eight columns that are left over take a vector of half the length.
template <unsigned LANES>
__attribute__((target("avx512f"))) void tile_avx512(const TileArguments& t) {
  constexpr unsigned kWhole = LANES / 2 * kVector;
  columns_of < Sixteen, LANES<2 ? 1 : LANES / 2, 8, 0, kWhole>(t);
  columns_of<Eight, 1, 8, kWhole, LANES * kLanes>(t);
}
template <unsigned LANES>
__attribute__((target("avx512f"))) void line_avx512(const TileArguments& t) {
  whole_line<Eight, LANES>(t);
}

/// Up to 16 elements that follow each other.
template <Form FORM>
inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl"))) __m512 sixteen(
    const std::byte* from, __mmask16 mask) {
  if constexpr (FORM == Form::Float32) return _mm512_maskz_loadu_ps(mask, from);
  const __m256i half = _mm256_maskz_loadu_epi16(mask, from);
  if constexpr (FORM == Form::Float16) return _mm512_maskz_cvtph_ps(mask, half);
  return _mm512_castsi512_ps(
      _mm512_maskz_slli_epi32(mask, _mm512_maskz_cvtepu16_epi32(mask, half), 16));
}
/// Every other one of up to 31 float32.
inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl"))) __m512 every_other(
    const std::byte* from, unsigned count) {
  const std::uint32_t wanted = (1ull << (2 * count - 1)) - 1;
  const __m512 low = _mm512_maskz_loadu_ps(static_cast<__mmask16>(wanted), from);
  const __m512 high = _mm512_maskz_loadu_ps(static_cast<__mmask16>(wanted >> 16), from + 64);
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(low, even, high);
}

template <Form FORM>
__attribute__((target("avx512f,avx512bw,avx512vl"))) void pack_avx512(const PackArguments& p,
                                                                      float* panel,
                                                                      std::size_t panel_step) {
  constexpr unsigned kSize = FORM == Form::Float32 ? 4 : 2;
  if (p.count == 0) return;
  const std::byte* row = p.from;
  const std::int64_t next = p.pieces[p.count - 1].from + p.pieces[p.count - 1].count * kSize;
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step) {
    // Rows lie far apart: what the next panel will read is asked for now.
    for (std::int64_t line = 0; line < 256; line += 64)
      _mm_prefetch(row + next + line, _MM_HINT_T1);
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const std::byte* source = row + piece.from;
      float* target = panel + piece.to;
      const bool skips = FORM == Form::Float32 && piece.step == 2;
      if (piece.step != 1 && !skips) {
        pack_piece(FORM, source, piece, target);
        continue;
      }
      for (unsigned left = piece.count; left > 0;) {
        const unsigned count = left < kVector ? left : kVector;
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        const __m512 values = skips ? every_other(source, count) : sixteen<FORM>(source, mask);
        _mm512_mask_storeu_ps(target, mask, values);
        left -= count;
        source += count * kSize * (skips ? 2 : 1);
        target += count;
      }
    }
  }
}
__attribute__((target("avx512f,avx512bw,avx512vl"))) void unpack_avx512(const PackArguments& p,
                                                                        std::byte* row,
                                                                        const float* panel,
                                                                        std::size_t panel_step) {
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      std::byte* target = row + piece.from;
      const float* source = panel + piece.to;
      if (piece.step != 1) {
        unpack_piece(target, piece, source);
        continue;
      }
      for (unsigned left = piece.count; left > 0;) {
        const unsigned count = left < kVector ? left : kVector;
        const auto mask = static_cast<__mmask16>((1u << count) - 1);
        _mm512_mask_storeu_ps(target, mask, _mm512_maskz_loadu_ps(mask, source));
        left -= count;
        source += count;
        target += count * sizeof(float);
      }
    }
}
__attribute__((target("avx512f,avx512bw,avx512vl"))) bool finite_avx512(const float* values,
                                                                        std::size_t count) {
  return finite(values, count);
}
#define AVX512_TAPS target("avx512f,avx512bw,avx512vl,avx512dq")

/// The columns of a tap that have an element; the others are zero, and not read.
inline __attribute__((always_inline, AVX512_TAPS)) __m512 tapped(const std::byte* row,
                                                                 const Tap& tap) {
  const auto mask = static_cast<__mmask16>(tap.mask);
  const std::byte* at = row + tap.from;
  if (!tap.skips) return _mm512_maskz_loadu_ps(mask, at);
  const unsigned first = static_cast<unsigned>(__builtin_ctz(tap.mask)),
                 last = 31 - static_cast<unsigned>(__builtin_clz(tap.mask));
  return _mm512_maskz_expand_ps(mask, every_other(at + first * 8, last - first + 1));
}

/// All vectors of ROWS rows; each tap is looked at once for all of them.
template <unsigned ROWS>
__attribute__((AVX512_TAPS)) bool tap_rows(const TapArguments& t, unsigned r) {
  constexpr int kNotFinite = 0x99;  // quiet and signalling NaN, both infinities
  unsigned bad = 0;
  const Tap* tap = t.taps;
  for (unsigned v = 0; v < t.vector_count; ++v) {
    const TapVector& vector = t.vectors[v];
    const auto whole = static_cast<__mmask16>((1u << vector.count) - 1);
    __m512 sums[ROWS] = {};
    for (const Tap* end = t.taps + vector.end; tap != end; ++tap)
#pragma GCC unroll 4
      for (unsigned i = 0; i < ROWS; ++i)
        sums[i] = _mm512_fmadd_ps(tapped(t.rows[r + i], *tap),
                                  _mm512_set1_ps(t.weights[r + i][tap->term]), sums[i]);
#pragma GCC unroll 4
    for (unsigned i = 0; i < ROWS; ++i) {
      bad |= _mm512_fpclass_ps_mask(sums[i], kNotFinite);
      _mm512_mask_storeu_ps(t.c + (r + i) * t.c_step + vector.to, whole, sums[i]);
    }
  }
  return bad == 0;
}

__attribute__((AVX512_TAPS)) bool taps_avx512(const TapArguments& t) {
  if (t.count == kTapRows) return tap_rows<kTapRows>(t, 0);
  bool good = true;
  for (unsigned r = 0; r < t.count; ++r) good &= tap_rows<1>(t, r);
  return good;
}

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"avx512",
          {tile_avx512<I + 1>...},
          {line_avx512<I + 1>...},
          {pack_avx512<Form::Float32>, pack_avx512<Form::BFloat16>, pack_avx512<Form::Float16>},
          unpack_avx512,
          taps_avx512,
          finite_avx512};
}

}  // namespace

const TileKernels kAvx512Kernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
#endif
