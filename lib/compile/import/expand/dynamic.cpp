// SPDX-License-Identifier: Apache-2.0
// Shapes, places and limits that are inputs of the model: where the declared shape of the result
// leaves no choice it decides, everything else is computed when the model runs.
#include <algorithm>
#include <cmath>
#include <random>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

/// The declared shape of a result, or an error that names the input which decides it.
Shape declared_shape(Builder& b, std::size_t output, std::size_t input) {
  if (const Form* form = b.declared(output)) return form->shape;
  const std::string name = b.has(input) ? b.graph.value(b.in(input)).name : "";
  b.refuse(
      "input {} ('{}') is not known when the model is compiled, and the model declares no "
      "shape of the result; supported are a constant, or a declared shape",
      input, name);
  return b.shape(b.in(0));
}

ValueId whole(Builder& b, ValueId v) { return b.cast(v, DType::Int64); }
ValueId element(Builder& b, ValueId list, std::int64_t index) {
  return b.reshape(b.slice(b.reshape(list, {b.count(list)}), 0, index, index + 1), {});
}
ValueId integer(Builder& b, std::int64_t value) {
  return b.scalar(static_cast<double>(value), DType::Int64);
}
ValueId clamp(Builder& b, ValueId v, ValueId low, ValueId high) {
  return b.op("Min", {b.op("Max", {v, low}), high});
}
/// A list of the values of axes in [0, rank); only those of a constant list are known now.
struct AxisList {
  std::optional<Ints> known;
  std::optional<ValueId> computed;
  std::int64_t count = 0;
};
AxisList axes_of(Builder& b, std::size_t input, std::int64_t count, std::int64_t rank) {
  AxisList out{Ints{}, {}, count};
  if (!b.has(input)) {
    for (std::int64_t a = 0; a < count; ++a) out.known->push_back(a);
  } else if (b.known(b.in(input))) {
    for (std::int64_t a : b.constant_integers(b.in(input), "axes"))
      out.known->push_back(b.front(a, rank));
  } else {
    const ValueId axes = whole(b, b.in(input));
    out.known.reset();
    out.computed = b.where(b.less(axes, 0), b.add(axes, static_cast<double>(rank)), axes);
  }
  return out;
}
/// Element of `list` that belongs to `axis`, else `otherwise`.
ValueId of_axis(Builder& b, const AxisList& axes, ValueId list, std::int64_t axis,
                ValueId otherwise) {
  ValueId result = otherwise;
  for (std::int64_t i = 0; i < axes.count && !b.failed(); ++i) {
    if (axes.known && (*axes.known)[static_cast<std::size_t>(i)] != axis) continue;
    const ValueId here = element(b, list, i);
    if (axes.known) return here;
    const ValueId mine = b.op("Equal", {element(b, *axes.computed, i), integer(b, axis)});
    result = b.where(mine, here, result);
  }
  return result;
}

}  // namespace

Values late_reshape(Builder& b) {
  const Shape to = declared_shape(b, 0, 1);
  return {b.reshape(b.in(0), to)};
}

Values late_expand(Builder& b) {
  const Shape to = declared_shape(b, 0, 1);
  return {b.expand(b.in(0), to)};
}

Values late_tile(Builder& b) {
  const Shape to = declared_shape(b, 0, 1), from = b.shape(b.in(0));
  Ints repeats;
  for (std::size_t d = 0; d < from.size() && d < to.size(); ++d)
    repeats.push_back(from[d] == 0 ? 1 : to[d] / from[d]);
  return {b.op("Tile", {b.in(0)}, {{"repeats", repeats}})};
}

Values late_constant_of_shape(Builder& b) {
  const Shape to = declared_shape(b, 0, 0);
  const auto at = b.node().attributes.find("value");
  const Tensor* value =
      at == b.node().attributes.end() ? nullptr : std::get_if<Tensor>(&at->second);
  if (value && count_of(value->shape) != 1)
    b.malformed("value has {} elements", count_of(value->shape));
  const ValueId one = value ? b.reshape(b.constant(*value), {}) : b.scalar(0);
  return {b.expand(one, to)};
}

