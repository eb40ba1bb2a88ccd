// SPDX-License-Identifier: Apache-2.0
#ifdef __x86_64__
#include <immintrin.h>

#include "sim/plan/tile_body.h"

#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define AVX2_INLINE inline __attribute__((always_inline, target("avx2,fma,f16c")))

namespace neuron::sim {
namespace {

using Eight = float __attribute__((vector_size(32)));

template <unsigned LANES>
AVX2 void tile_avx2(const TileArguments& t) {
  whole_tile<Eight, LANES == 3 ? 3 : 2, 4, LANES>(t);
}

/// Eight elements that follow each other.
template <Form FORM>
AVX2_INLINE __m256 eight(const std::byte* from) {
  if constexpr (FORM == Form::Float32) return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  if constexpr (FORM == Form::Float16) return _mm256_cvtph_ps(half);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
/// Every other one of 15 float32, and of no more.
AVX2_INLINE __m256 every_other(const std::byte* from) {
  const __m256 low = eight<Form::Float32>(from), high = eight<Form::Float32>(from + 7 * 4);
  const __m256 mixed = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 2, 0));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(mixed), _MM_SHUFFLE(3, 1, 2, 0)));
}

/// Up to eight float32, in halves that overlap.
AVX2_INLINE void copy_few(const std::byte* from, unsigned count, std::byte* to) {
  if (count >= 4) {
    const std::size_t last = (count - 4) * 4;
    const __m128 a = _mm_loadu_ps(reinterpret_cast<const float*>(from));
    const __m128 b = _mm_loadu_ps(reinterpret_cast<const float*>(from + last));
    _mm_storeu_ps(reinterpret_cast<float*>(to), a);
    _mm_storeu_ps(reinterpret_cast<float*>(to + last), b);
  } else if (count >= 2) {
    const std::size_t last = (count - 2) * 4;
    std::uint64_t a, b;
    std::memcpy(&a, from, 8);
    std::memcpy(&b, from + last, 8);
    std::memcpy(to, &a, 8);
    std::memcpy(to + last, &b, 8);
  } else {
    std::memcpy(to, from, 4);
  }
}
/// The last eight overlap those before.
AVX2_INLINE void copy_floats(const std::byte* from, unsigned count, std::byte* to) {
  if (count < 8) return copy_few(from, count, to);
  for (unsigned i = 0; i + 8 <= count; i += 8)
    _mm256_storeu_ps(reinterpret_cast<float*>(to + i * 4), eight<Form::Float32>(from + i * 4));
  const std::size_t last = (count - 8) * 4;
  _mm256_storeu_ps(reinterpret_cast<float*>(to + last), eight<Form::Float32>(from + last));
}

template <Form FORM, bool SKIPS>
AVX2_INLINE void widen(const std::byte* from, unsigned count, float* to) {
  constexpr unsigned kStep = (FORM == Form::Float32 ? 4 : 2) * (SKIPS ? 2 : 1);
  const auto move = [&](unsigned i) __attribute__((always_inline, target("avx2,fma,f16c"))) {
    const std::byte* at = from + i * kStep;
    _mm256_storeu_ps(to + i, SKIPS ? every_other(at) : eight<FORM>(at));
  };
  for (unsigned i = 0; i + 8 <= count; i += 8) move(i);
  move(count - 8);
}

template <Form FORM>
AVX2 void pack_avx2(const PackArguments& p, float* panel, std::size_t panel_step) {
  constexpr unsigned kSize = FORM == Form::Float32 ? 4 : 2;
  if (p.count == 0) return;
  const std::byte* row = p.from;
  const Piece& end = p.pieces[p.count - 1];
  const std::int64_t next = end.from + end.count * std::int64_t{end.step} * kSize;
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step) {
    // Rows lie far apart: what the next panel will read is asked for now.
    for (std::int64_t line = 0; line < 256; line += 64)
      _mm_prefetch(reinterpret_cast<const char*>(row) + next + line, _MM_HINT_T1);
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const std::byte* from = row + piece.from;
      float* to = panel + piece.to;
      if (FORM == Form::Float32 && piece.step == 1)
        copy_floats(from, piece.count, reinterpret_cast<std::byte*>(to));
      else if (piece.step == 1 && piece.count >= 8)
        widen<FORM, false>(from, piece.count, to);
      else if (FORM == Form::Float32 && piece.step == 2 && piece.count >= 8)
        widen<Form::Float32, true>(from, piece.count, to);
      else
        pack_piece(FORM, from, piece, to);
    }
  }
}

