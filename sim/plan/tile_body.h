// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstring>

#include "base/numbers.h"
#include "sim/plan/tile.h"

/// What the kernels of all hosts have in common; inlined into functions of each host's vectors.
namespace neuron::sim {

template <class V>
inline __attribute__((always_inline)) void load(V& to, const float* from) {
  std::memcpy(&to, from, sizeof(to));
}

template <class V>
inline __attribute__((always_inline)) void store(float* to, const V& from) {
  std::memcpy(to, &from, sizeof(from));
}

using EightFloats = float __attribute__((vector_size(32)));

/// COUNT vectors V for each of ROWS rows are held at a time, as many as the host has registers for,
/// and ONE column behind them in all 8 rows: one product instead of eight.
/// The arguments come by value: what is stored may not change them.
/// FINISH: what takes the sums away is done with them.
template <class V, unsigned COUNT, unsigned ROWS, bool FRESH, bool ONE = false, bool FINISH = false>
inline __attribute__((always_inline)) void sums_of(TileArguments t, unsigned r, unsigned n) {
  static_assert(!ONE || ROWS == kTileRows);
  constexpr unsigned kBehind = COUNT * sizeof(V) / sizeof(float);
  constexpr unsigned kLength = sizeof(V) / sizeof(float);
  float* c = t.c + r * t.c_step + n;
  V sums[ROWS][COUNT];
#pragma GCC unroll 8
  for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 12
    for (unsigned j = 0; j < COUNT; ++j)
      if (FRESH)
        sums[i][j] = V{};
      else
        load(sums[i][j], c + i * t.c_step + j * kLength);
  EightFloats one{};
#pragma GCC unroll 8
  for (unsigned i = 0; ONE && !FRESH && i < ROWS; ++i) one[i] = c[i * t.c_step + kBehind];
  const float* a = t.a + r;
  const float* b = t.b + n;
  // The next block's weights follow: each quarter of a tile asks for a quarter of them.
  const float* next = t.a + t.k * (kTileRows + (n ? 4 : 0) + (r ? 2 : 0));
  for (unsigned k = 0; k < t.k; ++k, a += kTileRows, b += t.b_step, next += kTileRows / 4) {
    __builtin_prefetch(next);
    V columns[COUNT];
#pragma GCC unroll 12
    for (unsigned j = 0; j < COUNT; ++j) load(columns[j], b + j * kLength);
#pragma GCC unroll 8
    for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 12
      for (unsigned j = 0; j < COUNT; ++j) sums[i][j] += columns[j] * a[i];
    if constexpr (ONE) {
      EightFloats weights;
      load(weights, a);
      one += weights * b[kBehind];
    }
  }
#pragma GCC unroll 8
  for (unsigned i = 0; ONE && i < ROWS; ++i) c[i * t.c_step + kBehind] = one[i];
  float* to = FINISH ? t.out + r * t.out_step + n : c;
  const std::size_t to_step = FINISH ? t.out_step : t.c_step;
  if constexpr (FINISH) {
    const V least = V{} + t.least;
#pragma GCC unroll 8
    for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 12
      for (unsigned j = 0; j < COUNT; ++j) {
        sums[i][j] += t.bias[r + i];
        sums[i][j] = sums[i][j] >= least ? sums[i][j] : least;
      }
  }
#pragma GCC unroll 8
  for (unsigned i = 0; i < ROWS; ++i)
#pragma GCC unroll 12
    for (unsigned j = 0; j < COUNT; ++j) store(to + i * to_step + j * kLength, sums[i][j]);
}

template <class V, unsigned COUNT, unsigned ROWS, bool FINISH = false>
inline __attribute__((always_inline)) void part_of(const TileArguments& t, unsigned r, unsigned n) {
  t.fresh ? sums_of<V, COUNT, ROWS, true, false, FINISH>(t, r, n)
          : sums_of<V, COUNT, ROWS, false, false, FINISH>(t, r, n);
}

/// All 8 rows of the columns from BEGIN to END, COUNT vectors V at a time.
template <class V, unsigned COUNT, unsigned ROWS, unsigned BEGIN, unsigned END, bool FINISH>
inline __attribute__((always_inline)) void columns_of(const TileArguments& t) {
  for (unsigned n = BEGIN; n < END; n += COUNT * sizeof(V) / sizeof(float))
    for (unsigned r = 0; r < kTileRows; r += ROWS) part_of<V, COUNT, ROWS, FINISH>(t, r, n);
}

/// One row of a tile in one go.
template <class V, unsigned LANES>
inline __attribute__((always_inline)) void whole_line(const TileArguments& t) {
  part_of<V, LANES * kLanes * sizeof(float) / sizeof(V), 1>(t, 0, 0);
}

/// What is read once goes to as many sums as there are taps below each other.
template <class V, unsigned ROWS, unsigned TAPS>
inline __attribute__((always_inline)) void add_taps(const TapArguments& t, const TapColumn& column,
                                                    const float* from, V (&sums)[ROWS]) {
  float weights[TAPS];
#pragma GCC unroll 5
  for (unsigned i = 0; i < TAPS; ++i) weights[i] = t.weights[column.weights[i]];
#pragma GCC unroll 12
  for (unsigned r = 0; r < ROWS + TAPS - 1; ++r, from += t.pitch) {
    V values;
    load(values, from);
#if defined(__x86_64__) && !defined(__clang__)
    asm("" : "+v"(values));  // g++ would read it again for each tap
#endif
#pragma GCC unroll 5
    for (unsigned i = 0; i < TAPS; ++i)
      if (r >= i && r - i < ROWS) sums[r - i] += values * weights[i];
  }
}

template <class V, unsigned ROWS>
inline __attribute__((always_inline)) void sum_block(const TapArguments& t, const TapBlock& b,
                                                     V& bad) {
  static_assert(kTaps == 5);
  V sums[ROWS];
#pragma GCC unroll 8
  for (unsigned r = 0; r < ROWS; ++r) sums[r] = V{};
  for (const TapColumn& column : t.columns) {
    const float* from = t.planes + b.from + column.shift;
    if (column.count == 1) add_taps<V, ROWS, 1>(t, column, from, sums);
    if (column.count == 2) add_taps<V, ROWS, 2>(t, column, from, sums);
    if (column.count == 3) add_taps<V, ROWS, 3>(t, column, from, sums);
    if (column.count == 4) add_taps<V, ROWS, 4>(t, column, from, sums);
    if (column.count == 5) add_taps<V, ROWS, 5>(t, column, from, sums);
  }
#pragma GCC unroll 8
  for (unsigned r = 0; r < ROWS; ++r) {
    store(t.c + b.to + r * t.width, sums[r]);
    bad += sums[r] - sums[r];  // not a number unless it is finite
  }
}

template <class V>
inline __attribute__((always_inline)) bool sum_taps(const TapArguments& t) {
  static_assert(kTapRows == 8);
  V bad{};
  for (const TapBlock& b : t.blocks) {
    if (b.rows == 1) sum_block<V, 1>(t, b, bad);
    if (b.rows == 2) sum_block<V, 2>(t, b, bad);
    if (b.rows == 3) sum_block<V, 3>(t, b, bad);
    if (b.rows == 4) sum_block<V, 4>(t, b, bad);
    if (b.rows == 5) sum_block<V, 5>(t, b, bad);
    if (b.rows == 6) sum_block<V, 6>(t, b, bad);
    if (b.rows == 7) sum_block<V, 7>(t, b, bad);
    if (b.rows == 8) sum_block<V, 8>(t, b, bad);
  }
  bool good = true;
  for (unsigned n = 0; n < sizeof(V) / sizeof(float); ++n) good &= bad[n] == 0;
  return good;
}

using SixteenFloats = float __attribute__((vector_size(64)));

/// Two vectors to elements 0, 2, 4, .. and 1, 3, 5, .. of both.
inline __attribute__((always_inline)) void deal(EightFloats& even, EightFloats& odd) {
  const EightFloats low = even, high = odd;
  even = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
  odd = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
}
inline __attribute__((always_inline)) void deal(SixteenFloats& even, SixteenFloats& odd) {
  const SixteenFloats low = even, high = odd;
  even =
      __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  odd =
      __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
/// All but the first element, and the last one of `last`.
inline __attribute__((always_inline)) void shift_in(EightFloats& first, const EightFloats& last) {
  first = __builtin_shufflevector(first, last, 1, 2, 3, 4, 5, 6, 7, 15);
}
inline __attribute__((always_inline)) void shift_in(SixteenFloats& first,
                                                    const SixteenFloats& last) {
  first =
      __builtin_shufflevector(first, last, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 31);
}
/// The first elements of windows that are STEP apart, the second ones, and so on; no more is read.
template <unsigned STEP, class V, unsigned COLUMNS>
inline __attribute__((always_inline)) void load_windows(V (&columns)[COLUMNS], const float* from) {
  constexpr unsigned kLength = sizeof(V) / sizeof(float);
  static_assert(STEP == 1 || COLUMNS == 2 || COLUMNS == 3);
#pragma GCC unroll 3
  for (unsigned c = 0; STEP == 1 && c < COLUMNS; ++c) load(columns[c], from + c);
  if constexpr (STEP == 1) return;
  load(columns[0], from);
  load(columns[1], from + kLength);
  deal(columns[0], columns[1]);
  if constexpr (COLUMNS == 2) return;
  V last;
  load(last, from + kLength + 1);
  columns[COLUMNS - 1] = columns[0];
  shift_in(columns[COLUMNS - 1], last);
}

/// One more element of a window. The larger one is that of alu.def but for NaN, which stays.
template <Pool POOL, class V>
inline __attribute__((always_inline)) void pool_one(V& sum, const V& x) {
  if constexpr (POOL == Pool::Add)
    sum += x;
  else
    sum = x > sum ? x : sum;
}

/// A vector of results at a time; the last one of a row may overlap the one before.
template <class V, Pool POOL, unsigned COLUMNS, unsigned STEP>
inline __attribute__((always_inline)) bool pool_windows(const PoolArguments& p) {
  constexpr std::size_t kLength = sizeof(V) / sizeof(float);
  V bad{};
  float* out = p.out;
  std::int64_t down = 0;
  for (std::size_t y = 0; y < p.height; ++y, out += p.width, down += p.down)
    for (std::size_t i = 0; i < p.width; i += kLength) {
      const std::size_t at = std::min(i, p.width - kLength);
      V sum{};
      for (std::size_t r = 0; r < p.rows.size(); ++r) {
        V columns[COLUMNS];
        load_windows<STEP>(columns, p.rows[r] + down + at * STEP);
#pragma GCC unroll 3
        for (unsigned c = 0; c < COLUMNS; ++c)
          if (r == 0 && c == 0)
            sum = columns[0];
          else
            pool_one<POOL>(sum, columns[c]);
      }
      store(out + at, sum);
      bad += sum - sum;
    }
  bool good = true;
  for (unsigned n = 0; n < kLength; ++n) good &= bad[n] == 0;
  return good;
}
template <class V, Pool POOL>
inline __attribute__((always_inline)) bool pool_any(const PoolArguments& p) {
  if (p.width < sizeof(V) / sizeof(float)) return false;
  if (p.columns == 2 && p.step == 2) return pool_windows<V, POOL, 2, 2>(p);
  if (p.columns == 3 && p.step == 2) return pool_windows<V, POOL, 3, 2>(p);
  if (p.columns == 3 && p.step == 1) return pool_windows<V, POOL, 3, 1>(p);
  return false;
}

inline float widened(Form form, const std::byte* from) {
  std::uint16_t half;
  float whole;
  std::memcpy(&half, from, sizeof(half));
  if (form == Form::BFloat16) return bf16_to_float(half);
  if (form == Form::Float16) return fp16_to_float(half);
  std::memcpy(&whole, from, sizeof(whole));
  return whole;
}

inline void pack_piece(Form form, const std::byte* from, const Piece& p, float* to) {
  const std::int64_t size = form == Form::Float32 ? 4 : 2;
  for (unsigned i = 0; i < p.count; ++i, from += p.step * size) to[i] = widened(form, from);
}

inline void unpack_piece(std::byte* to, const Piece& p, const float* from) {
  for (unsigned i = 0; i < p.count; ++i, to += p.step * 4) std::memcpy(to, from + i, sizeof(float));
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

}  // namespace neuron::sim
