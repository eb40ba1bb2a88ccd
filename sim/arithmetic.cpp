// SPDX-License-Identifier: Apache-2.0
#include "sim/arithmetic.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "sim/functions.h"

namespace neuron::sim {
namespace {

/// Calls `body` with the function of `op`, so that each operation has a loop of its own.
template <class Body>
void with(isa::Alu op, Body body) {
  switch (op) {
#define NEURON_ALU(name, code, shown, evidence, value) \
  case isa::Alu::name:                                 \
    return body([](float a, [[maybe_unused]] float b) -> float { return value; });
#include "isa/alu.def"
#undef NEURON_ALU
  }
}

/// Operations that often come in pairs: a bias or a scale, and a bound or nothing.
constexpr bool is_frequent(isa::Alu op, bool second) {
  using enum isa::Alu;
  return op == Add || op == Mult || op == Max || op == Min || (second && op == Bypass);
}
/// The same for these alone; nothing is called for others.
template <bool SECOND, class Body>
void with_frequent(isa::Alu op, Body body) {
  switch (op) {
#define NEURON_ALU(name, code, shown, evidence, value)                                         \
  case isa::Alu::name:                                                                         \
    if constexpr (is_frequent(isa::Alu::name, SECOND))                                         \
      body([]([[maybe_unused]] float a, [[maybe_unused]] float b) -> float { return value; }); \
    return;
#include "isa/alu.def"
#undef NEURON_ALU
  }
}

template <class Body>
void with(isa::Activation function, Body body) {
  switch (function) {
#define NEURON_ACTIVATION(name, code, shown, set, evidence, value) \
  case isa::Activation::name:                                      \
    return body([](float x) -> float { return value; });
#include "isa/activations.def"
#undef NEURON_ACTIVATION
  }
}

/// The value column for one operation.
template <isa::Alu OP>
inline __attribute__((always_inline)) float value([[maybe_unused]] float a,
                                                  [[maybe_unused]] float b) {
#define NEURON_ALU(name, code, shown, evidence, value) \
  if constexpr (OP == isa::Alu::name) return value;
#include "isa/alu.def"
#undef NEURON_ALU
}
using enum isa::Alu;

// Loops in the host's widest vectors. Every element is computed alone and nothing is contracted, so
// the width changes no bit. `out` is apart from the inputs or one of them.
#ifdef __clang__
#define NEURON_ALONE  // it looks for itself, when the loop begins
#else
#define NEURON_ALONE _Pragma("GCC ivdep")
#endif
#define NEURON_LOOPS(width, attribute)                                                             \
  template <class F>                                                                               \
  attribute void pairs_##width(Block size, Rows<const float> a, Rows<const float> b,               \
                               Rows<float> out) {                                                  \
    for (; size.rows > 0; --size.rows, a.at += a.step, b.at += b.step, out.at += out.step)         \
      NEURON_ALONE for (std::size_t i = 0; i < size.columns; ++i) out.at[i] =                      \
          F{}(a.at[i], b.at[i]);                                                                   \
  }                                                                                                \
  template <class F>                                                                               \
  attribute void same_##width(const float* a, float b, float* out, std::size_t n) {                \
    NEURON_ALONE for (std::size_t i = 0; i < n; ++i) out[i] = F{}(a[i], b);                        \
  }                                                                                                \
  template <class F, class G>                                                                      \
  attribute void both_##width(const float* x, float y, Block size, Rows<const float> a,            \
                              Rows<float> out) {                                                   \
    for (; size.rows > 0; --size.rows, ++x, a.at += a.step, out.at += out.step) {                  \
      const float own = *x;                                                                        \
      NEURON_ALONE for (std::size_t i = 0; i < size.columns; ++i) out.at[i] =                      \
          G{}(F{}(a.at[i], own), y);                                                               \
    }                                                                                              \
  }                                                                                                \
  template <class F>                                                                               \
  attribute void function_##width(const float* scale, const float* bias, Block size,               \
                                  Rows<const float> in, Rows<float> out) {                         \
    for (; size.rows > 0; --size.rows, ++scale, ++bias, in.at += in.step, out.at += out.step) {    \
      const float times = *scale, plus = *bias;                                                    \
      NEURON_ALONE for (std::size_t i = 0; i < size.columns; ++i) out.at[i] =                      \
          F{}(in.at[i] * times + plus);                                                            \
    }                                                                                              \
  }                                                                                                \
  template <bool BOTH>                                                                             \
  attribute void gate_##width(const Gate& gate, const float* bias, Block size,                     \
                              Rows<const float> in, Rows<float> x, Rows<float> y) {                \
    const auto [scale, offset, low, high] = gate;                                                  \
    for (; size.rows > 0; --size.rows, ++bias, in.at += in.step, x.at += x.step, y.at += y.step) { \
      const float plus = *bias;                                                                    \
      NEURON_ALONE for (std::size_t i = 0; i < size.columns; ++i) {                                \
        const float a = value<Add>(in.at[i], plus);                                                \
        const float open = value<Add>(value<Mult>(a, scale), offset);                              \
        const float b = value<Min>(value<Max>(open, low), high);                                   \
        if (BOTH) x.at[i] = a;                                                                     \
        y.at[i] = BOTH ? b : value<Mult>(a, b);                                                    \
      }                                                                                            \
    }                                                                                              \
  }
