// SPDX-License-Identifier: Apache-2.0
// Reductions, norms, orders and losses.
#include <algorithm>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

bool keeps(Builder& b) { return b.integer("keepdims", 1) != 0; }

Ints all_axes(Builder& b, ValueId x) {
  Ints axes;
  for (std::int64_t a = 0; a < b.rank(x); ++a) axes.push_back(a);
  return axes;
}

/// Every choice of `count` axes under which `shape` becomes `declared`.
std::vector<Ints> choices(const Shape& shape, const Shape& declared, std::size_t count, bool keep) {
  std::vector<Ints> out;
  if (shape.size() > 8) return out;
  for (unsigned mask = 0; mask < 1u << shape.size(); ++mask) {
    Ints axes;
    Shape result;
    for (std::size_t d = 0; d < shape.size(); ++d) {
      const bool gone = mask >> d & 1;
      if (gone) axes.push_back(static_cast<std::int64_t>(d));
      if (!gone || keep) result.push_back(gone ? 1 : shape[d]);
    }
    if (axes.size() == count && result == declared) out.push_back(axes);
  }
  return out;
}

using Reduce = ValueId (*)(Builder& b, ValueId x, const Ints& axes, bool keep);

/// Axes that are an input: all choices that the declared shape leaves are computed, and the input
/// selects one.
Values by_input(Builder& b, Reduce reduce) {
  const ValueId x = b.in(0), axes = b.cast(b.in(1), DType::Int64);
  const Form* form = b.declared(0);
  const auto count = static_cast<std::size_t>(b.count(axes));
  std::vector<Ints> all;
  if (form) all = choices(b.shape(x), form->shape, count, keeps(b));
  if (all.empty() || all.size() > 8) {
    b.refuse(
        "axes ('{}') are not known when the model is compiled; supported are constant axes, "
        "or those that the declared shape of the result leaves few choices for",
        b.graph.value(b.in(1)).name);
    return {x};
  }
  ValueId result = reduce(b, x, all[0], keeps(b));
  const ValueId front = b.where(b.less(axes, 0), b.add(axes, static_cast<double>(b.rank(x))), axes);
  const ValueId bits = b.op("BitShift", {b.expand(b.scalar(1, DType::Int64), b.shape(axes)), front},
                            {{"direction", std::string("LEFT")}});
  const ValueId mask = b.reduce("ReduceSum", bits, {0}, false);
  for (std::size_t c = 1; c < all.size(); ++c) {
    double code = 0;
    for (std::int64_t a : all[c]) code += static_cast<double>(std::int64_t{1} << a);
    const ValueId chosen = b.op("Equal", {mask, b.scalar(code, DType::Int64)});
    result = b.where(chosen, reduce(b, x, all[c], keeps(b)), result);
  }
  return {result};
}

Values reduced(Builder& b, Reduce reduce) {
  const ValueId x = b.in(0);
  Ints axes = b.integers("axes");
  if (b.has(1) && !b.known(b.in(1)) && b.count(b.in(1)) > 0) return by_input(b, reduce);
  if (b.has(1)) axes = b.constant_integers(b.in(1), "axes");
  const bool none = axes.empty() && b.integer("noop_with_empty_axes", 0) != 0;
  if (axes.empty() && !none) axes = all_axes(b, x);
  for (std::int64_t& a : axes) a = b.front(a, b.rank(x));
  return {reduce(b, x, axes, keeps(b))};
}

ValueId sum(Builder& b, ValueId x, const Ints& axes, bool keep) {
  return axes.empty() ? x : b.reduce("ReduceSum", x, axes, keep);
}

}  // namespace

Values reduce_l1(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    return sum(b, b.op("Abs", {x}), axes, keep);
  });
}
Values reduce_l2(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    const ValueId squares = sum(b, b.mul(x, x), axes, keep);
    if (b.type(x) == DType::Float32) return b.op("Sqrt", {squares});
    return b.cast(b.op("Sqrt", {b.cast(squares, DType::Float32)}), b.type(x));
  });
}
Values reduce_log_sum(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    return b.op("Log", {sum(b, x, axes, keep)});
  });
}
/// log(sum(exp(x - max))) + max
Values reduce_log_sum_exp(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    if (axes.empty()) return b.op("Log", {b.op("Exp", {x})});
    const ValueId high = b.reduce("ReduceMax", x, axes, true);
    const ValueId rest = b.op("Log", {sum(b, b.op("Exp", {b.sub(x, high)}), axes, true)});
    const ValueId all = b.add(rest, high);
    return keep ? all : b.reduce("ReduceMax", all, axes, false);
  });
}
Values reduce_sum_square(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    return sum(b, b.mul(x, x), axes, keep);
  });
}

