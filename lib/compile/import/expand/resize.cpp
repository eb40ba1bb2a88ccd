// SPDX-License-Identifier: Apache-2.0
// Resize in its general form: along each axis a matrix of weights, or for the nearest pixel an
// index. Scales may be inputs: then the weights are computed when the model runs.
#include <algorithm>
#include <cmath>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

struct Way {
  std::string mode, place, rounding, aspect;
  bool antialias = false, exclude_outside = false;
  float cubic_a = -0.75F, outside = 0;
};

/// One axis: sizes, and the scale as a scalar.
struct Line {
  std::int64_t axis, in, out;
  ValueId scale, roi_begin, roi_end;
};

/// Positions [out, 1] in the source.
ValueId positions(Builder& b, const Way& way, const Line& l) {
  const ValueId o = b.iota(l.out, DType::Float32, 2, 0);
  if (way.place == "align_corners")
    return l.out == 1 ? b.mul(o, 0.0)
                      : b.mul(o, static_cast<double>(l.in - 1) / static_cast<double>(l.out - 1));
  if (way.place == "asymmetric") return b.div(o, l.scale);
  if (way.place == "tf_crop_and_resize") {
    const double last = static_cast<double>(l.in - 1);
    const ValueId span = b.mul(b.sub(l.roi_end, l.roi_begin), last);
    if (l.out == 1) return b.add(b.mul(o, 0.0), b.mul(b.add(l.roi_begin, l.roi_end), 0.5 * last));
    return b.add(b.mul(l.roi_begin, last), b.mul(o, b.div(span, static_cast<double>(l.out - 1))));
  }
  if (way.place == "tf_half_pixel_for_nn") return b.div(b.add(o, 0.5), l.scale);
  const ValueId half = b.add(b.div(b.add(o, 0.5), l.scale), -0.5);
  if (way.place == "pytorch_half_pixel" && l.out == 1) return b.mul(o, 0.0);
  if (way.place != "half_pixel_symmetric") return half;
  // The output as long as it should be: in * scale may be no whole number.
  const double in = static_cast<double>(l.in);
  const ValueId adjust = b.div(b.scalar(static_cast<double>(l.out)), b.mul(l.scale, in));
  const ValueId offset = b.mul(b.sub(b.scalar(1), adjust), in / 2);
  return b.add(offset, half);
}

ValueId nearest(Builder& b, const Way& way, ValueId at) {
  if (way.rounding == "floor") return b.op("Floor", {at});
  if (way.rounding == "ceil") return b.op("Ceil", {at});
  if (way.rounding == "round_prefer_ceil") return b.op("Floor", {b.add(at, 0.5)});
  return b.op("Ceil", {b.add(at, -0.5)});
}

/// Weight of a pixel `distance` away, as a triangle or a cubic.
ValueId kernel(Builder& b, const Way& way, ValueId distance) {
  const ValueId d = b.op("Abs", {distance}), zero = b.scalar(0);
  if (way.mode == "linear") return b.op("Max", {b.sub(b.scalar(1), d), zero});
  const double a = static_cast<double>(way.cubic_a);
  const ValueId d2 = b.mul(d, d), d3 = b.mul(d2, d);
  const ValueId near = b.add(b.sub(b.mul(d3, a + 2), b.mul(d2, a + 3)), 1.0);
  const ValueId far = b.add(b.add(b.sub(b.mul(d3, a), b.mul(d2, 5 * a)), b.mul(d, 8 * a)), -4 * a);
  const ValueId inner = b.op("LessOrEqual", {d, b.scalar(1)});
  return b.where(inner, near, b.where(b.less(d, 2), far, zero));
}

