// SPDX-License-Identifier: Apache-2.0
// Operators of two operands, with numpy's broadcasting.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

using U = std::uint64_t;
using I = std::int64_t;

// Sums and products wrap, as they do on every machine that runs these models; INT64_MIN / -1 is the
// one quotient that does not fit.
I quotient(I a, I b) { return b == 0 ? 0 : b == -1 ? static_cast<I>(-static_cast<U>(a)) : a / b; }
I modulo(I a, I b) {
  if (b == 0 || b == -1) return 0;
  const I rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
I remainder(I a, I b) { return b == 0 || b == -1 ? 0 : a % b; }
double floor_modulo(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
I power(I a, I b) {
  U result = 1, factor = static_cast<U>(a);
  if (b < 0) return a == 1 ? 1 : a == -1 ? (b & 1 ? -1 : 1) : 0;
  for (; b > 0; b >>= 1, factor *= factor)
    if (b & 1) result *= factor;
  return static_cast<I>(result);
}

/// The same operator on each kind of numbers.
struct Row {
  std::string_view name;
  I (*integer)(I, I);
  U (*natural)(U, U);
  double (*number)(double, double);
};
#define NEURON_WRAPS(sign)                                                           \
  [](I a, I b) { return static_cast<I>(static_cast<U>(a) sign static_cast<U>(b)); }, \
      [](U a, U b) { return a sign b; }, [](double a, double b) { return a sign b; }
#define NEURON_KINDS(expression)                           \
  [](I a, I b) { return static_cast<I>(expression); },     \
      [](U a, U b) { return static_cast<U>(expression); }, \
      [](double a, double b) { return static_cast<double>(expression); }
constexpr Row kRows[] = {
    {"Add", NEURON_WRAPS(+)},
    {"Sum", NEURON_WRAPS(+)},
    {"Mean", NEURON_WRAPS(+)},
    {"Sub", NEURON_WRAPS(-)},
    {"Mul", NEURON_WRAPS(*)},
    {"Div", quotient, [](U a, U b) { return b == 0 ? 0 : a / b; },
     [](double a, double b) { return a / b; }},
    {"Mod", modulo, [](U a, U b) { return b == 0 ? 0 : a % b; }, floor_modulo},
    {"fmod", remainder, [](U a, U b) { return b == 0 ? 0 : a % b; },
     [](double a, double b) { return std::fmod(a, b); }},
    {"Pow", power,
     [](U a, U b) { return static_cast<U>(power(static_cast<I>(a), static_cast<I>(b))); },
     [](double a, double b) { return std::pow(a, b); }},
    {"Max", [](I a, I b) { return std::max(a, b); }, [](U a, U b) { return std::max(a, b); },
     [](double a, double b) { return b > a || std::isnan(b) ? b : a; }},
    {"Min", [](I a, I b) { return std::min(a, b); }, [](U a, U b) { return std::min(a, b); },
     [](double a, double b) { return b < a || std::isnan(b) ? b : a; }},
    {"Equal", NEURON_KINDS(a == b)},
    {"Greater", NEURON_KINDS(a > b)},
    {"GreaterOrEqual", NEURON_KINDS(a >= b)},
    {"Less", NEURON_KINDS(a < b)},
    {"LessOrEqual", NEURON_KINDS(a <= b)},
    {"And", NEURON_KINDS(a != 0 && b != 0)},
    {"Or", NEURON_KINDS(a != 0 || b != 0)},
    {"Xor", NEURON_KINDS((a != 0) != (b != 0))},
    {"PRelu", [](I a, I b) { return a < 0 ? a * b : a; }, [](U a, U) { return a; },
     [](double a, double b) { return a < 0 ? a * b : a; }},
    {"BitwiseAnd", [](I a, I b) { return a & b; }, [](U a, U b) { return a & b; }, nullptr},
    {"BitwiseOr", [](I a, I b) { return a | b; }, [](U a, U b) { return a | b; }, nullptr},
    {"BitwiseXor", [](I a, I b) { return a ^ b; }, [](U a, U b) { return a ^ b; }, nullptr},
};
#undef NEURON_KINDS
#undef NEURON_WRAPS

const Row& row_of(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) return row;
  refuse("no operator ", name);
}

template <class T>
auto function_of(const Row& row) {
  if constexpr (std::is_same_v<T, double>)
    return row.number;
  else if constexpr (std::is_same_v<T, U>)
    return row.natural;
  else
    return row.integer;
}

Shape shape_of_all(const Step& s) {
  Shape shape = in(s, 0).shape;
  for (std::size_t i = 1; i < s.inputs.size(); ++i) shape = broadcast(shape, in(s, i).shape);
  return shape;
}

/// Folds all inputs, one after another, in the type `computed`.
void combine(Step& s, const Row& row, DType computed, DType result) {
  Tensor& out = make(s, 0, result, shape_of_all(s));
  if (s.only_forms) return;
  in_type(computed, [&]<class T>(T) {
    const auto function = function_of<T>(row);
    if (!function) refuse(s.op, " of numbers that are no integers");
    std::vector<T> sum(elements(out.shape));
    for (std::size_t i = 0; i < s.inputs.size(); ++i) {
      const std::vector<T> x = widen<T>(in(s, i));
      walk(out.shape, 0, spread_strides(in(s, i).shape, out.shape),
           [&](std::size_t to, std::size_t from) {
             sum[to] = i == 0 ? x[from] : function(sum[to], x[from]);
           });
    }
    if (s.op == "Mean")
      for (T& v : sum) v = v / static_cast<T>(s.inputs.size());
    narrow(sum, out);
  });
}

}  // namespace

void binary(Step& s) {
  for (std::size_t i = 1; i < s.inputs.size(); ++i)
    require(in(s, i).type == in(s, 0).type, "operands are of different types");
  const bool c_modulo =
      s.op == "Mod" && (integer(s, "fmod", 0) != 0 || s.opset == 0) && !is_integer(in(s, 0).type);
  combine(s, row_of(c_modulo || (s.op == "Mod" && integer(s, "fmod", 0) != 0) ? "fmod" : s.op),
          in(s, 0).type, in(s, 0).type);
}

void compare(Step& s) {
  require(in(s, 0).type == in(s, 1).type, "operands are of different types");
  combine(s, row_of(s.op), in(s, 0).type, DType::Bool);
}

/// The exponent may be of another type.
void power(Step& s) {
  const bool exact = is_integer(in(s, 0).type) && is_integer(in(s, 1).type);
  combine(s, row_of("Pow"), exact ? DType::Int64 : DType::Float64, in(s, 0).type);
}

void bit_shift(Step& s) {
  const Operand &a = in(s, 0), &b = in(s, 1);
  Tensor& out = make(s, 0, a.type, shape_of_all(s));
  if (s.only_forms) return;
  const bool left = word(s, "direction") == "LEFT";
  const Ints at = spread_strides(b.shape, out.shape);
  std::vector<U> counts(elements(out.shape)), values(counts.size());
  walk(out.shape, 0, at,
       [&](std::size_t to, std::size_t from) { counts[to] = get<U>(b.bytes, b.type, from); });
  walk(out.shape, 0, spread_strides(a.shape, out.shape), [&](std::size_t to, std::size_t from) {
    const U v = get<U>(a.bytes, a.type, from);
    values[to] = counts[to] > 63 ? 0 : left ? v << counts[to] : v >> counts[to];
  });
  narrow(values, out);
}

}  // namespace neuron::cpu
