// SPDX-License-Identifier: Apache-2.0
// Normalizations that need more than one instruction sequence of their own: computed scales, means
// as results, groups.
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

/// (x - mean) / sqrt(variance + epsilon) over `axes`, with the mean and the inverse deviation.
struct Standard {
  ValueId value, mean, inverse;
};
Standard standardized(Builder& b, ValueId x, const Ints& axes, double epsilon) {
  const ValueId mean = b.reduce("ReduceMean", x, axes);
  const ValueId centred = b.sub(x, mean);
  const ValueId variance = b.reduce("ReduceMean", b.mul(centred, centred), axes);
  const ValueId inverse = b.op("Reciprocal", {b.op("Sqrt", {b.add(variance, epsilon)})});
  return {b.mul(centred, inverse), mean, inverse};
}

Ints axes_from(std::int64_t first, std::int64_t rank) {
  Ints axes;
  for (std::int64_t a = first; a < rank; ++a) axes.push_back(a);
  return axes;
}

/// One value a channel, as [C, 1, 1 ...] beside [N, C, ...].
ValueId by_channel(Builder& b, ValueId v, ValueId x) {
  Shape shape(static_cast<std::size_t>(std::max<std::int64_t>(1, b.rank(x) - 1)), 1);
  shape[0] = b.count(v);
  return b.reshape(v, shape);
}

double epsilon_of(Builder& b) { return static_cast<double>(b.real("epsilon", 1e-5F)); }

/// The float32 in which means are formed, whatever the interface is.
ValueId wide(Builder& b, ValueId x) { return b.cast(x, DType::Float32); }

}  // namespace

Values layer_normalization(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.front(b.integer("axis", -1), b.rank(x));
  const Ints axes = axes_from(axis, b.rank(x));
  std::int64_t length = 1;
  for (std::int64_t a : axes) length *= b.dim(x, a);
  if (b.outputs() == 1 && b.type(x) == DType::Float32 && b.count(b.in(1)) == length) {
    Inputs inputs{x, b.in(1)};
    if (b.has(2) && b.count(b.in(2)) == length) inputs.push_back(b.in(2));
    if (inputs.size() == b.inputs())
      return b.many("LayerNormalization", inputs,
                    {{"axis", axis}, {"epsilon", b.real("epsilon", 1e-5F)}}, 1);
  }
  const Standard s = standardized(b, wide(b, x), axes, epsilon_of(b));
  ValueId y = b.mul(b.cast(s.value, b.type(x)), b.in(1));
  if (b.has(2)) y = b.add(y, b.in(2));
  return {y, s.mean, s.inverse};
}

Values rms_normalization(Builder& b) {
  const ValueId x = wide(b, b.in(0));
  const std::int64_t axis = b.front(b.integer("axis", -1), b.rank(x));
  const ValueId square = b.reduce("ReduceMean", b.mul(x, x), axes_from(axis, b.rank(x)));
  const ValueId y = b.div(x, b.op("Sqrt", {b.add(square, epsilon_of(b))}));
  return {b.mul(b.cast(y, b.type(b.in(0))), b.in(1))};
}

/// Scale and bias are one a channel since opset 21, one a group before.
Values group_normalization(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t groups = b.integer("num_groups", 1), n = b.dim(x, 0), c = b.dim(x, 1);
  if (groups < 1 || c % groups != 0) b.malformed("{} channels in {} groups", c, groups);
  if (b.failed()) return {x};
  const std::int64_t rest = n == 0 ? 0 : b.count(x) / (n * groups);
  const ValueId grouped = b.reshape(wide(b, x), {n, groups, rest});
  ValueId y = standardized(b, grouped, {2}, epsilon_of(b)).value;
  const bool by_group = b.count(b.in(1)) == groups && groups != c;
  const auto scaled = [&](ValueId v) {
    if (by_group) return b.reshape(wide(b, v), {groups, 1});
    return by_channel(b, wide(b, v), x);
  };
  if (!by_group) y = b.reshape(y, b.shape(x));
  y = b.add(b.mul(y, scaled(b.in(1))), scaled(b.in(2)));
  return {b.cast(b.reshape(y, b.shape(x)), b.type(x))};
}

Values instance_normalization(Builder& b) {
  const ValueId x = b.in(0);
  if (b.known(b.in(1)) && b.known(b.in(2)) && b.type(x) == DType::Float32)
    return b.many("InstanceNormalization", {x, b.in(1), b.in(2)},
                  {{"epsilon", b.real("epsilon", 1e-5F)}}, 1);
  const ValueId y = standardized(b, wide(b, x), axes_from(2, b.rank(x)), epsilon_of(b)).value;
  const ValueId scaled = b.mul(y, by_channel(b, wide(b, b.in(1)), x));
  return {b.cast(b.add(scaled, by_channel(b, wide(b, b.in(2)), x)), b.type(x))};
}

namespace {

/// The batch's own mean and variance, and the running ones that follow from them.
Values trained(Builder& b) {
  const ValueId x = b.in(0);
  const double momentum = static_cast<double>(b.real("momentum", 0.9F));
  Ints axes = axes_from(2, b.rank(x));
  axes.insert(axes.begin(), 0);
  const ValueId mean = b.reduce("ReduceMean", x, axes);
  const ValueId centred = b.sub(x, mean);
  const ValueId variance = b.reduce("ReduceMean", b.mul(centred, centred), axes);
  const ValueId y = b.div(centred, b.op("Sqrt", {b.add(variance, epsilon_of(b))}));
  const auto running = [&](ValueId old, ValueId now) {
    return b.add(b.mul(old, momentum), b.mul(b.reshape(now, b.shape(old)), 1 - momentum));
  };
  return {b.add(b.mul(y, by_channel(b, b.in(1), x)), by_channel(b, b.in(2), x)),
          running(b.in(3), mean), running(b.in(4), variance)};
}

}  // namespace

Values batch_normalization(Builder& b) {
  const ValueId x = b.in(0);
  if (b.integer("spatial", 1) == 0) b.refuse("spatial=0; supported is one value a channel");
  if (b.integer("training_mode", 0) != 0) return trained(b);
  if (b.outputs() > 1 && b.opset() >= 9)
    b.refuse("{} outputs; supported is one without training_mode", b.outputs());
  bool known = b.type(x) == DType::Float32;
  for (std::size_t i = 1; i < 5; ++i) known = known && b.known(b.in(i));
  if (known)
    return b.many("BatchNormalization", {x, b.in(1), b.in(2), b.in(3), b.in(4)},
                  {{"epsilon", b.real("epsilon", 1e-5F)}}, 1);
  const ValueId deviation = b.op("Sqrt", {b.add(wide(b, b.in(4)), epsilon_of(b))});
  const ValueId scale = b.div(wide(b, b.in(1)), deviation);
  const ValueId shift = b.sub(wide(b, b.in(2)), b.mul(wide(b, b.in(3)), scale));
  const ValueId y = b.mul(wide(b, x), by_channel(b, scale, x));
  return {b.cast(b.add(y, by_channel(b, shift, x)), b.type(x))};
}

Values mean_variance(Builder& b) {
  Ints axes = b.integers("axes");
  if (axes.empty()) axes = {0, 2, 3};
  const ValueId x = b.in(0);
  const ValueId centred = b.sub(x, b.reduce("ReduceMean", x, axes));
  const ValueId variance = b.reduce("ReduceMean", b.mul(centred, centred), axes);
  return {b.div(centred, b.add(b.op("Sqrt", {variance}), 1e-9))};
}

}  // namespace neuron::compile::onnx
