// SPDX-License-Identifier: Apache-2.0
#ifdef __x86_64__
#include <immintrin.h>

#include <utility>

#include "sim/plan/tile_body.h"

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))
#define AVX512_INLINE inline __attribute__((always_inline, target("avx512f,avx512bw,avx512vl")))

namespace neuron::sim {
namespace {

using Sixteen = SixteenFloats;
constexpr unsigned kVector = 16;

/// Eight columns that are left over take a vector of half the length.
template <unsigned LANES, bool FINISH>
AVX512 void tile_avx512(const TileArguments& t) {
  constexpr unsigned kWhole = LANES / 2 * kVector, kVectors = LANES < 2 ? 1 : LANES / 2;
  columns_of<Sixteen, kVectors, 8, 0, kWhole, FINISH>(t);
  columns_of<EightFloats, 1, 8, kWhole, LANES * kLanes, FINISH>(t);
}
AVX512 void and_one_avx512(const TileArguments& t) {
  t.fresh ? sums_of<Sixteen, 3, 8, true, true>(t, 0, 0)
          : sums_of<Sixteen, 3, 8, false, true>(t, 0, 0);
}
template <unsigned LANES>
AVX512 void line_avx512(const TileArguments& t) {
  whole_line<EightFloats, LANES>(t);
}

/// Up to 16 elements that follow each other.
template <Form FORM>
AVX512_INLINE __m512 sixteen(const std::byte* from, __mmask16 mask) {
  if constexpr (FORM == Form::Float32) return _mm512_maskz_loadu_ps(mask, from);
  const __m256i half = _mm256_maskz_loadu_epi16(mask, from);
  if constexpr (FORM == Form::Float16) return _mm512_maskz_cvtph_ps(mask, half);
  return _mm512_castsi512_ps(
      _mm512_maskz_slli_epi32(mask, _mm512_maskz_cvtepu16_epi32(mask, half), 16));
}
/// Elements 0, 2, .. 14 of `low` and as many of `high`, from its first or second one on.
AVX512_INLINE __m512 picked(__m512 low, __m512 high, int first) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i high_only = _mm512_maskz_set1_epi32(0xff00, first);
  return _mm512_permutex2var_ps(low, _mm512_add_epi32(even, high_only), high);
}
/// Every other one of 31 float32, and of no more.
AVX512_INLINE __m512 every_other(const std::byte* from) {
  return picked(_mm512_loadu_ps(from), _mm512_loadu_ps(from + 15 * 4), 1);
}
/// The same of fewer.
AVX512_INLINE __m512 every_other(const std::byte* from, unsigned count) {
  const std::uint32_t wanted = (1ull << (2 * count - 1)) - 1;
  return picked(_mm512_maskz_loadu_ps(static_cast<__mmask16>(wanted), from),
                _mm512_maskz_loadu_ps(static_cast<__mmask16>(wanted >> 16), from + 64), 0);
}

constexpr __mmask16 kAll = 0xffff;
constexpr __mmask16 first_lanes(unsigned count) {
  return static_cast<__mmask16>((1u << count) - 1);
}

/// Whole vectors, of which the last overlaps the one before; few elements are part of one.
template <Form FORM>
AVX512_INLINE void widen(const std::byte* from, unsigned count, float* to) {
  constexpr unsigned kSize = FORM == Form::Float32 ? 4 : 2;
  if (count < kVector) {
    const __mmask16 mask = first_lanes(count);
    return _mm512_mask_storeu_ps(to, mask, sixteen<FORM>(from, mask));
  }
  for (unsigned i = 0; i + kVector <= count; i += kVector)
    _mm512_storeu_ps(to + i, sixteen<FORM>(from + i * kSize, kAll));
  const unsigned last = count - kVector;
  _mm512_storeu_ps(to + last, sixteen<FORM>(from + last * kSize, kAll));
}
AVX512_INLINE void copy_every_other(const std::byte* from, unsigned count, float* to) {
  if (count < kVector)
    return _mm512_mask_storeu_ps(to, first_lanes(count), every_other(from, count));
  for (unsigned i = 0; i + kVector <= count; i += kVector)
    _mm512_storeu_ps(to + i, every_other(from + i * 8));
  const unsigned last = count - kVector;
  _mm512_storeu_ps(to + last, every_other(from + last * 8));
}

template <Form FORM>
AVX512 void pack_avx512(const PackArguments& p, float* panel, std::size_t panel_step) {
  constexpr unsigned kSize = FORM == Form::Float32 ? 4 : 2;
  if (p.count == 0) return;
  const std::byte* row = p.from;
  const std::int64_t next = p.pieces[p.count - 1].from + p.pieces[p.count - 1].count * kSize;
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step) {
    // Rows lie far apart: what the next panel will read is asked for now.
    for (unsigned line = 0; line < p.ahead; line += 64)
      _mm_prefetch(row + next + line, _MM_HINT_T1);
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const std::byte* from = row + piece.from;
      float* to = panel + piece.to;
      if (piece.step == 1)
        widen<FORM>(from, piece.count, to);
      else if (FORM == Form::Float32 && piece.step == 2)
        copy_every_other(from, piece.count, to);
      else
        pack_piece(FORM, from, piece, to);
    }
  }
}
AVX512 void unpack_avx512(const PackArguments& p, std::byte* row, const float* panel,
                          std::size_t panel_step) {
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const float* from = panel + piece.to;
      if (piece.step == 1)
        widen<Form::Float32>(reinterpret_cast<const std::byte*>(from), piece.count,
                             reinterpret_cast<float*>(row + piece.from));
      else
        unpack_piece(row + piece.from, piece, from);
    }
}
AVX512 bool finite_avx512(const float* values, std::size_t count) { return finite(values, count); }
/// Short rows are half a vector, and another half.
template <Pool POOL>
AVX512 bool pool_avx512(const PoolArguments& p) {
  return p.width < kVector ? pool_any<EightFloats, POOL>(p) : pool_any<Sixteen, POOL>(p);
}
AVX512 bool taps_avx512(const TapArguments& t) { return sum_taps<Sixteen>(t); }

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"avx512",
          2,
          {tile_avx512<I + 1, false>...},
          {tile_avx512<I + 1, true>...},
          {line_avx512<I + 1>...},
          and_one_avx512,
          {pack_avx512<Form::Float32>, pack_avx512<Form::BFloat16>, pack_avx512<Form::Float16>},
          unpack_avx512,
          taps_avx512,
          kVector,
          {pool_avx512<Pool::Max>, pool_avx512<Pool::Add>},
          finite_avx512};
}

}  // namespace

const TileKernels kAvx512Kernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
#endif