/// [out, in]: how much of each pixel each result takes.
ValueId weights(Builder& b, const Way& way, const Line& l) {
  const ValueId at = positions(b, way, l);
  const bool cubic = way.mode == "cubic";
  // Pixels outside take the edge's place, so that their weights add to it.
  const std::int64_t reach = cubic ? 2 : 1;
  std::int64_t margin = reach;
  ValueId narrow = b.scalar(1);
  if (way.antialias) {
    narrow = b.op("Min", {l.scale, b.scalar(1)});
    if (!b.known(l.scale)) b.refuse("antialias with computed scales; supported are constant ones");
    if (b.failed()) return at;
    const double scale = number_at(*b.graph.value(l.scale).constant, 0);
    margin =
        static_cast<std::int64_t>(std::ceil(static_cast<double>(reach) / std::min(1.0, scale))) + 1;
  }
  ValueId inside = at;
  if (!cubic && !way.antialias)
    inside = b.op("Min", {b.op("Max", {at, b.scalar(0)}), b.scalar(static_cast<double>(l.in - 1))});
  margin = std::min<std::int64_t>(margin, 4 * l.in + 4);
  const std::int64_t first = -margin, count = l.in + 2 * margin;
  const ValueId pixel = b.add(b.iota(count, DType::Float32), static_cast<double>(first));
  ValueId w = kernel(b, way, b.mul(b.sub(pixel, inside), narrow));
  if (way.exclude_outside || way.antialias) {
    const ValueId real = b.op("And", {b.op("GreaterOrEqual", {pixel, b.scalar(0)}),
                                      b.less(pixel, static_cast<double>(l.in))});
    if (way.exclude_outside) w = b.where(real, w, b.scalar(0));
    w = b.div(w, b.reduce("ReduceSum", w, {1}));
  }
  // Sums what lies outside into the edges.
  const ValueId left = b.reduce("ReduceSum", b.slice(w, 1, 0, margin + 1), {1});
  const ValueId right = b.reduce("ReduceSum", b.slice(w, 1, margin + l.in - 1, count), {1});
  if (l.in == 1) return b.reduce("ReduceSum", w, {1});
  Values parts{left};
  if (l.in > 2) parts.push_back(b.slice(w, 1, margin + 1, margin + l.in - 1));
  parts.push_back(right);
  return b.concat(parts, 1);
}

/// x times the weights along an axis.
ValueId along(Builder& b, ValueId x, const Line& l, ValueId w) {
  const std::int64_t last = b.rank(x) - 1;
  const ValueId turned = b.swap(x, l.axis, last);
  if (b.failed()) return x;
  Shape to = b.shape(turned);
  to.back() = l.out;
  const std::int64_t rows = l.in == 0 ? 0 : b.count(turned) / l.in;
  const ValueId flat = b.matmul(b.reshape(turned, {rows, l.in}), b.transpose(w, {1, 0}));
  return b.swap(b.reshape(flat, to), l.axis, last);
}

ValueId one_axis(Builder& b, const Way& way, ValueId x, const Line& l) {
  ValueId y = x;
  if (way.mode == "nearest") {
    const ValueId at = b.reshape(nearest(b, way, positions(b, way, l)), {l.out});
    const ValueId inside =
        b.op("Min", {b.op("Max", {at, b.scalar(0)}), b.scalar(static_cast<double>(l.in - 1))});
    y = b.gather(x, b.cast(inside, DType::Int64), l.axis);
  } else {
    y = along(b, x, l, weights(b, way, l));
  }
  if (way.place != "tf_crop_and_resize") return y;
  const ValueId at = b.reshape(positions(b, way, l), {l.out});
  const ValueId inside =
      b.op("And", {b.op("GreaterOrEqual", {at, b.scalar(0)}),
                   b.op("LessOrEqual", {at, b.scalar(static_cast<double>(l.in - 1))})});
  Shape shape(static_cast<std::size_t>(b.rank(x)), 1);
  shape[static_cast<std::size_t>(l.axis)] = l.out;
  return b.where(b.reshape(inside, shape), y, b.scalar(static_cast<double>(way.outside)));
}

ValueId at(Builder& b, ValueId list, std::int64_t index) {
  return b.reshape(b.slice(b.cast(list, DType::Float32), 0, index, index + 1), {});
}

}  // namespace