Values late_split(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t axis = b.front(b.integer("axis", 0), b.rank(x));
  Values out;
  std::int64_t at = 0;
  for (std::size_t o = 0; o < b.outputs() && !b.failed(); ++o) {
    const Shape part = declared_shape(b, o, 1);
    const std::int64_t size = static_cast<std::int64_t>(part.size()) == b.rank(x)
                                  ? part[static_cast<std::size_t>(axis)]
                                  : 0;
    out.push_back(b.slice(x, axis, at, at + size));
    at += size;
  }
  return out;
}

/// min(max(x, low), high), where limits may be left out.
Values late_clip(Builder& b) {
  ValueId x = b.in(0);
  if (b.has(1)) x = b.op("Max", {x, b.reshape(b.in(1), {})});
  if (b.has(2)) x = b.op("Min", {x, b.reshape(b.in(2), {})});
  return {x};
}

Values late_range(Builder& b) {
  const Shape to = declared_shape(b, 0, 0);
  const ValueId places = b.iota(count_of(to), b.type(b.in(0)));
  return {b.add(b.mul(places, b.reshape(b.in(2), {})), b.reshape(b.in(0), {}))};
}

/// Along every axis, element j comes from start + j * step, with the limits of ONNX.
Values late_slice(Builder& b) {
  const Shape to = declared_shape(b, 0, 1);
  ValueId x = b.in(0);
  const std::int64_t rank = b.rank(x), count = b.count(b.in(1));
  const ValueId starts = whole(b, b.in(1));
  const AxisList axes = axes_of(b, 3, count, rank);
  if (static_cast<std::int64_t>(to.size()) != rank)
    b.malformed("{} axes become {}", rank, to.size());
  for (std::int64_t d = 0; d < rank && !b.failed(); ++d) {
    const std::int64_t size = b.dim(x, d), wanted = to[static_cast<std::size_t>(d)];
    const bool cut = !axes.known || std::count(axes.known->begin(), axes.known->end(), d) > 0;
    if (!cut) continue;
    const ValueId zero = integer(b, 0), most = integer(b, size);
    const ValueId step =
        b.has(4) ? of_axis(b, axes, whole(b, b.in(4)), d, integer(b, 1)) : integer(b, 1);
    ValueId start = of_axis(b, axes, starts, d, zero);
    start = b.where(b.less(start, 0), b.add(start, most), start);
    const ValueId back = b.less(step, 0);
    const ValueId last = integer(b, size - 1);
    start = b.where(back, clamp(b, start, zero, last), clamp(b, start, zero, most));
    const ValueId places = b.add(start, b.mul(b.iota(wanted), step));
    x = b.gather(
        x,
        b.op("Max", {b.op("Min", {places, integer(b, std::max<std::int64_t>(0, size - 1))}), zero}),
        d);
  }
  return {x};
}

namespace {

/// Where place j of a padded axis comes from, before the start was at `begin`.
ValueId padded_place(Builder& b, const std::string& mode, ValueId j, std::int64_t size) {
  const ValueId zero = integer(b, 0), last = integer(b, size - 1);
  const auto modulo = [&](ValueId v, std::int64_t by) {
    return b.op("Mod", {v, integer(b, by)}, {{"fmod", std::int64_t{0}}});
  };
  if (mode == "wrap") return modulo(j, size);
  if (mode == "reflect") {
    if (size == 1) return clamp(b, j, zero, last);
    const ValueId turn = modulo(j, 2 * (size - 1));  // 0 .. size-1 .. 1
    return b.op("Min", {turn, b.sub(integer(b, 2 * (size - 1)), turn)});
  }
  return clamp(b, j, zero, last);
}

}  // namespace

