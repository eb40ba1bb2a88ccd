// SPDX-License-Identifier: Apache-2.0
// Operators that work element by element.
#include <limits>
#include <numbers>

#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// out[i] = function(x[i]) as doubles, type kept.
template <class Function>
void each(Step& s, Function function) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  std::vector<double> values = widen<double>(x);
  for (double& v : values) v = function(v);
  narrow(values, out);
}

double sigmoid(double v) {
  return v >= 0 ? 1 / (1 + std::exp(-v)) : std::exp(v) / (1 + std::exp(v));
}
double softplus(double v) { return v > 0 ? v + std::log1p(std::exp(-v)) : std::log1p(std::exp(v)); }
double elu(double v, double alpha) { return v < 0 ? alpha * std::expm1(v) : v; }

/// The functions without attributes: one name each.
struct Function {
  std::string_view name;
  double (*of)(double);
};
constexpr Function kFunctions[] = {
    {"Ceil", [](double v) { return std::ceil(v); }},
    {"Floor", [](double v) { return std::floor(v); }},
    {"Round", [](double v) { return std::nearbyint(v); }},
    {"Sqrt", [](double v) { return std::sqrt(v); }},
    {"Exp", [](double v) { return std::exp(v); }},
    {"Log", [](double v) { return std::log(v); }},
    {"Reciprocal", [](double v) { return 1 / v; }},
    {"Erf", [](double v) { return std::erf(v); }},
    {"Sin", [](double v) { return std::sin(v); }},
    {"Cos", [](double v) { return std::cos(v); }},
    {"Tan", [](double v) { return std::tan(v); }},
    {"Asin", [](double v) { return std::asin(v); }},
    {"Acos", [](double v) { return std::acos(v); }},
    {"Atan", [](double v) { return std::atan(v); }},
    {"Sinh", [](double v) { return std::sinh(v); }},
    {"Cosh", [](double v) { return std::cosh(v); }},
    {"Tanh", [](double v) { return std::tanh(v); }},
    {"Asinh", [](double v) { return std::asinh(v); }},
    {"Acosh", [](double v) { return std::acosh(v); }},
    {"Atanh", [](double v) { return std::atanh(v); }},
    {"Sigmoid", sigmoid},
    {"Softplus", softplus},
    {"Softsign", [](double v) { return v / (1 + std::fabs(v)); }},
    {"HardSwish", [](double v) { return v * std::clamp(v / 6 + 0.5, 0.0, 1.0); }},
    {"Mish", [](double v) { return v * std::tanh(softplus(v)); }},
};

}  // namespace

void function(Step& s) {
  for (const Function& row : kFunctions)
    if (row.name == s.op) return each(s, row.of);
  refuse("no function ", s.op);
}

void absolute(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  in_type(x.type, [&]<class T>(T zero) {
    auto values = widen<T>(x);
    const bool negates = s.op == "Neg", signs = s.op == "Sign";
    for (auto& v : values) {
      if (signs)
        v = v > zero ? T(1) : v < zero ? T(-1) : v;
      else if (negates || v < zero)
        v = zero - v;
    }
    narrow(values, out);
  });
}

void leaky_relu(Step& s) {
  const double alpha = real(s, "alpha", 0.01f);
  each(s, [&](double v) { return v < 0 ? alpha * v : v; });
}
void elu(Step& s) {
  const double alpha = real(s, "alpha", 1);
  each(s, [&](double v) { return elu(v, alpha); });
}
void celu(Step& s) {
  const double alpha = real(s, "alpha", 1);
  each(s, [&](double v) { return v < 0 ? alpha * std::expm1(v / alpha) : v; });
}
void selu(Step& s) {
  const double alpha = real(s, "alpha", 1.67326319217681884765625f);
  const double gamma = real(s, "gamma", 1.05070102214813232421875f);
  each(s, [&](double v) { return gamma * elu(v, alpha); });
}
void hard_sigmoid(Step& s) {
  const double alpha = real(s, "alpha", 0.2f), beta = real(s, "beta", 0.5f);
  each(s, [&](double v) { return std::clamp(alpha * v + beta, 0.0, 1.0); });
}
void thresholded_relu(Step& s) {
  const double alpha = real(s, "alpha", 1);
  each(s, [&](double v) { return v > alpha ? v : 0.0; });
}
void shrink(Step& s) {
  const double bias = real(s, "bias", 0), edge = real(s, "lambd", 0.5f);
  each(s, [&](double v) { return v < -edge ? v + bias : v > edge ? v - bias : 0.0; });
}
void swish(Step& s) {
  const double alpha = real(s, "alpha", 1);
  each(s, [&](double v) { return v * sigmoid(alpha * v); });
}
void gelu(Step& s) {
  const bool by_tanh = word(s, "approximate", "none") == "tanh";
  each(s, [&](double v) {
    if (!by_tanh) return 0.5 * v * (1 + std::erf(v / std::numbers::sqrt2));
    return 0.5 * v * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (v + 0.044715 * v * v * v)));
  });
}

