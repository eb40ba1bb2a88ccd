// SPDX-License-Identifier: Apache-2.0
// Functions of single elements, and constants that follow from places.
#include <cmath>
#include <limits>

#include "base/stored.h"
#include "compile/constants.h"
#include "compile/import/onnx_build.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {

/// max(x, 0) + min(0, alpha * (exp(x / alpha) - 1))
Values celu(Builder& b) {
  const double alpha = static_cast<double>(b.real("alpha", 1));
  const ValueId x = b.in(0), zero = b.scalar_like(0, x);
  const ValueId low = b.mul(b.add(b.op("Exp", {b.div(x, alpha)}), -1.0), alpha);
  return {b.add(b.op("Max", {x, zero}), b.op("Min", {low, zero}))};
}

Values mish(Builder& b) { return {b.mul(b.in(0), b.op("Tanh", {b.op("Softplus", {b.in(0)})}))}; }

Values swish(Builder& b) {
  const double alpha = static_cast<double>(b.real("alpha", 1));
  return {b.mul(b.in(0), b.op("Sigmoid", {alpha == 1 ? b.in(0) : b.mul(b.in(0), alpha)}))};
}

Values shrink(Builder& b) {
  const double bias = static_cast<double>(b.real("bias", 0));
  const double lambd = static_cast<double>(b.real("lambd", 0.5F));
  const ValueId x = b.in(0), zero = b.scalar_like(0, x);
  const ValueId high = b.where(b.op("Greater", {x, b.scalar_like(lambd, x)}), b.sub(x, bias), zero);
  return {b.where(b.less(x, -lambd), b.add(x, bias), high)};
}

Values thresholded_relu(Builder& b) {
  const ValueId x = b.in(0);
  const ValueId alpha = b.scalar_like(static_cast<double>(b.real("alpha", 1)), x);
  return {b.where(b.op("Greater", {x, alpha}), x, b.scalar_like(0, x))};
}

Values is_nan(Builder& b) { return {b.op("Not", {b.op("Equal", {b.in(0), b.in(0)})})}; }

Values is_inf(Builder& b) {
  const ValueId x = b.in(0);
  const double infinity = std::numeric_limits<double>::infinity();
  const bool positive = b.integer("detect_positive", 1) != 0;
  const bool negative = b.integer("detect_negative", 1) != 0;
  const ValueId high = b.op("Equal", {x, b.scalar_like(infinity, x)});
  const ValueId low = b.op("Equal", {x, b.scalar_like(-infinity, x)});
  if (positive && negative) return {b.op("Or", {high, low})};
  if (positive || negative) return {positive ? high : low};
  return {b.op("And", {high, low})};
}

Values bitwise_not(Builder& b) {
  return {b.op("BitwiseXor", {b.in(0), b.scalar_like(-1, b.in(0))})};
}
Values bit_shift(Builder& b) {
  const std::string direction = b.text("direction");
  if (direction != "LEFT" && direction != "RIGHT") b.malformed("direction is '{}'", direction);
  return {b.op("BitShift", {b.in(0), b.in(1)}, {{"direction", direction}})};
}
Values same_name(Builder& b) { return {b.op(b.node().op, {b.in(0), b.in(1)})}; }

Values cast_like(Builder& b) {
  for (const DType t : {b.type(b.in(0)), b.type(b.in(1))})
    if (stored::holds(t) || t == DType::Fp8E5)
      b.refuse("the NeuronCore has no elements of {}", name_of(t));
  return {b.cast(b.in(0), b.type(b.in(1)))};
}

Values eye_like(Builder& b) {
  const ValueId x = b.in(0);
  if (b.rank(x) != 2) b.malformed("input has {} axes, expected 2", b.rank(x));
  const std::int64_t code = b.integer("dtype", 0);
  DType type = b.type(x);
  if (code != 0) {
    auto known = dtype_of(static_cast<std::int32_t>(code));
    if (!known) b.stop(known.error());
    type = known ? *known : type;
  }
  if (b.failed()) return {x};
  Tensor t = make_tensor(type, b.shape(x));
  const std::int64_t k = b.integer("k", 0);
  for (std::int64_t r = 0; r < b.dim(x, 0); ++r)
    if (r + k >= 0 && r + k < b.dim(x, 1))
      store_number(t, static_cast<std::size_t>(r * b.dim(x, 1) + r + k), 1);
  return {b.constant(std::move(t))};
}

/// Keeps where column - row >= k (upper) or <= k (lower).
Values trilu(Builder& b) {
  const ValueId x = b.in(0);
  const ValueId column = b.iota(b.dim(x, -1)), row = b.iota(b.dim(x, -2), DType::Int64, 2, 0);
  const ValueId k = b.has(1) ? b.in(1) : b.scalar(0, DType::Int64);
  const bool upper = b.integer("upper", 1) != 0;
  const ValueId keep =
      b.op(upper ? "GreaterOrEqual" : "LessOrEqual", {b.sub(column, row), b.cast(k, DType::Int64)});
  return {b.where(keep, x, b.scalar_like(0, x))};
}

/// Indices may be floats (whole ones); those out of [-depth, depth) give a row of off values.
Values one_hot(Builder& b) {
  const ValueId indices = b.cast(b.in(0), DType::Int64);
  const Form* form = b.declared(0);
  std::int64_t depth = 0;
  const std::int64_t axis = b.front(b.integer("axis", -1), b.rank(indices) + 1);
  if (b.known(b.in(1)))
    depth = static_cast<std::int64_t>(number_at(*b.graph.value(b.in(1)).constant, 0));
  else if (form && static_cast<std::int64_t>(form->shape.size()) == b.rank(indices) + 1)
    depth = form->shape[static_cast<std::size_t>(axis)];
  else
    b.refuse("the depth is not known when the model is compiled; supported is a constant");
  const ValueId at = b.unsqueeze(indices, axis);
  const ValueId wrapped = b.where(b.less(at, 0), b.add(at, static_cast<double>(depth)), at);
  const ValueId hit =
      b.op("Equal", {wrapped, b.iota(depth, DType::Int64, b.rank(indices) + 1, axis)});
  const ValueId values = b.in(2);
  return {b.where(hit, b.reshape(b.slice(values, 0, 1, 2), {}),
                  b.reshape(b.slice(values, 0, 0, 1), {}))};
}

/// alpha * a * b + beta * c
Values late_gemm(Builder& b) {
  const auto side = [&](std::size_t i, const char* turned) {
    const ValueId v =
        b.cast(b.in(i), is_integer(b.type(b.in(i))) ? b.type(b.in(i)) : DType::Float32);
    if (b.rank(v) != 2) b.malformed("input {} has {} axes, expected 2", i, b.rank(v));
    return b.integer(turned, 0) != 0 ? b.transpose(v, {1, 0}) : v;
  };
  const double alpha = static_cast<double>(b.real("alpha", 1));
  const double beta = static_cast<double>(b.real("beta", 1));
  ValueId y = b.matmul(side(0, "transA"), side(1, "transB"));
  if (alpha != 1) y = b.mul(y, alpha);
  if (b.has(2)) {
    const ValueId c = b.cast(b.in(2), b.type(y));
    y = b.add(y, beta == 1 ? c : b.mul(c, beta));
  }
  return {b.cast(y, b.type(b.in(0)))};
}

}  // namespace neuron::compile::onnx