NEURON_LOOPS(plain, )
#ifdef __x86_64__
NEURON_LOOPS(eight, __attribute__((target("avx2"))))
NEURON_LOOPS(sixteen, __attribute__((target("avx512f,avx512vl,avx512dq"))))
const bool kSixteen = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                      __builtin_cpu_supports("avx512dq");
const bool kEight = __builtin_cpu_supports("avx2");
#define NEURON_LOOP(name, ...)            \
  (kSixteen ? name##_sixteen<__VA_ARGS__> \
   : kEight ? name##_eight<__VA_ARGS__>   \
            : name##_plain<__VA_ARGS__>)
#else
#define NEURON_LOOP(name, ...) name##_plain<__VA_ARGS__>
#endif

}  // namespace

float apply(isa::Alu op, float a, float b) {
  float out = 0;
  with(op, [&](auto f) { out = f(a, b); });
  return out;
}

PairLoop loop_of(isa::Alu op) {
  PairLoop loop = nullptr;
  with(op, [&](auto f) { loop = NEURON_LOOP(pairs, decltype(f)); });
  return loop;
}
void apply(isa::Alu op, Block size, Rows<const float> a, Rows<const float> b, Rows<float> out) {
  loop_of(op)(size, a, b, out);
}
void apply(isa::Alu op, std::span<const float> a, std::span<const float> b, std::span<float> out) {
  apply(op, {1, out.size()}, {a.data(), 0}, {b.data(), 0}, {out.data(), 0});
}

void apply(isa::Alu op, std::span<const float> a, float b, std::span<float> out) {
  with(op, [&](auto f) { NEURON_LOOP(same, decltype(f))(a.data(), b, out.data(), out.size()); });
}

ScalarLoop loop_of(isa::Alu op0, isa::Alu op1) {
  ScalarLoop loop = nullptr;
  with_frequent<false>(op0, [&](auto f) {
    with_frequent<true>(op1, [&](auto g) { loop = NEURON_LOOP(both, decltype(f), decltype(g)); });
  });
  return loop;
}
void apply(isa::Alu op0, const float* x, isa::Alu op1, float y, Block size, Rows<const float> a,
           Rows<float> out) {
  if (const auto loop = loop_of(op0, op1)) return loop(x, y, size, a, out);
  for (std::size_t r = 0; r < size.rows; ++r) {
    const std::span<float> row(out.at + r * out.step, size.columns);
    apply(op0, {a.at + r * a.step, size.columns}, x[r], row);
    if (op1 != isa::Alu::Bypass) apply(op1, row, y, row);
  }
}
void apply(isa::Alu op0, float x, isa::Alu op1, float y, std::span<const float> a,
           std::span<float> out) {
  apply(op0, &x, op1, y, {1, out.size()}, {a.data(), 0}, {out.data(), 0});
}

void apply(const Gate& gate, const float* bias, Block size, Rows<const float> in, Rows<float> x,
           Rows<float> y) {
  NEURON_LOOP(gate, true)(gate, bias, size, in, x, y);
}
void apply(const Gate& gate, const float* bias, Block size, Rows<const float> in, Rows<float> out) {
  NEURON_LOOP(gate, false)(gate, bias, size, in, {}, out);
}

float fold(isa::Alu op, std::span<const float> row) {
  float result = row[0];
  with(op, [&](auto f) {
    for (const float x : row.subspan(1)) result = f(result, x);
  });
  return result;
}

void fold(isa::Alu op, const EightRows& rows, std::size_t length, std::span<float, 8> out) {
  with(op, [&](auto f) {
    std::array<float, 8> sums;
    for (std::size_t r = 0; r < rows.size(); ++r) sums[r] = rows[r][0];
    for (std::size_t i = 1; i < length; ++i)
      for (std::size_t r = 0; r < rows.size(); ++r) sums[r] = f(sums[r], rows[r][i]);
    std::copy(sums.begin(), sums.end(), out.begin());
  });
}

FunctionLoop loop_of(isa::Activation function) {
  FunctionLoop loop = nullptr;
  with(function, [&](auto f) { loop = NEURON_LOOP(function, decltype(f)); });
  return loop;
}
void apply(isa::Activation function, const float* scale, const float* bias, Block size,
           Rows<const float> in, Rows<float> out) {
  loop_of(function)(scale, bias, size, in, out);
}
void apply(isa::Activation function, std::span<const float> in, float scale, float bias,
           std::span<float> out) {
  apply(function, &scale, &bias, {1, out.size()}, {in.data(), 0}, {out.data(), 0});
}

void keep_high(std::span<float> row) {
  const auto half = [](float a, float) { return high_half(a); };
  NEURON_LOOP(same, decltype(half))(row.data(), 0, row.data(), row.size());
}

void keep_low(std::span<float> row) {
  const auto rest = [](float a, float) { return a - high_half(a); };
  NEURON_LOOP(same, decltype(rest))(row.data(), 0, row.data(), row.size());
}

}  // namespace neuron::sim