void relu(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  in_type(x.type, [&]<class T>(T zero) {
    auto values = widen<T>(x);
    for (auto& v : values) v = v < zero ? zero : v;
    narrow(values, out);
  });
}

void clip(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  in_type(x.type, [&]<class T>(T) {
    auto values = widen<T>(x);
    std::optional<T> low, high;
    if (has(s, 1)) low = get<T>(in(s, 1).bytes, x.type, 0);
    if (has(s, 2)) high = get<T>(in(s, 2).bytes, x.type, 0);
    if (has_attribute(s, "min") && std::isfinite(real(s, "min", 0)))
      low = static_cast<T>(real(s, "min", 0));
    if (has_attribute(s, "max") && std::isfinite(real(s, "max", 0)))
      high = static_cast<T>(real(s, "max", 0));
    for (auto& v : values) {
      if (low && v < *low) v = *low;
      if (high && v > *high) v = *high;
    }
    narrow(values, out);
  });
}

void is_nan(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, DType::Bool, x.shape);
  if (s.only_forms) return;
  const std::vector<double> values = widen<double>(x);
  const bool up = integer(s, "detect_positive", 1) != 0,
             down = integer(s, "detect_negative", 1) != 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double v = values[i];
    const bool found = s.op == "IsNaN" ? std::isnan(v) : std::isinf(v) && (v > 0 ? up : down);
    out.bytes[i] = std::byte{found};
  }
}

void invert(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  for (std::size_t i = 0; i < out.bytes.size(); ++i)
    out.bytes[i] = s.op == "Not" ? std::byte{x.bytes[i] == std::byte{0}} : ~x.bytes[i];
}

void identity(Step& s) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (!s.only_forms) out.bytes.assign(x.bytes.begin(), x.bytes.end());
}

void cast(Step& s) {
  const Operand& x = in(s, 0);
  DType to = has(s, 1) ? in(s, 1).type : static_cast<DType>(integer(s, "to", 0));
  to = declared(s, 0, to);
  if (size_of(to) == 0) refuse("no type to cast to");
  Tensor& out = make(s, 0, to, x.shape);
  if (s.only_forms) return;
  if (!is_integer(to) && size_of(to) == 1) return round_small(s, widen<double>(x), out);
  in_type(x.type, [&]<class T>(T) { narrow(widen<T>(x), out); });
}

void bit_cast(Step& s) {
  const Operand& x = in(s, 0);
  const DType to = declared(s, 0, static_cast<DType>(integer(s, "to", 0)));
  require(size_of(to) == size_of(x.type), "types of different sizes");
  Tensor& out = make(s, 0, to, x.shape);
  if (!s.only_forms) out.bytes.assign(x.bytes.begin(), x.bytes.end());
}

void where(Step& s) {
  const Operand &c = in(s, 0), &a = in(s, 1), &b = in(s, 2);
  require(a.type == b.type && c.type == DType::Bool, "types do not fit");
  Tensor& out = make(s, 0, a.type, broadcast(c.shape, broadcast(a.shape, b.shape)));
  if (s.only_forms) return;
  std::vector<bool> chosen(elements(out.shape));
  walk(out.shape, 0, spread_strides(c.shape, out.shape),
       [&](std::size_t to, std::size_t from) { chosen[to] = c.bytes[from] != std::byte{0}; });
  for (const bool first : {true, false}) {
    const Operand& x = first ? a : b;
    walk(out.shape, 0, spread_strides(x.shape, out.shape), [&](std::size_t to, std::size_t from) {
      if (chosen[to] == first) copy_element(x.bytes, from, out, to);
    });
  }
}

void dropout(Step& s) {
  if (has(s, 2) && has(s, 1)) {
    require(in(s, 1).known && in(s, 2).known, "whether it drops is computed");
    const bool drops = integers(in(s, 2))[0] != 0 && numbers(in(s, 1))[0] != 0;
    if (drops) refuse("it drops values at random");
  }
  identity(s);
  if (!wanted(s, 1)) return;
  Tensor& mask = make(s, 1, DType::Bool, in(s, 0).shape);
  std::fill(mask.bytes.begin(), mask.bytes.end(), std::byte{1});
}

}  // namespace neuron::cpu
