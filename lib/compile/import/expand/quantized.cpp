// SPDX-License-Identifier: Apache-2.0
// Quantized operators: integers of 8 bits go through the tensor engine as float32, which holds them
// and their products; sums are formed in parts that stay below 2^24, and so are exact.
#include <algorithm>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"
#include "compile/import/onnx_parts.h"

namespace neuron::compile::onnx {
namespace {

/// Products of two numbers of 9 bits (8 and a zero point) that sum to less than 2^24.
constexpr std::int64_t kExactTerms = 64;

struct Limits {
  double low, high;
};
Limits limits_of(DType type) {
  switch (type) {
    case DType::Int8:
      return {-128, 127};
    case DType::UInt16:
      return {0, 65535};
    case DType::Int16:
      return {-32768, 32767};
    default:
      return {0, 255};
  }
}
bool is_quantized(DType type) {
  return type == DType::UInt8 || type == DType::Int8 || type == DType::UInt16 ||
         type == DType::Int16;
}

/// A scale or zero point beside `x`: one number, one an element of `axis`, or one a block of it.
ValueId beside(Builder& b, ValueId v, ValueId x, std::int64_t axis) {
  const std::int64_t block = b.integer("block_size", 0);
  if (b.count(v) == 1) return b.reshape(v, {});
  if (b.rank(v) == 1 && b.rank(x) > 0) {
    Shape shape(static_cast<std::size_t>(b.rank(x)), 1);
    shape[static_cast<std::size_t>(b.front(axis, b.rank(x)))] = b.count(v);
    return b.reshape(v, shape);
  }
  if (b.rank(v) != b.rank(x)) {
    b.malformed("scale has {} axes, the tensor has {}", b.rank(v), b.rank(x));
    return v;
  }
  const std::int64_t at = b.front(axis, b.rank(x));
  if (block == 0 || b.dim(v, at) == b.dim(x, at)) return v;
  // Each value `block` times along the axis.
  Shape spread = b.shape(v), whole = b.shape(v);
  spread.insert(spread.begin() + at + 1, block);
  whole[static_cast<std::size_t>(at)] *= block;
  const ValueId repeated = b.reshape(b.expand(b.unsqueeze(v, at + 1), spread), whole);
  return b.slice(repeated, at, 0, b.dim(x, at));
}

ValueId real(Builder& b, ValueId v) { return b.cast(v, DType::Float32); }

/// Rounds half to even, adds the zero point, saturates.
ValueId quantized(Builder& b, ValueId ratio, std::optional<ValueId> zero, DType type) {
  ValueId y = b.op("Round", {ratio});
  if (zero) y = b.add(y, real(b, *zero));
  const Limits limits = limits_of(type);
  y = b.op("Clip", {y},
           {{"min", static_cast<float>(limits.low)}, {"max", static_cast<float>(limits.high)}});
  return b.cast(y, type);
}

/// x minus its zero point, as float32: exact for numbers of at most 16 bits.
ValueId centred(Builder& b, ValueId x, std::optional<ValueId> zero) {
  const ValueId value = real(b, x);
  if (!zero) return value;
  const Tensor* constant = b.known(*zero) ? &*b.graph.value(*zero).constant : nullptr;
  if (constant && count_of(constant->shape) == 1 && number_at(*constant, 0) == 0) return value;
  return b.sub(value, real(b, *zero));
}

/// [..., K] x [K, N] of float32 that hold whole numbers, as int32.
ValueId exact_product(Builder& b, ValueId x, ValueId y) {
  const std::int64_t terms = b.dim(x, -1);
  const std::int64_t axis = std::max<std::int64_t>(0, b.rank(y) - 2);
  if (terms <= kExactTerms) return b.cast(b.matmul(x, y), DType::Int32);
  std::optional<ValueId> sum;
  for (std::int64_t at = 0; at < terms; at += kExactTerms) {
    const std::int64_t end = std::min(at + kExactTerms, terms);
    const ValueId part = b.cast(
        b.matmul(b.slice(x, b.rank(x) - 1, at, end), b.slice(y, axis, at, end)), DType::Int32);
    sum = sum ? b.add(*sum, part) : part;
  }
  return *sum;
}

std::optional<ValueId> at(Builder& b, std::size_t index) {
  if (!b.has(index)) return std::nullopt;
  return b.in(index);
}

void check_bytes(Builder& b, std::initializer_list<std::size_t> inputs) {
  for (std::size_t i : inputs)
    if (b.has(i) && b.type(b.in(i)) != DType::UInt8 && b.type(b.in(i)) != DType::Int8)
      b.refuse("input {} is {}; supported are int8 and uint8", i, name_of(b.type(b.in(i))));
}

/// A zero point of each row of a matrix, or one for all.
std::optional<ValueId> of_rows(Builder& b, std::optional<ValueId> zero) {
  if (!zero || b.count(*zero) == 1 || b.rank(*zero) != 1) return zero;
  return b.reshape(*zero, {b.count(*zero), 1});
}

/// Convolution of whole numbers in float32, as int32: channels in parts whose sums are exact.
ValueId exact_convolution(Builder& b, ValueId x, ValueId w) {
  Attributes attributes;
  for (const char* name : {"auto_pad", "dilations", "kernel_shape", "pads", "strides"})
    if (const auto at = b.node().attributes.find(name); at != b.node().attributes.end())
      attributes.emplace(*at);
  const std::int64_t group = b.integer("group", 1), channels = b.dim(w, 1);
  attributes["group"] = group;
  const std::int64_t taps = channels == 0 ? 1 : b.count(w) / (b.dim(w, 0) * channels);
  const std::int64_t most =
      std::max<std::int64_t>(1, kExactTerms / std::max<std::int64_t>(1, taps));
  if (channels <= most || taps > kExactTerms * 4) {
    if (taps > kExactTerms * 4)
      b.refuse("a kernel of {} taps; supported are {}", taps, kExactTerms * 4);
    return b.cast(b.op("Conv", {x, w}, attributes), DType::Int32);
  }
  if (group != 1) {
    if (channels * taps > 256) b.refuse("{} terms in a group; supported are 256", channels * taps);
    return b.cast(b.op("Conv", {x, w}, attributes), DType::Int32);
  }
  std::optional<ValueId> sum;
  for (std::int64_t c = 0; c < channels; c += most) {
    const std::int64_t end = std::min(c + most, channels);
    const ValueId part = b.cast(
        b.op("Conv", {b.slice(x, 1, c, end), b.slice(w, 1, c, end)}, attributes), DType::Int32);
    sum = sum ? b.add(*sum, part) : part;
  }
  return *sum;
}

/// One number, or one a channel of w as [M, 1, 1 ...].
ValueId of_channels(Builder& b, ValueId v, std::int64_t rank) {
  if (b.count(v) == 1) return b.reshape(v, {});
  Shape shape(static_cast<std::size_t>(rank), 1);
  if (!shape.empty()) shape[0] = b.count(v);
  return b.reshape(v, shape);
}

}  // namespace

Values quantize_linear(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.integer("axis", 1), code = b.integer("output_dtype", 0);
  DType type = b.has(2) ? b.type(b.in(2)) : DType::UInt8;
  if (!b.has(2) && code != 0) {
    auto known = dtype_of(static_cast<std::int32_t>(code));
    if (!known) b.stop(known.error());
    type = known ? *known : type;
  }
  if (!is_quantized(type))
    b.refuse("to {}; supported are integers of 8 and 16 bits", name_of(type));
  if (b.failed()) return {x};
  const ValueId ratio = b.div(real(b, x), real(b, beside(b, b.in(1), x, axis)));
  std::optional<ValueId> zero;
  if (b.has(2)) zero = beside(b, b.in(2), x, axis);
  return {quantized(b, ratio, zero, type)};
}

/// Integers of 32 bits lose their zero point before they become float32.
Values dequantize_linear(Builder& b) {
  const ValueId x = b.in(0), scale = b.in(1);
  const std::int64_t axis = b.integer("axis", 1);
  if (!is_quantized(b.type(x)) && b.type(x) != DType::Int32)
    b.refuse("of {}; supported are integers of 8, 16 and 32 bits", name_of(b.type(x)));
  if (b.failed()) return {x};
  ValueId value = x;
  std::optional<ValueId> zero;
  if (b.has(2)) zero = beside(b, b.in(2), x, axis);
  if (b.type(x) == DType::Int32)
    value = real(b, zero ? b.sub(x, *zero) : x);
  else
    value = centred(b, x, zero);
  const ValueId y = b.mul(value, real(b, beside(b, scale, x, axis)));
  return {b.cast(y, b.type(scale))};
}

Values dynamic_quantize(Builder& b) {
  const ValueId x = b.in(0), zero = b.scalar(0);
  Ints axes;
  for (std::int64_t a = 0; a < b.rank(x); ++a) axes.push_back(a);
  const auto end = [&](const char* reduce, const char* with) {
    return b.op(with, {axes.empty() ? x : b.reduce(reduce, x, axes, false), zero});
  };
  const ValueId high = end("ReduceMax", "Max"), low = end("ReduceMin", "Min");
  const ValueId scale = b.div(b.sub(high, low), 255.0);
  const ValueId middle = b.op("Round", {b.div(b.op("Neg", {low}), scale)});
  const ValueId point =
      b.cast(b.op("Clip", {middle}, {{"min", 0.0F}, {"max", 255.0F}}), DType::UInt8);
  return {quantized(b, b.div(x, scale), point, DType::UInt8), scale, point};
}

Values matmul_integer(Builder& b) {
  check_bytes(b, {0, 1, 2, 3});
  return {
      exact_product(b, centred(b, b.in(0), of_rows(b, at(b, 2))), centred(b, b.in(1), at(b, 3)))};
}

Values qlinear_matmul(Builder& b) {
  check_bytes(b, {0, 2, 3, 5, 7});
  const DType type = b.type(b.in(7));
  const ValueId sum =
      exact_product(b, centred(b, b.in(0), of_rows(b, b.in(2))), centred(b, b.in(3), b.in(5)));
  const ValueId a_scale = *of_rows(b, b.in(1));
  const ValueId scale = b.div(b.mul(real(b, a_scale), real(b, b.in(4))), real(b, b.in(6)));
  return {quantized(b, b.mul(real(b, sum), scale), b.in(7), type)};
}

Values conv_integer(Builder& b) {
  check_bytes(b, {0, 1, 2, 3});
  std::optional<ValueId> w_zero = at(b, 3);
  if (w_zero) w_zero = of_channels(b, *w_zero, b.rank(b.in(1)));
  return {exact_convolution(b, centred(b, b.in(0), at(b, 2)), centred(b, b.in(1), w_zero))};
}

Values qlinear_conv(Builder& b) {
  check_bytes(b, {0, 2, 3, 5, 7});
  const std::int64_t rank = b.rank(b.in(3));
  ValueId sum = exact_convolution(b, centred(b, b.in(0), b.in(2)),
                                  centred(b, b.in(3), of_channels(b, b.in(5), rank)));
  if (b.has(8)) sum = b.add(sum, of_channels(b, b.in(8), rank - 1));
  const ValueId w_scale = of_channels(b, b.in(4), rank - 1);
  const ValueId scale = b.div(b.mul(real(b, b.reshape(b.in(1), {})), real(b, w_scale)),
                              real(b, b.reshape(b.in(6), {})));
  return {quantized(b, b.mul(real(b, sum), scale), b.reshape(b.in(7), {}), b.type(b.in(7)))};
}

}  // namespace neuron::compile::onnx
