// SPDX-License-Identifier: Apache-2.0
// Functions of single elements, products and random numbers.
#include <algorithm>
#include <cmath>

#include "compile/constants.h"
#include "compile/import/tensorflow/shared.h"

namespace neuron::compile::tensorflow {

DType type_at(Draft& d, const char* name, DType fallback) {
  const std::int64_t number = d.integer(name, 0);
  if (number == 0) return fallback;
  const auto type = dtype_of(static_cast<std::int32_t>(number));
  if (type) return *type;
  d.stop(type.error());
  return fallback;
}

bool flag(Draft& d, const char* name, bool fallback) { return d.integer(name, fallback) != 0; }

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    words.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

ValueId activate(Draft& d, ValueId v, const std::string& name) {
  if (name == "Relu6") return d.one("Clip", {v, d.scalar_like(0, v), d.scalar_like(6, v)});
  if (name == "LeakyRelu")
    return d.one("LeakyRelu", {v}, {{"alpha", d.real("leakyrelu_alpha", 0.2F)}});
  for (const char* plain : {"Relu", "Elu", "Sigmoid", "Tanh"})
    if (name == plain) return d.one(name, {v});
  d.refuse("'{}' is fused into it; supported are Relu, Relu6, LeakyRelu, Elu, Sigmoid and Tanh",
           name);
  return v;
}

Values same(Draft& d, const char* onnx) { return {d.one(onnx, d.node().inputs)}; }

Values is_finite(Draft& d, const char*) {
  const ValueId x = d.in(0);
  return {d.one("Not", {d.one("Or", {d.one("IsNaN", {x}), d.one("IsInf", {x})})})};
}
Values square(Draft& d, const char* onnx) { return {d.one(onnx, {d.in(0), d.in(0)})}; }
Values rsqrt(Draft& d, const char*) { return {d.one("Reciprocal", {d.one("Sqrt", {d.in(0)})})}; }
Values log1p(Draft& d, const char*) { return {d.one("Log", {d.add(d.in(0), 1.0)})}; }
Values expm1(Draft& d, const char*) { return {d.sub(d.one("Exp", {d.in(0)}), 1.0)}; }
Values erfc(Draft& d, const char*) {
  return {d.sub(d.scalar_like(1, d.in(0)), d.one("Erf", {d.in(0)}))};
}
Values relu6(Draft& d, const char*) { return {activate(d, d.in(0), "Relu6")}; }
Values leaky_relu(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0)}, {{"alpha", d.real("alpha", 0.2F)}})};
}

Values cast_to(Draft& d, const char*) {
  return {d.cast(d.in(0), type_at(d, "DstT", d.type(d.in(0))))};
}
Values bitcast(Draft& d, const char*) {
  if (type_at(d, "type", DType::Unknown) != d.type(d.in(0)))
    d.refuse("bits read as another type; supported is the same type, or a Cast");
  return {d.in(0)};
}

Values filled_like(Draft& d, const char* value) {
  const ValueId x = d.in(0);
  return {d.expand(d.scalar_like(*value == '1' ? 1 : 0, x), d.shape(x))};
}

Values clip_by_value(Draft& d, const char*) {
  return {d.one("Min", {d.one("Max", {d.in(0), d.in(1)}), d.in(2)})};
}

Values l2_loss(Draft& d, const char*) {
  const ValueId x = d.in(0);
  return {d.div(d.one("ReduceSum", {d.mul(x, x)}, {{"keepdims", std::int64_t{0}}}), 2.0)};
}

/// Rounds to the steps between min and max, moved so that 0 is one of them.
Values fake_quantize(Draft& d, const char*) {
  double low = static_cast<double>(d.real("min", -6)), high = static_cast<double>(d.real("max", 6));
  if (d.has(1)) {
    if (!d.known(d.in(1)) || !d.known(d.in(2)))
      d.refuse("min and max are not known when the model is compiled; supported are constants");
    else
      low = number_at(*d.graph.value(d.in(1)).constant, 0),
      high = number_at(*d.graph.value(d.in(2)).constant, 0);
  }
  const double first = flag(d, "narrow_range") ? 1 : 0;
  const double last = std::exp2(static_cast<double>(d.integer("num_bits", 8))) - 1;
  const double scale = (high - low) / (last - first);
  const double zero = std::clamp(std::round(first - low / scale), first, last);
  const double least = (first - zero) * scale, most = (last - zero) * scale;
  const ValueId x = d.in(0);
  const ValueId inside = d.one("Clip", {x, d.scalar_like(least, x), d.scalar_like(most, x)});
  const ValueId steps = d.one("Floor", {d.add(d.div(d.sub(inside, least), scale), 0.5)});
  return {d.add(d.mul(steps, scale), least)};
}

Values not_equal(Draft& d, const char*) {
  return {d.one("Not", {d.one("Equal", {d.in(0), d.in(1)})})};
}
/// 0 where the second operand is.
Values no_nan(Draft& d, const char* onnx) {
  const ValueId zero = d.scalar_like(0, d.in(1));
  const ValueId none = d.one("Equal", {d.in(1), zero});
  const ValueId safe = d.where(none, d.scalar_like(1, d.in(1)), d.in(1));
  return {d.where(none, zero, d.one(onnx, {d.in(0), safe}))};
}