/// All modes, with pads that are constants or inputs.
Values late_pad(Builder& b) {
  const ValueId x = b.in(0);
  const std::int64_t rank = b.rank(x);
  const std::string mode = b.text("mode", "constant");
  if (mode != "constant" && mode != "edge" && mode != "reflect" && mode != "wrap")
    b.malformed("mode is '{}'", mode);
  const ValueId pads = b.has(1) ? whole(b, b.in(1)) : b.list(b.integers("pads"));
  const std::int64_t count = b.count(pads) / 2;
  const AxisList axes = axes_of(b, 3, count, rank);
  const bool known = b.known(pads) && axes.known;
  Shape to = b.shape(x);
  if (known) {
    const Ints all = b.constant_integers(pads, "pads");
    for (std::int64_t i = 0; i < count; ++i)
      to[static_cast<std::size_t>((*axes.known)[static_cast<std::size_t>(i)])] +=
          all[static_cast<std::size_t>(i)] + all[static_cast<std::size_t>(i + count)];
    if (auto fits = check_shape(to); !fits) b.stop(fits.error());
  } else {
    to = declared_shape(b, 0, 1);
  }
  if (static_cast<std::int64_t>(to.size()) != rank)
    b.malformed("{} axes become {}", rank, to.size());
  if (b.failed()) return {x};
  ValueId y = x;
  std::optional<ValueId> inside;
  for (std::int64_t d = 0; d < rank && !b.failed(); ++d) {
    const std::int64_t size = b.dim(x, d), wanted = to[static_cast<std::size_t>(d)];
    const ValueId begin = of_axis(b, axes, pads, d, integer(b, 0));
    if (known && wanted == size && b.known(begin) && b.constant_integers(begin, "pads") == Ints{0})
      continue;
    const ValueId j = b.sub(b.iota(wanted), begin);
    if (size == 0) b.refuse("an empty axis; supported is at least one element");
    y = b.gather(y, padded_place(b, mode, j, size), d);
    if (mode != "constant") continue;
    Shape along(static_cast<std::size_t>(rank), 1);
    along[static_cast<std::size_t>(d)] = wanted;
    const ValueId here = b.reshape(b.op("And", {b.op("GreaterOrEqual", {j, integer(b, 0)}),
                                                b.op("Less", {j, integer(b, size)})}),
                                   along);
    inside = inside ? b.op("And", {*inside, here}) : here;
  }
  if (!inside) return {y};
  const ValueId value =
      b.has(2) ? b.reshape(b.in(2), {}) : b.scalar_like(static_cast<double>(b.real("value", 0)), x);
  return {b.where(*inside, y, value)};
}

/// Training with a seed drops what the reference implementation of ONNX drops: where a Mersenne
/// Twister's numbers of 53 bits, as NumPy makes them, are below the ratio. The rest is scaled.
Values seeded_dropout(Builder& b, double ratio) {
  const ValueId x = b.in(0);
  Tensor factors = make_tensor(b.type(x), b.shape(x)), mask = make_tensor(DType::Bool, b.shape(x));
  std::mt19937 random(static_cast<std::uint32_t>(b.integer("seed", 0)));
  for (std::size_t i = 0; i < mask.bytes.size(); ++i) {
    const double high = random() >> 5, low = random() >> 6;
    const bool kept = (high * 67108864 + low) / 9007199254740992.0 >= ratio;
    store_number(mask, i, kept);
    store_number(factors, i, kept ? 1 / (1 - ratio) : 0);
  }
  return {b.mul(x, b.constant(std::move(factors))), b.constant(std::move(mask))};
}

/// Without training everything passes; with it where the ratio is 0, or what a seed decides.
Values dropout(Builder& b) {
  const auto number = [&](std::size_t i) -> std::optional<double> {
    if (!b.has(i)) return i == 1 ? 0.5 : 0.0;
    const ValueId v = b.in(i);
    if (!b.known(v) || b.count(v) != 1) return std::nullopt;
    return number_at(*b.graph.value(v).constant, 0);
  };
  const auto ratio = number(1), training = number(2);
  const bool passes = (training && *training == 0) || (ratio && *ratio == 0) || b.opset() < 12;
  const bool seeded =
      b.node().attributes.count("seed") && training && ratio && *ratio > 0 && *ratio < 1;
  if (!passes && seeded) return seeded_dropout(b, *ratio);
  if (!passes)
    b.refuse("training_mode{}; supported is a model exported for inference, or ratio 0, or a seed",
             training ? " is on" : " is an input");
  const ValueId x = b.in(0);
  const ValueId mask = b.expand(b.scalar(1, b.opset() < 10 ? b.type(x) : DType::Bool), b.shape(x));
  return {x, mask};
}

}  // namespace neuron::compile::onnx