AVX2 void unpack_avx2(const PackArguments& p, std::byte* row, const float* panel,
                      std::size_t panel_step) {
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const float* from = panel + piece.to;
      if (piece.step == 1)
        copy_floats(reinterpret_cast<const std::byte*>(from), piece.count, row + piece.from);
      else
        unpack_piece(row + piece.from, piece, from);
    }
}

AVX2 bool finite_avx2(const float* values, std::size_t count) { return finite(values, count); }

/// Lanes 8 * half and on of a tap; the others are zero.
AVX2_INLINE __m256 some_of(const std::byte* row, const Tap& tap, unsigned half) {
  const __m256i bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  const __m256i wanted = _mm256_set1_epi32(tap.mask >> 8 * half & 0xff);
  const __m256i lanes = _mm256_cmpeq_epi32(_mm256_and_si256(wanted, bits), bits);
  const auto* at = reinterpret_cast<const float*>(row + tap.from);
  if (!tap.skips) return _mm256_maskload_ps(at + 8 * half, lanes);
  // `from` is where the first wanted lane's element is.
  const int first = __builtin_ctz(tap.mask);
  const __m256i places = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
  const __m256i index =
      _mm256_add_epi32(places, _mm256_set1_epi32(2 * (8 * static_cast<int>(half) - first)));
  return _mm256_mask_i32gather_ps(_mm256_setzero_ps(), at, index, _mm256_castsi256_ps(lanes), 4);
}

AVX2 bool taps_avx2(const TapArguments& t) {
  __m256 bad = _mm256_setzero_ps();
  std::uint32_t i = 0;
  for (unsigned v = 0; v < t.vectors; ++v) {
    __m256 low = _mm256_setzero_ps(), high = low;
    for (; i < t.ends[v]; ++i) {
      const Tap& tap = t.taps[i];
      const __m256 weight = _mm256_set1_ps(t.weights[tap.term]);
      const std::byte* at = t.row + tap.from;
      __m256 a, b;
      if (tap.mask == 0xffff) {
        a = tap.skips ? every_other(at) : eight<Form::Float32>(at);
        b = tap.skips ? every_other(at + 64) : eight<Form::Float32>(at + 32);
      } else {
        a = some_of(t.row, tap, 0);
        b = some_of(t.row, tap, 1);
      }
      low = _mm256_fmadd_ps(a, weight, low);
      high = _mm256_fmadd_ps(b, weight, high);
    }
    // What is not finite stays so under further sums: one look at the end is enough.
    bad = _mm256_or_ps(bad, _mm256_sub_ps(low, low));
    bad = _mm256_or_ps(bad, _mm256_sub_ps(high, high));
    _mm256_storeu_ps(t.c + v * kLanes, low);
    _mm256_storeu_ps(t.c + v * kLanes + 8, high);
  }
  return _mm256_movemask_ps(_mm256_cmp_ps(bad, _mm256_setzero_ps(), _CMP_NEQ_UQ)) == 0;
}

}  // namespace

const TileKernels kAvx2Kernels{
    "avx2",
    {tile_avx2<1>, tile_avx2<2>, tile_avx2<3>},
    {pack_avx2<Form::Float32>, pack_avx2<Form::BFloat16>, pack_avx2<Form::Float16>},
    unpack_avx2,
    taps_avx2,
    finite_avx2};

}  // namespace neuron::sim
#endif