/// Whether a remainder has another sign than the divisor, so that the quotient was rounded up.
static ValueId is_rounded_up(Draft& d, ValueId remainder, ValueId by) {
  const ValueId some = d.one("Not", {d.one("Equal", {remainder, d.scalar_like(0, remainder)})});
  return d.one("And", {some, d.one("Xor", {d.less(remainder, 0), d.less(by, 0)})});
}
Values floor_div(Draft& d, const char*) {
  const ValueId x = d.in(0), by = d.in(1), quotient = d.one("Div", {x, by});
  if (is_floating(d.type(x))) return {d.one("Floor", {quotient})};
  const ValueId up = is_rounded_up(d, d.sub(x, d.mul(quotient, by)), by);
  return {d.where(up, d.sub(quotient, 1.0), quotient)};
}
Values floor_mod(Draft& d, const char*) {
  const ValueId x = d.in(0), by = d.in(1);
  if (!is_floating(d.type(x))) return {d.one("Mod", {x, by})};
  const ValueId rest = d.one("Mod", {x, by}, {{"fmod", std::int64_t{1}}});
  return {d.where(is_rounded_up(d, rest, by), d.add(rest, by), rest)};
}
Values truncate_mod(Draft& d, const char*) {
  return {d.one("Mod", {d.in(0), d.in(1)}, {{"fmod", std::int64_t{1}}})};
}
Values squared_difference(Draft& d, const char*) {
  const ValueId gap = d.sub(d.in(0), d.in(1));
  return {d.mul(gap, gap)};
}

ValueId add_bias(Draft& d, ValueId x, ValueId bias) {
  if (d.rank(bias) != 1) d.malformed("the bias has shape {}", text_of(d.shape(bias)));
  if (channels_last(d) || d.rank(x) < 3) return d.add(x, bias);
  Shape shape(static_cast<std::size_t>(d.rank(x)) - 1, 1);
  shape[0] = d.dim(bias, 0);
  return d.add(x, d.reshape(bias, shape));
}
Values bias_add(Draft& d, const char*) { return {add_bias(d, d.in(0), d.in(1))}; }
Values sum_all(Draft& d, const char* onnx) {
  return {d.inputs() == 1 ? d.in(0) : d.one(onnx, d.node().inputs)};
}

/// A condition of one axis chooses whole rows.
Values select_old(Draft& d, const char*) {
  ValueId condition = d.in(0);
  if (d.rank(condition) == 1 && d.rank(d.in(1)) > 1) {
    Shape shape(static_cast<std::size_t>(d.rank(d.in(1))), 1);
    shape[0] = d.dim(condition, 0);
    condition = d.reshape(condition, shape);
  }
  return {d.one("Where", {condition, d.in(1), d.in(2)})};
}

Values cumulate(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0), d.cast(d.in(1), DType::Int64)},
                {{"exclusive", d.integer("exclusive", 0)}, {"reverse", d.integer("reverse", 0)}})};
}
Values shift(Draft& d, const char* direction) {
  return {d.one("BitShift", {d.in(0), d.in(1)}, {{"direction", std::string(direction)}})};
}

static ValueId product(Draft& d, ValueId a, ValueId b) {
  const bool turn_a = flag(d, "transpose_a") || flag(d, "adj_x");
  const bool turn_b = flag(d, "transpose_b") || flag(d, "adj_y");
  if (d.rank(a) < 2 || d.rank(b) < 2)
    d.malformed("a product of {} and {}", text_of(d.shape(a)), text_of(d.shape(b)));
  const bool computed = (turn_a && !d.known(a)) || (turn_b && !d.known(b));
  if (computed && d.rank(a) == 2 && d.rank(b) == 2 && d.type(a) == DType::Float32)
    return d.one("Gemm", {a, b},
                 {{"transA", static_cast<std::int64_t>(turn_a)},
                  {"transB", static_cast<std::int64_t>(turn_b)}});
  return d.one("MatMul", {turn_a ? d.swap(a, -1, -2) : a, turn_b ? d.swap(b, -1, -2) : b});
}
Values matmul(Draft& d, const char*) { return {product(d, d.in(0), d.in(1))}; }
Values einsum(Draft& d, const char* onnx) {
  return {d.one(onnx, d.node().inputs, {{"equation", d.text("equation")}})};
}

Values fused_matmul(Draft& d, const char*) {
  ValueId y = product(d, d.in(0), d.in(1));
  for (const std::string& word : words_of(d.text("fused_ops")))
    y = word == "BiasAdd" ? d.add(y, d.in(2)) : activate(d, y, word);
  return {y};
}

/// splitmix64: the same numbers in every compilation.
static std::uint64_t next_number(std::uint64_t& state) {
  std::uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
static double next_uniform(std::uint64_t& state) {
  return static_cast<double>(next_number(state) >> 40) / 16777216;  // [0, 1), as float32 holds it
}

/// Nothing draws numbers on a NeuronCore: they are drawn now, and the user is told.
Values random_numbers(Draft& d, const char* kind) {
  constexpr double kTurn = 6.283185307179586;
  const Ints sizes = d.constant_integers(d.in(0), "shape");
  if (auto fits = check_shape(sizes); !fits || count_of(sizes) > (1 << 24)) {
    d.refuse("{} random numbers; supported are {}", text_of(sizes), 1 << 24);
    return {d.in(0)};
  }
  Tensor t = make_tensor(type_at(d, "dtype", DType::Float32), sizes);
  std::uint64_t state = static_cast<std::uint64_t>(d.integer("seed", 0)) * 1000003 +
                        static_cast<std::uint64_t>(d.integer("seed2", 0)) + d.graph.values.size();
  for (std::size_t i = 0; i < static_cast<std::size_t>(count_of(sizes)); ++i) {
    const double u = next_uniform(state);
    const bool normal = std::string_view(kind) == "normal";
    store_number(
        t, i, normal ? std::sqrt(-2 * std::log(1 - u)) * std::cos(kTurn * next_uniform(state)) : u);
  }
  d.warn(
      fmt::format("node '{}' ({}): its numbers are drawn when the model is compiled, and then stay",
                  d.node().name, d.node().op));
  return {d.constant(std::move(t))};
}

}  // namespace neuron::compile::tensorflow
