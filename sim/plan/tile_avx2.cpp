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

using Eight = float __attribute__((vector_size(32)));

/// Twelve sums keep both adders busy: four rows of three vectors. What is left over has two or one.
template <unsigned LANES>
AVX2 void tile_avx2(const TileArguments& t) {
  constexpr unsigned kThrees = LANES == 4 ? 0 : LANES / 3 * 3, kTwos = (LANES - kThrees) / 2 * 2;
  columns_of<Eight, 3, 4, 0, kThrees * kLanes>(t);
  columns_of<Eight, 2, 4, kThrees * kLanes, (kThrees + kTwos) * kLanes>(t);
  columns_of<Eight, 1, 8, (kThrees + kTwos) * kLanes, LANES * kLanes>(t);
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

/// Which of eight lanes have their bit of `bits` in `mask`.
AVX2_INLINE __m256i lanes_in(unsigned mask, __m256i bits) {
  const __m256i wanted = _mm256_and_si256(_mm256_set1_epi32(static_cast<int>(mask)), bits);
  return _mm256_cmpgt_epi32(wanted, _mm256_setzero_si256());
}
/// How the elements of a tap are read: all or every other one, of all columns or of some.
enum class Read { All, Skipping, Some, SomeSkipping };

/// Eight lanes of a tap; those that have no element are neither read nor other than zero.
template <Read READ>
struct Lanes {
  __m256i even, odd;  ///< which elements are read, for Some: in `even`
  AVX2_INLINE explicit Lanes(unsigned mask) {
    if constexpr (READ == Read::Some)
      even = lanes_in(mask, _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128));
    if constexpr (READ == Read::SomeSkipping) {
      even = lanes_in(mask, _mm256_setr_epi32(1, 0, 2, 0, 4, 0, 8, 0));
      odd = lanes_in(mask, _mm256_setr_epi32(0, 16, 0, 32, 0, 64, 0, 128));
    }
  }
  AVX2_INLINE __m256 read(const std::byte* at) const {
    const auto* from = reinterpret_cast<const float*>(at);
    if constexpr (READ == Read::All) return eight<Form::Float32>(at);
    if constexpr (READ == Read::Skipping) return every_other(at);
    if constexpr (READ == Read::Some) return _mm256_maskload_ps(from, even);
    return picked(_mm256_maskload_ps(from, even), _mm256_maskload_ps(from + 7, odd));
  }
};

template <unsigned ROWS, unsigned HALVES, Read READ>
AVX2_INLINE void add_tap(const TapArguments& t, unsigned r, const Tap& tap,
                         __m256 (&sums)[ROWS][HALVES]) {
  constexpr bool kSkips = READ == Read::Skipping || READ == Read::SomeSkipping;
  const Lanes<READ> low(tap.mask & 0xff), high(tap.mask >> 8);
#pragma GCC unroll 4
  for (unsigned i = 0; i < ROWS; ++i) {
    const __m256 weight = _mm256_broadcast_ss(t.weights[r + i] + tap.term);
    const std::byte* at = t.rows[r + i] + tap.from;
    sums[i][0] = _mm256_fmadd_ps(low.read(at), weight, sums[i][0]);
    if constexpr (HALVES == 2)
      sums[i][1] = _mm256_fmadd_ps(high.read(at + (kSkips ? 64 : 32)), weight, sums[i][1]);
  }
}

/// One vector of 8 or 16 columns in ROWS rows; whether all its sums are finite.
template <unsigned ROWS, unsigned HALVES>
AVX2_INLINE bool sum_vector(const TapArguments& t, unsigned r, const Tap* tap, const TapVector& v) {
  const unsigned whole = (1u << v.count) - 1;
  __m256 sums[ROWS][HALVES] = {};
  for (const Tap* end = t.taps + v.end; tap != end; ++tap)
    if (tap->mask != whole && tap->skips)
      add_tap<ROWS, HALVES, Read::SomeSkipping>(t, r, *tap, sums);
    else if (tap->mask != whole)
      add_tap<ROWS, HALVES, Read::Some>(t, r, *tap, sums);
    else if (tap->skips)
      add_tap<ROWS, HALVES, Read::Skipping>(t, r, *tap, sums);
    else
      add_tap<ROWS, HALVES, Read::All>(t, r, *tap, sums);
  __m256 bad = _mm256_setzero_ps();
  const bool fits = v.to + HALVES * 8 <= t.c_step;
#pragma GCC unroll 4
  for (unsigned i = 0; i < ROWS; ++i) {
    float* c = t.c + (r + i) * t.c_step + v.to;
    alignas(32) float last[kTapColumns];
#pragma GCC unroll 2
    for (unsigned half = 0; half < HALVES; ++half) {
      const __m256 sum = sums[i][half];
      const __m256 here = _mm256_castsi256_ps(
          lanes_in(whole >> 8 * half, _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128)));
      // What is not finite stays so under further sums: one look at the end is enough.
      bad = _mm256_or_ps(bad, _mm256_and_ps(here, _mm256_sub_ps(sum, sum)));
      _mm256_storeu_ps((fits ? c : last) + 8 * half, sum);
    }
    if (!fits) std::memcpy(c, last, v.count * sizeof(float));
  }
  return _mm256_movemask_ps(_mm256_cmp_ps(bad, _mm256_setzero_ps(), _CMP_NEQ_UQ)) == 0;
}

/// All vectors of ROWS rows; each tap is looked at once for all of them.
template <unsigned ROWS>
AVX2 bool tap_rows(const TapArguments& t, unsigned r) {
  bool good = true;
  const Tap* first = t.taps;
  for (unsigned i = 0; i < t.vector_count; first = t.taps + t.vectors[i++].end) {
    const TapVector& v = t.vectors[i];
    good &= v.count > 8 ? sum_vector<ROWS, 2>(t, r, first, v) : sum_vector<ROWS, 1>(t, r, first, v);
  }
  return good;
}

AVX2 bool taps_avx2(const TapArguments& t) {
  if (t.count == kTapRows) return tap_rows<kTapRows>(t, 0);
  bool good = true;
  for (unsigned r = 0; r < t.count; ++r) good &= tap_rows<1>(t, r);
  return good;
}

template <std::size_t... I>
constexpr TileKernels kernels(std::index_sequence<I...>) {
  return {"avx2",
          {tile_avx2<I + 1>...},
          {line_avx2<I + 1>...},
          {pack_avx2<Form::Float32>, pack_avx2<Form::BFloat16>, pack_avx2<Form::Float16>},
          unpack_avx2,
          taps_avx2,
          finite_avx2};
}

}  // namespace

const TileKernels kAvx2Kernels = kernels(std::make_index_sequence<kTileLanes>());

}  // namespace neuron::sim
#endif
