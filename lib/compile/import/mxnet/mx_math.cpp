// SPDX-License-Identifier: Apache-2.0
// Functions of single elements.
#include <cmath>

#include "compile/constants.h"
#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {

Values same(Draft& d, const char* onnx) { return {d.one(onnx, d.node().inputs)}; }
Values pass_first(Draft& d, const char*) { return {d.in(0)}; }
Values pass_all(Draft& d, const char*) {
  Values out;
  for (std::size_t i = 0; i < d.inputs(); ++i) out.push_back(d.in(i));
  return out;
}

/// Halves away from zero.
Values round_away(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const ValueId size = d.one("Floor", {d.add(d.one("Abs", {x}), 0.5)});
  return {d.mul(d.one("Sign", {x}), size)};
}
Values toward_zero(Draft& d, const char*) {
  const ValueId x = d.in(0);
  return {d.mul(d.one("Sign", {x}), d.one("Floor", {d.one("Abs", {x})}))};
}
Values square(Draft& d, const char*) { return {d.mul(d.in(0), d.in(0))}; }
Values rsqrt(Draft& d, const char*) { return {d.one("Reciprocal", {d.one("Sqrt", {d.in(0)})})}; }
Values log1p(Draft& d, const char*) { return {d.one("Log", {d.add(d.in(0), 1.0)})}; }
Values expm1(Draft& d, const char*) { return {d.sub(d.one("Exp", {d.in(0)}), 1.0)}; }
Values log_of(Draft& d, const char* base) {
  return {d.div(d.one("Log", {d.in(0)}), std::log(std::string_view(base) == "2" ? 2.0 : 10.0))};
}
Values hard_sigmoid(Draft& d, const char*) {
  return {d.one("HardSigmoid", {d.in(0)},
                {{"alpha", static_cast<float>(real_at(d, "alpha", 0.2))},
                 {"beta", static_cast<float>(real_at(d, "beta", 0.5))}})};
}
Values div_sqrt_dim(Draft& d, const char*) {
  return {d.div(d.in(0), std::sqrt(static_cast<double>(d.dim(d.in(0), -1))))};
}
/// 0.5 (s x)^2 near zero, |x| - 0.5 / s^2 outside.
Values smooth_l1(Draft& d, const char*) {
  const ValueId x = d.in(0), size = d.one("Abs", {x});
  const double s = real_at(d, "scalar", 1), s2 = s * s;
  return {d.where(d.less(size, 1 / s2), d.mul(d.mul(x, x), 0.5 * s2), d.sub(size, 0.5 / s2))};
}

/// Comparisons give 0 and 1 of the type that they compare.
static ValueId truth(Draft& d, ValueId v) {
  return d.one("Not", {d.one("Equal", {v, d.scalar_like(0, v)})});
}
static ValueId compared(Draft& d, std::string_view onnx, ValueId a, ValueId b) {
  if (onnx == "And" || onnx == "Or" || onnx == "Xor") {
    const DType type = d.type(a);
    return d.cast(d.one(std::string(onnx), {truth(d, a), truth(d, b)}), type);
  }
  const bool other = onnx == "NotEqual";
  const ValueId result = d.one(other ? "Equal" : std::string(onnx), {a, b});
  return d.cast(other ? d.one("Not", {result}) : result, d.type(a));
}
Values compare(Draft& d, const char* onnx) { return {compared(d, onnx, d.in(0), d.in(1))}; }
Values compare_scalar(Draft& d, const char* onnx) {
  return {compared(d, onnx, d.in(0), d.scalar_like(real_at(d, "scalar", 0), d.in(0)))};
}
Values logical_not(Draft& d, const char*) {
  const ValueId x = d.in(0);
  return {d.cast(d.one("Equal", {x, d.scalar_like(0, x)}), d.type(x))};
}

Values with_scalar(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0), d.scalar_like(real_at(d, "scalar", 1), d.in(0))})};
}
Values scalar_with(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.scalar_like(real_at(d, "scalar", 1), d.in(0)), d.in(0)})};
}
/// The sign of the divisor, as Python has it.
static ValueId remainder(Draft& d, ValueId x, ValueId by) {
  if (!is_floating(d.type(x))) return d.one("Mod", {x, by});
  const ValueId rest = d.one("Mod", {x, by}, {{"fmod", std::int64_t{1}}});
  const ValueId some = d.one("Not", {d.one("Equal", {rest, d.scalar_like(0, rest)})});
  const ValueId apart = d.one("Xor", {d.less(rest, 0), d.less(by, 0)});
  return d.where(d.one("And", {some, apart}), d.add(rest, by), rest);
}
Values modulo(Draft& d, const char*) { return {remainder(d, d.in(0), d.in(1))}; }
Values modulo_scalar(Draft& d, const char*) {
  return {remainder(d, d.in(0), d.scalar_like(real_at(d, "scalar", 1), d.in(0)))};
}
Values hypot(Draft& d, const char*) {
  return {d.one("Sqrt", {d.add(d.mul(d.in(0), d.in(0)), d.mul(d.in(1), d.in(1)))})};
}
Values sum_all(Draft& d, const char* onnx) {
  return {d.inputs() == 1 ? d.in(0) : d.one(onnx, d.node().inputs)};
}