Values late_resize(Builder& b) {
  const bool old = b.opset() < 11;
  const ValueId x = b.in(0);
  Way way{b.text("mode", "nearest"),
          old ? "asymmetric" : b.text("coordinate_transformation_mode", "half_pixel"),
          old ? "floor" : b.text("nearest_mode", "round_prefer_floor"),
          b.text("keep_aspect_ratio_policy", "stretch")};
  way.antialias = b.integer("antialias", 0) != 0;
  way.exclude_outside = b.integer("exclude_outside", 0) != 0;
  way.cubic_a = b.real("cubic_coeff_a", -0.75F);
  way.outside = b.real("extrapolation_value", 0);
  if (way.mode == "bilinear") way.mode = "linear";
  if (way.mode != "nearest" && way.mode != "linear" && way.mode != "cubic")
    b.malformed("mode is '{}'", way.mode);
  constexpr std::string_view kPlaces[] = {
      "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
      "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize"};
  if (std::find(std::begin(kPlaces), std::end(kPlaces), way.place) == std::end(kPlaces))
    b.malformed("coordinate_transformation_mode is '{}'", way.place);
  const std::size_t scales_at = old ? 1 : 2;
  const bool by_scales = b.has(scales_at) && b.count(b.in(scales_at)) > 0;
  const bool by_sizes = !by_scales && b.has(3) && b.count(b.in(3)) > 0;
  if (!by_scales && !by_sizes) b.malformed("neither scales nor sizes are given");
  Ints axes = b.integers("axes");
  if (axes.empty())
    for (std::int64_t a = 0; a < b.rank(x); ++a) axes.push_back(a);
  const ValueId list = by_scales ? b.in(scales_at) : b.in(by_sizes ? 3 : 0);
  if (b.count(list) != static_cast<std::int64_t>(axes.size()))
    b.malformed("{} scales or sizes for {} axes", b.count(list), axes.size());
  const Form* form = b.declared(0);
  if (!b.known(list) && !form)
    b.refuse(
        "scales or sizes ('{}') are not known when the model is compiled; supported are "
        "constants, or a declared shape of the result",
        b.graph.value(list).name);
  if (form && form->shape.size() != static_cast<std::size_t>(b.rank(x)))
    b.malformed("{} axes become {}", b.rank(x), form->shape.size());
  if (b.failed()) return {x};
  // One scale for all axes keeps the picture's proportions.
  std::optional<double> common;
  if (by_sizes && way.aspect != "stretch") {
    const Ints sizes = b.constant_integers(list, "sizes with keep_aspect_ratio_policy");
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      const double s = static_cast<double>(sizes[i]) /
                       static_cast<double>(b.dim(x, b.front(axes[i], b.rank(x))));
      common = !common                      ? s
               : way.aspect == "not_larger" ? std::min(*common, s)
                                            : std::max(*common, s);
    }
  }
  ValueId y = b.cast(x, way.mode == "nearest" ? b.type(x) : DType::Float32);
  for (std::size_t i = 0; i < axes.size() && !b.failed(); ++i) {
    Line l{b.front(axes[i], b.rank(x)), 0, 0, x, x, x};
    l.in = b.dim(x, l.axis);
    const auto index = static_cast<std::int64_t>(i);
    if (common) {
      l.out = static_cast<std::int64_t>(std::floor(*common * static_cast<double>(l.in) + 0.5));
      l.scale = b.scalar(*common);
    } else if (by_scales) {
      l.scale = at(b, list, index);
      l.out = b.known(list)
                  ? static_cast<std::int64_t>(std::floor(
                        static_cast<float>(number_at(*b.graph.value(l.scale).constant, 0)) *
                        static_cast<float>(l.in)))
                  : form->shape[static_cast<std::size_t>(l.axis)];
    } else {
      l.out = b.known(list) ? b.constant_integers(list, "sizes")[i]
                            : form->shape[static_cast<std::size_t>(l.axis)];
      l.scale = b.scalar(static_cast<double>(l.out) /
                         static_cast<double>(std::max<std::int64_t>(1, l.in)));
    }
    if (auto fits = check_shape({l.in, l.out}); !fits) b.stop(fits.error());
    if (l.in < 1) b.refuse("an empty axis; supported is at least one element");
    if (way.place == "tf_crop_and_resize") {
      if (!b.has(1) || b.count(b.in(1)) != 2 * static_cast<std::int64_t>(axes.size()))
        b.malformed("roi has not two numbers an axis");
      if (b.failed()) return {x};
      l.roi_begin = at(b, b.in(1), index);
      l.roi_end = at(b, b.in(1), index + static_cast<std::int64_t>(axes.size()));
    }
    const bool still = l.in == l.out && b.known(l.scale) && way.place != "tf_crop_and_resize" &&
                       number_at(*b.graph.value(l.scale).constant, 0) == 1;
    if (!still) y = one_axis(b, way, y, l);
  }
  return {b.cast(y, b.type(x))};
}

}  // namespace neuron::compile::onnx