Values reduce_plain(Builder& b) {
  return reduced(b, [](Builder& b, ValueId x, const Ints& axes, bool keep) {
    if (axes.empty()) return x;
    std::int64_t count = 1;
    for (std::int64_t a : axes) count *= b.dim(x, a);
    const std::string& op = b.node().op;
    // An empty axis: what each fold begins with.
    if (count == 0 && !b.failed()) {
      Shape shape;
      for (std::int64_t d = 0; d < b.rank(x); ++d) {
        const bool gone = std::count(axes.begin(), axes.end(), d) > 0;
        if (!gone || keep) shape.push_back(gone ? 1 : b.dim(x, d));
      }
      const bool whole = is_integer(b.type(x));
      const double first = op == "ReduceProd"             ? 1
                           : op == "ReduceMax" && !whole  ? -INFINITY
                           : op == "ReduceMin" && !whole  ? INFINITY
                           : op == "ReduceMean" && !whole ? NAN
                                                          : 0;
      return b.expand(b.scalar_like(first, x), shape);
    }
    // Bool is 0 or 1: the largest is "any", the smallest "all".
    if (op == "ReduceMean" && is_integer(b.type(x))) {
      const ValueId total = b.reduce("ReduceSum", x, axes, keep);
      return b.div(total, static_cast<double>(count));
    }
    const bool narrow =
        b.type(x) == DType::Bool || b.type(x) == DType::Float16 || b.type(x) == DType::BFloat16;
    if (!narrow) return b.reduce(op.c_str(), x, axes, keep);
    return b.cast(b.reduce(op.c_str(), b.cast(x, DType::Float32), axes, keep), b.type(x));
  });
}

Values top_k(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.front(b.integer("axis", -1), b.rank(x));
  std::int64_t k = b.integer("k", 0);
  if (b.has(1)) {
    const Form* form = b.declared(0);
    if (!b.known(b.in(1)) && form && static_cast<std::int64_t>(form->shape.size()) == b.rank(x))
      k = form->shape[static_cast<std::size_t>(axis)];
    else if (const Ints given = b.constant_integers(b.in(1), "k"); given.size() == 1)
      k = given[0];
  }
  return b.many("TopK", {x}, {{"axis", axis}, {"k", k}, {"largest", b.integer("largest", 1)}}, 2);
}

Values arg_max(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.front(b.integer("axis", 0), b.rank(x)), size = b.dim(x, axis);
  const bool last = b.integer("select_last_index", 0) != 0;
  const std::int64_t largest = b.node().op == "ArgMax" ? 1 : 0;
  const ValueId from = last ? b.slice(x, axis, -1, -size - 1, -1) : x;
  ValueId place =
      b.many("TopK", {from}, {{"axis", axis}, {"k", std::int64_t{1}}, {"largest", largest}}, 2)[1];
  if (last) place = b.sub(b.scalar(static_cast<double>(size - 1), DType::Int64), place);
  return {keeps(b) ? place : b.squeeze(place, axis)};
}

/// One where the (first) largest stands. Before opset 13 all axes from `axis` on are one.
Values hardmax(Builder& b) {
  const Shape shape = b.shape(b.in(0));
  std::int64_t axis = b.integer("axis", b.opset() >= 13 ? -1 : 1);
  axis = b.front(axis, b.rank(b.in(0)));
  ValueId x = b.in(0);
  if (b.opset() < 13) {
    std::int64_t rows = 1;
    for (std::int64_t d = 0; d < axis; ++d) rows *= shape[static_cast<std::size_t>(d)];
    x = b.reshape(x, {rows, rows == 0 ? 0 : count_of(shape) / rows});
    axis = 1;
  }
  const ValueId place = b.many(
      "TopK", {x}, {{"axis", axis}, {"k", std::int64_t{1}}, {"largest", std::int64_t{1}}}, 2)[1];
  const ValueId hit = b.op("Equal", {place, b.iota(b.dim(x, axis), DType::Int64, b.rank(x), axis)});
  return {b.reshape(b.cast(hit, b.type(x)), shape)};
}

