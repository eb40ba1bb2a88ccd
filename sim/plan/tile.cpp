// SPDX-License-Identifier: Apache-2.0
// Built with contraction of products and sums; see CMakeLists.txt.
#include "sim/plan/tile.h"

#include <cstring>

#include "base/numbers.h"

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
        load(sums[i][j], t.c + (r + i) * t.c_step + n + j * kLength);
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
      std::memcpy(t.c + (r + i) * t.c_step + n + j * kLength, &sums[i][j], sizeof(V));
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

float widened(Form form, const std::byte* from) {
  std::uint16_t half;
  float whole;
  std::memcpy(&half, from, sizeof(half));
  if (form == Form::BFloat16) return bf16_to_float(half);
  if (form == Form::Float16) return fp16_to_float(half);
  std::memcpy(&whole, from, sizeof(whole));
  return whole;
}

void pack_piece(Form form, const std::byte* from, const Piece& p, float* to) {
  const std::int64_t size = form == Form::Float32 ? 4 : 2;
  for (unsigned i = 0; i < p.count; ++i, from += p.step * size) to[i] = widened(form, from);
}

void pack_plain(const PackArguments& p, float* panel, std::size_t panel_step) {
  const std::byte* row = p.from;
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i)
      pack_piece(p.form, row + p.pieces[i].from, p.pieces[i], panel + p.pieces[i].to);
}

void unpack_piece(std::byte* to, const Piece& p, const float* from) {
  for (unsigned i = 0; i < p.count; ++i, to += p.step * 4) std::memcpy(to, from + i, sizeof(float));
}
void unpack_plain(const PackArguments& p, std::byte* row, const float* panel,
                  std::size_t panel_step) {
  for (unsigned k = 0; k < p.rows; ++k, row += p.row_step, panel += panel_step)
    for (std::size_t i = 0; i < p.count; ++i)
      unpack_piece(row + p.pieces[i].from, p.pieces[i], panel + p.pieces[i].to);
}

[[maybe_unused]] bool taps_plain(const TapArguments& t) {
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
        const float x = widened(Form::Float32, t.row + at);
        good &= x - x == 0;
        c[lane] += x * t.weights[tap.term];
      }
    }
  }
  return good;
}

inline __attribute__((always_inline)) bool finite(const float* values, std::size_t count) {
  std::uint32_t found = 0;
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t bits;
    std::memcpy(&bits, values + i, sizeof(bits));
    found |= (bits & 0x7f800000) == 0x7f800000;
  }
  return !found;
}
bool finite_plain(const float* values, std::size_t count) { return finite(values, count); }

#ifdef __x86_64__
using Eight = float __attribute__((vector_size(32)));
using Sixteen = float __attribute__((vector_size(64)));
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
bool has_avx2() { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
template <unsigned LANES>
__attribute__((target("avx2,fma"))) void tile_avx2(const TileArguments& t) {
  whole_tile<Eight, LANES == 3 ? 3 : 2, 4, LANES>(t);
}
template <unsigned LANES>
__attribute__((target("avx512f"))) void tile_avx512(const TileArguments& t) {
  whole_tile<Sixteen, LANES, 8, LANES>(t);
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
        const unsigned count = left < kLanes ? left : kLanes;
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
        const unsigned count = left < kLanes ? left : kLanes;
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
__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq"))) bool taps_avx512(
    const TapArguments& t) {
  constexpr int kNotFinite = 0x99;  // quiet and signalling NaN, both infinities
  unsigned bad = 0;
  std::uint32_t i = 0;
  for (unsigned v = 0; v < t.vectors; ++v) {
    __m512 sum = _mm512_setzero_ps();
    for (; i < t.ends[v]; ++i) {
      const Tap& tap = t.taps[i];
      const auto mask = static_cast<__mmask16>(tap.mask);
      __m512 x;
      if (tap.skips)
        x = _mm512_maskz_expand_ps(
            mask, every_other(t.row + tap.from, static_cast<unsigned>(__builtin_popcount(mask))));
      else
        x = _mm512_maskz_loadu_ps(mask, t.row + tap.from);
      bad |= _mm512_fpclass_ps_mask(x, kNotFinite);
      sum = _mm512_fmadd_ps(x, _mm512_set1_ps(t.weights[tap.term]), sum);
    }
    _mm512_storeu_ps(t.c + v * kLanes, sum);
  }
  return bad == 0;
}
using Pack = void (*)(const PackArguments&, float*, std::size_t);
Pack best_pack(Form form) {
  if (!has_avx512()) return pack_plain;
  constexpr Pack kPacks[] = {pack_avx512<Form::Float32>, pack_avx512<Form::BFloat16>,
                             pack_avx512<Form::Float16>};
  return kPacks[static_cast<int>(form)];
}
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

void unpack_rows(const PackArguments& p, std::byte* to, const float* panel,
                 std::size_t panel_step) {
#ifdef __x86_64__
  static const auto unpack = has_avx512() ? unpack_avx512 : unpack_plain;
  unpack(p, to, panel, panel_step);
#else
  unpack_plain(p, to, panel, panel_step);
#endif
}

bool sum_taps(const TapArguments& t) {
#ifdef __x86_64__
  static const auto sum = has_avx512() ? taps_avx512 : taps_plain;
  return sum(t);
#else
  return taps_plain(t);
#endif
}

bool all_finite(const float* values, std::size_t count) {
#ifdef __x86_64__
  static const auto check = has_avx512() ? finite_avx512 : finite_plain;
  return check(values, count);
#else
  return finite_plain(values, count);
#endif
}

std::optional<Form> form_of(DType type) {
  if (type == DType::Float32) return Form::Float32;
  if (type == DType::BFloat16) return Form::BFloat16;
  if (type == DType::Float16) return Form::Float16;
  return std::nullopt;
}

void pack_rows(const PackArguments& p, float* panel, std::size_t panel_step) {
#ifdef __x86_64__
  static const Pack packs[] = {best_pack(Form::Float32), best_pack(Form::BFloat16),
                               best_pack(Form::Float16)};
  packs[static_cast<int>(p.form)](p, panel, panel_step);
#else
  pack_plain(p, panel, panel_step);
#endif
}

}  // namespace neuron::sim
