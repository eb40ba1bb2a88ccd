// SPDX-License-Identifier: Apache-2.0
#ifdef __x86_64__
#include <immintrin.h>

#include <algorithm>
#include <utility>

#include "sim/plan/tile_body.h"

#define AVX2 __attribute__((target("avx2,fma,f16c")))
#define AVX2_INLINE inline __attribute__((always_inline, target("avx2,fma,f16c")))

namespace neuron::sim {
namespace {

using Eight = EightFloats;

/// Twelve sums keep both adders busy: four rows of three vectors. What is left over has two or one.
template <unsigned LANES, bool FINISH>
AVX2 void tile_avx2(const TileArguments& t) {
  constexpr unsigned kThrees = LANES == 4 ? 0 : LANES / 3 * 3, kTwos = (LANES - kThrees) / 2 * 2;
  columns_of<Eight, 3, 4, 0, kThrees * kLanes, FINISH>(t);
  columns_of<Eight, 2, 4, kThrees * kLanes, (kThrees + kTwos) * kLanes, FINISH>(t);
  columns_of<Eight, 1, 8, (kThrees + kTwos) * kLanes, LANES * kLanes, FINISH>(t);
}
template <unsigned LANES>
AVX2 void line_avx2(const TileArguments& t) {
  whole_line<Eight, LANES>(t);
}

/// Eight elements that follow each other.
template <Form FORM>
AVX2_INLINE __m256 eight(const std::byte* from) {
  if constexpr (FORM == Form::Float32) return _mm256_loadu_ps(reinterpret_cast<const float*>(from));
  const __m128i half = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  if constexpr (FORM == Form::Float16) return _mm256_cvtph_ps(half);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
/// Elements 0, 2, 4, 6 of `low` and 1, 3, 5, 7 of `high`.
AVX2_INLINE __m256 picked(__m256 low, __m256 high) {
  const __m256 mixed = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 2, 0));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(mixed), _MM_SHUFFLE(3, 1, 2, 0)));
}
/// Every other one of 15 float32, and of no more.
AVX2_INLINE __m256 every_other(const std::byte* from) {
  return picked(eight<Form::Float32>(from), eight<Form::Float32>(from + 7 * 4));
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
    for (unsigned line = 0; line < p.ahead; line += 64)
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
  if (p.count == 0) return;
  constexpr std::int64_t kAhead = 8, kMost = 1024;
  const Piece& last = p.pieces[p.count - 1];
  const std::int64_t begin = p.pieces[0].from,
                     end = std::min(last.from + 4 * std::int64_t{last.count}, begin + kMost);
  const auto ahead = kAhead * static_cast<std::int64_t>(p.row_step);
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step) {
    // Rows lie far apart: where a later one goes, maybe one of the next call, is asked for now.
    for (std::int64_t line = begin; line < end; line += 64)
      _mm_prefetch(reinterpret_cast<const char*>(row) + ahead + line, _MM_HINT_T0);
    for (std::size_t i = 0; i < p.count; ++i) {
      const Piece& piece = p.pieces[i];
      const float* from = panel + piece.to;
      if (piece.step == 1)
        copy_floats(reinterpret_cast<const std::byte*>(from), piece.count, row + piece.from);
      else
        unpack_piece(row + piece.from, piece, from);
    }
  }
}

AVX2 bool finite_avx2(const float* values, std::size_t count) { return finite(values, count); }

template <Pool POOL>
AVX2 bool pool_avx2(const PoolArguments& p) {
  return pool_any<Eight, POOL>(p);
}
AVX2 bool taps_avx2(const TapArguments& t) { return sum_taps<Eight>(t); }

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"avx2",
          3,
          {tile_avx2<I + 1, false>...},
          {tile_avx2<I + 1, true>...},
          {line_avx2<I + 1>...},
          nullptr,
          {pack_avx2<Form::Float32>, pack_avx2<Form::BFloat16>, pack_avx2<Form::Float16>},
          unpack_avx2,
          taps_avx2,
          kLanes,
          {pool_avx2<Pool::Max>, pool_avx2<Pool::Add>},
          finite_avx2};
}

}  // namespace

const TileKernels kAvx2Kernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
#endif