/// A condition of one axis chooses rows.
Values where(Draft& d, const char* onnx) {
  ValueId condition = truth(d, d.in(0));
  if (d.rank(condition) == 1 && d.rank(d.in(1)) > 1) {
    Shape shape(static_cast<std::size_t>(d.rank(d.in(1))), 1);
    shape[0] = d.dim(condition, 0);
    condition = d.reshape(condition, shape);
  }
  return {d.one(onnx, {condition, d.in(1), d.in(2)})};
}

Values clip(Draft& d, const char*) {
  const ValueId x = d.in(0);
  return {d.one("Clip", {x, d.scalar_like(real_at(d, "a_min", -INFINITY), x),
                         d.scalar_like(real_at(d, "a_max", INFINITY), x)})};
}
Values cast_to(Draft& d, const char*) {
  return {d.cast(d.in(0), type_at(d, "dtype", DType::Float32))};
}

Values activation(Draft& d, const char*) {
  struct Word {
    const char *mxnet, *onnx;
  };
  constexpr Word kWords[] = {{"relu", "Relu"},         {"sigmoid", "Sigmoid"},   {"tanh", "Tanh"},
                             {"softrelu", "Softplus"}, {"softsign", "Softsign"}, {"mish", "Mish"}};
  const std::string word = word_at(d, "act_type", "");
  for (const Word& row : kWords)
    if (word == row.mxnet) return {d.one(row.onnx, {d.in(0)})};
  if (word == "log_sigmoid") return {d.one("Neg", {d.one("Softplus", {d.one("Neg", {d.in(0)})})})};
  d.refuse(
      "act_type '{}'; supported are relu, sigmoid, tanh, softrelu, softsign, mish and log_sigmoid",
      word);
  return {d.in(0)};
}

Values leaky(Draft& d, const char*) {
  const std::string word = word_at(d, "act_type", "leaky");
  const ValueId x = d.in(0);
  const auto alpha = static_cast<float>(real_at(d, "slope", 0.25));
  if (word == "leaky") return {d.one("LeakyRelu", {x}, {{"alpha", alpha}})};
  if (word == "elu") return {d.one("Elu", {x}, {{"alpha", alpha}})};
  if (word == "selu") return {d.one("Selu", {x})};
  if (word == "gelu")
    return {d.mul(d.mul(x, 0.5), d.add(d.one("Erf", {d.div(x, std::sqrt(2.0))}), 1.0))};
  if (word == "rrelu") {  // the middle of the slopes that training draws
    const double slope = (real_at(d, "lower_bound", 0.125) + real_at(d, "upper_bound", 0.334)) / 2;
    return {d.one("LeakyRelu", {x}, {{"alpha", static_cast<float>(slope)}})};
  }
  if (word != "prelu" || !d.has(1)) {
    d.refuse("act_type '{}'; supported are leaky, prelu, elu, selu, gelu and rrelu", word);
    return {x};
  }
  Shape slopes = d.shape(d.in(1));
  if (slopes.size() == 1 && d.rank(x) > 2)
    slopes.resize(static_cast<std::size_t>(d.rank(x)) - 1, 1);  // one a channel
  return {d.one("PRelu", {x, d.reshape(d.in(1), slopes)})};
}

// Constants.

Values filled_like(Draft& d, const char* value) {
  const ValueId x = d.in(0);
  return {d.expand(d.scalar_like(*value == '1' ? 1 : 0, x), d.shape(x))};
}
Values filled(Draft& d, const char* value) {
  const std::string_view word = value;
  const Shape shape = tuple_at(d, "shape");
  if (auto fits = check_shape(shape); !fits) d.stop(fits.error());
  const double number = word == "value" ? real_at(d, "value", 0) : word == "1" ? 1 : 0;
  const ValueId one = d.scalar(number, type_at(d, "dtype", DType::Float32));
  return {d.failed() ? one : d.expand(one, shape)};
}
/// start, start + step ... below stop, each `repeat` times.
Values arange(Draft& d, const char*) {
  const bool open = !has_at(d, "stop");
  const double first = open ? 0 : real_at(d, "start", 0);
  const double last = open ? real_at(d, "start", 0) : real_at(d, "stop", 0);
  const double step = real_at(d, "step", 1);
  const std::int64_t repeat = int_at(d, "repeat", 1);
  const double count = std::ceil((last - first) / step);
  if (!(count >= 0) || count > 1e7 || repeat < 1 || repeat > 1000) {
    d.malformed("{} numbers, each {} times", count, repeat);
    return {d.scalar(0)};
  }
  Tensor t =
      make_tensor(type_at(d, "dtype", DType::Float32), {static_cast<std::int64_t>(count) * repeat});
  for (std::int64_t i = 0; i < t.shape[0]; ++i)
    store_number(t, static_cast<std::size_t>(i), first + static_cast<double>(i / repeat) * step);
  return {d.constant(std::move(t))};
}
Values arange_like(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const bool flat = !has_at(d, "axis");
  const std::int64_t count = flat ? d.count(x) : d.dim(x, d.front(int_at(d, "axis", 0), d.rank(x)));
  if (int_at(d, "repeat", 1) != 1) d.refuse("repeat {}; supported is 1", int_at(d, "repeat", 1));
  const ValueId numbers =
      d.add(d.mul(d.iota(count, d.type(x)), real_at(d, "step", 1)), real_at(d, "start", 0));
  return {flat ? d.reshape(numbers, d.shape(x)) : numbers};
}
Values shape_array(Draft& d, const char*) { return {d.list(d.shape(d.in(0)))}; }
Values size_array(Draft& d, const char*) { return {d.list({d.count(d.in(0))})}; }

}  // namespace neuron::compile::mxnet