Values cumulative(Builder& b) {
  const ValueId x = b.in(0);
  std::int64_t axis = 0;
  if (b.rank(x) > 1 || b.known(b.in(1))) {
    const Ints given = b.constant_integers(b.in(1), "axis");
    if (given.size() != 1) b.malformed("{} axes", given.size());
    axis = given.size() == 1 ? b.front(given[0], b.rank(x)) : 0;
  }
  const std::int64_t reverse = b.integer("reverse", 0) != 0, size = b.dim(x, axis);
  const std::string op = b.node().op;
  if (size == 0) return {x};
  const ValueId all = b.op(op, {x}, {{"axis", axis}, {"reverse", reverse}});
  if (b.integer("exclusive", 0) == 0) return {all};
  Shape one = b.shape(x);
  if (!one.empty()) one[static_cast<std::size_t>(axis)] = 1;
  const ValueId first = b.expand(b.scalar_like(op == "CumProd" ? 1 : 0, x), one);
  if (size == 1) return {first};
  if (reverse) return {b.concat({b.slice(all, axis, 1, size), first}, axis)};
  return {b.concat({first, b.slice(all, axis, 0, size - 1)}, axis)};
}

Values lp_normalization(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.front(b.integer("axis", -1), b.rank(x)), p = b.integer("p", 2);
  if (p != 1 && p != 2) b.malformed("p is {}, expected 1 or 2", p);
  ValueId norm = sum(b, p == 1 ? b.op("Abs", {x}) : b.mul(x, x), {axis}, true);
  if (p == 2) norm = b.op("Sqrt", {norm});
  const ValueId zero = b.op("Equal", {norm, b.scalar_like(0, norm)});
  return {b.div(x, b.where(zero, b.scalar_like(1, norm), norm))};  // 0 / 0 is 0 here
}

namespace {

/// x [N, C, d...] at the class that target [N, d...] names, times the class's weight, negated.
Values class_loss(Builder& b, ValueId x, ValueId target, std::optional<ValueId> weight) {
  const std::string reduction = b.text("reduction", "mean");
  const bool ignores = b.node().attributes.count("ignore_index") > 0;
  const std::int64_t classes = b.dim(x, 1);
  const ValueId place = b.unsqueeze(target, 1);
  const ValueId hit = b.op("Equal", {place, b.iota(classes, b.type(target), b.rank(x), 1)});
  const ValueId zero = b.scalar_like(0, x);
  ValueId loss = b.op("Neg", {b.reduce("ReduceSum", b.where(hit, x, zero), {1}, false)});
  std::optional<ValueId> weights;
  if (weight) {
    Shape along(static_cast<std::size_t>(b.rank(x)), 1);
    if (along.size() > 1) along[1] = classes;
    const ValueId spread = b.where(hit, b.reshape(*weight, along), zero);
    weights = b.reduce("ReduceSum", spread, {1}, false);
  }
  if (ignores) {
    const ValueId skip =
        b.op("Equal",
             {target, b.scalar(static_cast<double>(b.integer("ignore_index", 0)), b.type(target))});
    const ValueId one = b.expand(b.scalar_like(1, x), b.shape(target));
    weights = b.where(skip, zero, weights ? *weights : one);
    loss = b.where(skip, zero, loss);
  }
  if (weights) loss = b.mul(loss, *weights);
  if (reduction == "none") return {loss};
  const Ints axes = all_axes(b, loss);
  const ValueId total = b.reduce("ReduceSum", loss, axes, false);
  if (reduction == "sum") return {total};
  if (reduction != "mean") b.malformed("reduction is '{}'", reduction);
  if (!weights) return {b.div(total, static_cast<double>(b.count(loss)))};
  return {b.div(total, b.reduce("ReduceSum", *weights, axes, false))};
}
std::optional<ValueId> optional_input(Builder& b, std::size_t index) {
  if (!b.has(index)) return std::nullopt;
  return b.in(index);
}

}  // namespace

Values nll_loss(Builder& b) { return class_loss(b, b.in(0), b.in(1), optional_input(b, 2)); }

Values cross_entropy(Builder& b) {
  const ValueId logs = b.op("LogSoftmax", {b.in(0)}, {{"axis", std::int64_t{1}}});
  Values out = class_loss(b, logs, b.in(1), optional_input(b, 2));
  out.push_back(logs);
  return out;
}

}  // namespace neuron::compile::onnx
