// SPDX-License-Identifier: Apache-2.0
// Windows over any number of axes: a Slice for each tap, which pools fold and convolutions
// multiply. The usual forms, of one or two axes with constant weights, go to their lowerings as
// they are.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

constexpr std::int64_t kMostTaps = 8192;

/// One spatial axis of a window operator; pads are explicit, `out` says how many results.
struct Span {
  std::int64_t in, kernel, stride, dilation, begin, end, out;
};

std::int64_t nth(const Ints& list, std::size_t i, std::int64_t otherwise) {
  return i < list.size() ? list[i] : otherwise;
}

/// Spans of a pool or convolution over x [N, C, spatial]; ceil_mode adds to the end padding.
std::vector<Span> spans_of(Builder& b, ValueId x, const Ints& kernel) {
  const std::size_t axes = static_cast<std::size_t>(std::max<std::int64_t>(0, b.rank(x) - 2));
  const Ints strides = b.integers("strides"), dilations = b.integers("dilations"),
             pads = b.integers("pads");
  const std::string automatic = b.text("auto_pad", "NOTSET");
  const bool up = b.integer("ceil_mode", 0) != 0;
  std::vector<Span> out;
  if (kernel.size() != axes || (!pads.empty() && pads.size() != 2 * axes))
    b.malformed("{} kernel sizes and {} pads for {} axes", kernel.size(), pads.size(), axes);
  for (std::size_t i = 0; i < axes && !b.failed(); ++i) {
    Span s{b.dim(x, static_cast<std::int64_t>(i) + 2),
           kernel[i],
           nth(strides, i, 1),
           nth(dilations, i, 1),
           nth(pads, i, 0),
           nth(pads, i + axes, 0),
           0};
    if (s.kernel < 1 || s.stride < 1 || s.dilation < 1 || s.kernel > 1 << 20 ||
        s.dilation > 1 << 20) {
      b.malformed("a window of {} taps, stride {}, dilation {}", s.kernel, s.stride, s.dilation);
      break;
    }
    const std::int64_t reach = (s.kernel - 1) * s.dilation + 1;
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
      const std::int64_t steps = (s.in + s.stride - 1) / s.stride;
      const std::int64_t all = std::max<std::int64_t>(0, (steps - 1) * s.stride + reach - s.in);
      s.begin = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
      s.end = all - s.begin;
    }
    const std::int64_t room = s.in + s.begin + s.end - reach;
    if (room < 0) b.malformed("a window of {} over {} pixels", reach, s.in + s.begin + s.end);
    s.out = room / s.stride + 1;
    if (up && room % s.stride != 0 && s.out * s.stride < s.in + s.begin) ++s.out;
    out.push_back(s);
  }
  std::int64_t taps = 1;
  for (const Span& s : out) taps *= std::min<std::int64_t>(s.kernel, kMostTaps + 1);
  if (taps > kMostTaps) b.refuse("a window of {} taps; supported are {}", taps, kMostTaps);
  return out;
}

/// x with its pads around, and what ceil_mode reads past them.
ValueId padded(Builder& b, ValueId x, const std::vector<Span>& spans, double value) {
  Ints pads(2 * static_cast<std::size_t>(b.rank(x)), 0);
  bool any = false;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& s = spans[i];
    const std::int64_t needed =
        (s.out - 1) * s.stride + (s.kernel - 1) * s.dilation + 1 - s.in - s.begin;
    pads[i + 2] = s.begin;
    pads[i + 2 + pads.size() / 2] = std::max<std::int64_t>(needed, 0);
    any = any || s.begin != 0 || needed > 0;
  }
  if (!any || b.failed()) return x;
  if (b.type(x) == DType::Float32)
    return b.op(
        "Pad", {x},
        {{"mode", std::string("constant")}, {"pads", pads}, {"value", static_cast<float>(value)}});
  ValueId y = x;  // another type: rows of constants around each axis
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i) + 2;
    const auto margin = [&](std::int64_t size) {
      Shape shape = b.shape(y);
      shape[static_cast<std::size_t>(axis)] = size;
      return b.expand(b.scalar_like(value, y), shape);
    };
    const std::int64_t before = pads[i + 2], after = pads[i + 2 + pads.size() / 2];
    Values parts;
    if (before > 0) parts.push_back(margin(before));
    parts.push_back(y);
    if (after > 0) parts.push_back(margin(after));
    y = b.concat(parts, axis);
  }
  return y;
}

/// Calls `body` with each tap: its index along every axis, the last one fastest.
template <class Body>
void each_tap(const std::vector<Span>& spans, Body body) {
  Ints tap(spans.size(), 0);
  for (;;) {
    body(tap);
    std::size_t i = spans.size();
    while (i > 0 && ++tap[i - 1] == spans[i - 1].kernel) tap[--i] = 0;
    if (i == 0) return;
  }
}

/// What a tap sees: [N, C, out].
ValueId seen(Builder& b, ValueId padded_x, const std::vector<Span>& spans, const Ints& tap) {
  Ints starts, ends, axes, steps;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const Span& s = spans[i];
    starts.push_back(tap[i] * s.dilation);
    ends.push_back(tap[i] * s.dilation + (s.out - 1) * s.stride + 1);
    axes.push_back(static_cast<std::int64_t>(i) + 2);
    steps.push_back(s.stride);
  }
  return b.op("Slice", {padded_x},
              {{"starts", starts}, {"ends", ends}, {"axes", axes}, {"steps", steps}});
}

/// The largest of each window, and where it stands in x as one index.
Values largest(Builder& b, ValueId x, const std::vector<Span>& spans) {
  const bool whole = is_integer(b.type(x)), by_row = b.integer("storage_order", 0) == 0;
  const double least = whole ? (b.type(x) == DType::Int8 ? -128.0 : 0.0) : -INFINITY;
  const ValueId around = padded(b, x, spans, least);
  // The place of every pixel, padded alike; never read where a pad could win.
  Shape shape = b.shape(x);
  ValueId places = b.iota(b.count(x));
  if (!by_row && shape.size() == 4) {  // columns first within an image
    places = b.reshape(places, {shape[0], shape[1], shape[3], shape[2]});
    places = b.swap(places, 2, 3);
  }
  places = padded(b, b.reshape(places, shape), spans, -1);
  std::optional<ValueId> best, at;
  each_tap(spans, [&](const Ints& tap) {
    if (b.failed()) return;
    const ValueId value = seen(b, around, spans, tap);
    if (b.outputs() < 2) {
      best = best ? b.op("Max", {*best, value}) : value;
      return;
    }
    const ValueId place = seen(b, places, spans, tap);
    if (best) {
      const ValueId empty = b.less(*at, 0);
      const ValueId wins = b.op("Or", {b.op("Greater", {value, *best}), empty});
      at = b.where(wins, place, *at);
      best = b.where(wins, value, *best);
    } else {
      best = value;
      at = place;
    }
  });
  if (b.failed()) return {x, x};
  return {*best, at ? *at : *best};
}

/// Sum over all taps.
ValueId sum_of(Builder& b, ValueId padded_x, const std::vector<Span>& spans) {
  std::optional<ValueId> sum;
  each_tap(spans, [&](const Ints& tap) {
    if (b.failed()) return;
    const ValueId value = seen(b, padded_x, spans, tap);
    sum = sum ? b.add(*sum, value) : value;
  });
  return sum ? *sum : padded_x;
}

/// Images of ones, padded as the operator counts: how many pixels each window has.
ValueId counts(Builder& b, ValueId x, const std::vector<Span>& spans, bool with_pads) {
  Shape shape = b.shape(x);
  if (shape.size() > 1) shape[0] = shape[1] = 1;
  std::vector<Span> inner = spans;
  ValueId ones = b.scalar(1);
  if (with_pads) {  // pads count, what ceil_mode reads past them does not
    for (std::size_t i = 0; i < spans.size(); ++i) {
      shape[i + 2] = spans[i].in + spans[i].begin + spans[i].end;
      inner[i].in = shape[i + 2];
      inner[i].begin = inner[i].end = 0;
    }
  }
  ones = b.constant([&] {
    Tensor t = make_tensor(DType::Float32, shape);
    for (std::int64_t i = 0; i < count_of(shape); ++i)
      store_number(t, static_cast<std::size_t>(i), 1);
    return t;
  }());
  // Margins of zeros, by hand: a constant Pad is not computed at once.
  ValueId y = ones;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const Span& s = inner[i];
    const std::int64_t needed =
        (s.out - 1) * s.stride + (s.kernel - 1) * s.dilation + 1 - s.in - s.begin;
    const auto axis = static_cast<std::int64_t>(i) + 2;
    const auto margin = [&](std::int64_t size) {
      Shape to = b.shape(y);
      to[static_cast<std::size_t>(axis)] = size;
      return b.expand(b.scalar(0), to);
    };
    Values parts;
    if (s.begin > 0) parts.push_back(margin(s.begin));
    parts.push_back(y);
    if (needed > 0) parts.push_back(margin(needed));
    y = b.concat(parts, axis);
  }
  return sum_of(b, y, inner);
}

}  // namespace

Values late_max_pool(Builder& b) {
  const ValueId x = b.in(0);
  const auto spans = spans_of(b, x, b.integers("kernel_shape"));
  if (b.failed()) return {x, x};
  return largest(b, x, spans);
}

Values late_average_pool(Builder& b) {
  const ValueId x = b.cast(b.in(0), DType::Float32);
  const auto spans = spans_of(b, x, b.integers("kernel_shape"));
  if (b.failed()) return {x};
  const ValueId sum = sum_of(b, padded(b, x, spans, 0), spans);
  const ValueId mean = b.div(sum, counts(b, x, spans, b.integer("count_include_pad", 0) != 0));
  return {b.cast(mean, b.type(b.in(0)))};
}

/// (sum of |x|^p)^(1/p)
Values lp_pool(Builder& b) {
  const ValueId x = b.in(0);
  const auto p = static_cast<double>(b.integer("p", 2));
  const auto spans = spans_of(b, x, b.integers("kernel_shape"));
  if (b.failed()) return {x};
  const ValueId power = b.op("Pow", {b.op("Abs", {x}), b.scalar(p)});
  const ValueId sum = sum_of(b, padded(b, power, spans, 0), spans);
  return {b.op("Pow", {sum, b.scalar(1 / p)})};
}

namespace {

/// x [N, C, ...] with weights [M, C / group, ...]: columns of taps times the weights.
ValueId convolved(Builder& b, ValueId x, ValueId w, const std::vector<Span>& spans,
                  std::int64_t group) {
  const std::int64_t n = b.dim(x, 0), c = b.dim(x, 1), m = b.dim(w, 0);
  if (group < 1 || c % group != 0 || m % group != 0 || b.dim(w, 1) != c / group)
    b.malformed("{} channels, weights {} and {} groups do not fit", c, text_of(b.shape(w)), group);
  if (b.failed()) return x;
  const ValueId around = padded(b, x, spans, 0);
  std::int64_t pixels = 1, taps = 1;
  Shape out{n, m};
  for (const Span& s : spans) {
    pixels *= s.out;
    taps *= s.kernel;
    out.push_back(s.out);
  }
  Values columns;
  each_tap(spans, [&](const Ints& tap) {
    if (b.failed()) return;
    columns.push_back(b.reshape(seen(b, around, spans, tap), {n, group, c / group, 1, pixels}));
  });
  if (b.failed()) return x;
  const ValueId all = b.reshape(b.concat(columns, 3), {n, group, c / group * taps, pixels});
  const ValueId weights = b.reshape(w, {1, group, m / group, c / group * taps});
  return b.reshape(b.matmul(weights, all), out);
}

Ints spatial_of(Builder& b, ValueId w) {
  const Shape shape = b.shape(w);
  return shape.size() < 2 ? Ints{} : Ints(shape.begin() + 2, shape.end());
}

ValueId biased(Builder& b, ValueId y) {
  if (!b.has(2)) return y;
  Shape along(static_cast<std::size_t>(std::max<std::int64_t>(1, b.rank(y) - 1)), 1);
  along[0] = b.count(b.in(2));
  return b.add(y, b.reshape(b.cast(b.in(2), b.type(y)), along));
}

}  // namespace

Values late_conv(Builder& b) {
  const ValueId x = b.cast(b.in(0), DType::Float32), w = b.cast(b.in(1), DType::Float32);
  const auto spans = spans_of(b, x, spatial_of(b, w));
  if (b.failed()) return {x};
  const ValueId y = biased(b, convolved(b, x, w, spans, b.integer("group", 1)));
  return {b.cast(y, b.type(b.in(0)))};
}

namespace {

/// Zeros between the pixels of an axis: [.., n, ..] becomes [.., (n - 1) * stride + 1, ..].
ValueId spread_out(Builder& b, ValueId x, std::int64_t axis, std::int64_t stride) {
  if (stride == 1 || b.failed()) return x;
  const std::int64_t n = b.dim(x, axis);
  const ValueId apart = b.unsqueeze(x, axis + 1);
  Shape zeros = b.shape(apart), whole = b.shape(x);
  zeros[static_cast<std::size_t>(axis) + 1] = stride - 1;
  whole[static_cast<std::size_t>(axis)] = n * stride;
  const ValueId joined =
      b.reshape(b.concat({apart, b.expand(b.scalar_like(0, x), zeros)}, axis + 1), whole);
  return b.slice(joined, axis, 0, (n - 1) * stride + 1);
}

/// Pads of a transposed convolution as attributes give them, or as its output shape needs them.
std::vector<Span> transposed_spans(Builder& b, ValueId x, ValueId w, Ints& extra) {
  const Ints kernel = spatial_of(b, w), strides = b.integers("strides"),
             dilations = b.integers("dilations"), pads = b.integers("pads"),
             shape = b.integers("output_shape"), more = b.integers("output_padding");
  const std::string automatic = b.text("auto_pad", "NOTSET");
  const bool same = automatic == "SAME_UPPER" || automatic == "SAME_LOWER";
  std::vector<Span> out;
  const std::size_t axes = kernel.size();
  for (std::size_t i = 0; i < axes && !b.failed(); ++i) {
    Span s{b.dim(x, static_cast<std::int64_t>(i) + 2),
           kernel[i],
           nth(strides, i, 1),
           nth(dilations, i, 1),
           nth(pads, i, 0),
           nth(pads, i + axes, 0),
           0};
    if (s.kernel < 1 || s.stride < 1 || s.dilation < 1) {
      b.malformed("a window of {} taps, stride {}, dilation {}", s.kernel, s.stride, s.dilation);
      break;
    }
    const std::int64_t added = nth(more, i, 0);
    const std::int64_t full = (s.in - 1) * s.stride + (s.kernel - 1) * s.dilation + 1 + added;
    const std::int64_t wanted =
        same && shape.empty() ? s.in * s.stride : nth(shape, shape.size() > axes ? i + 2 : i, -1);
    if (wanted >= 0) {
      const std::int64_t cut = full - wanted;
      s.begin = automatic == "SAME_UPPER" ? cut / 2 : cut - cut / 2;
      if (automatic == "NOTSET") s.begin = cut / 2;
      if (automatic == "SAME_LOWER") s.begin = cut - cut / 2;
      s.end = cut - s.begin;
    }
    s.out = full - s.begin - s.end;
    if (s.out < 1) b.malformed("a result of {} pixels", s.out);
    extra.push_back(added);
    out.push_back(s);
  }
  return out;
}

}  // namespace

/// A convolution over the image with zeros in between, weights turned round.
Values late_conv_transpose(Builder& b) {
  const ValueId x0 = b.cast(b.in(0), DType::Float32), w0 = b.cast(b.in(1), DType::Float32);
  Ints extra;
  auto spans = transposed_spans(b, x0, w0, extra);
  const std::int64_t group = b.integer("group", 1), c = b.dim(w0, 0), each = b.dim(w0, 1);
  if (group < 1 || c % group != 0) b.malformed("{} channels in {} groups", c, group);
  if (b.failed()) return {x0};
  // [C, M / group, ...] to [M, C / group, ...], every axis of the kernel backwards.
  Shape split{group, c / group, each}, turned{group * each, c / group};
  Ints perm{0, 2, 1};
  ValueId w = w0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const auto axis = static_cast<std::int64_t>(i) + 2;
    w = b.slice(w, axis, -1, -spans[i].kernel - 1, -1);
    split.push_back(spans[i].kernel);
    turned.push_back(spans[i].kernel);
    perm.push_back(axis + 1);
  }
  w = b.reshape(b.transpose(b.reshape(w, split), perm), turned);
  ValueId x = x0;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    Span& s = spans[i];
    const auto axis = static_cast<std::int64_t>(i) + 2;
    x = spread_out(b, x, axis, s.stride);
    const std::int64_t reach = (s.kernel - 1) * s.dilation;
    // Pads that cut more than the kernel reaches crop the image itself.
    const std::int64_t begin = reach - s.begin, end = reach - s.end + extra[i];
    const std::int64_t size = (s.in - 1) * s.stride + 1;
    const std::int64_t crop = std::max<std::int64_t>(0, -begin);
    const std::int64_t crop_end = std::max<std::int64_t>(0, -end);
    if (crop > 0 || crop_end > 0) x = b.slice(x, axis, crop, size - crop_end);
    s.in = size - crop - crop_end;
    s.begin = std::max<std::int64_t>(0, begin);
    s.end = std::max<std::int64_t>(0, end);
    s.stride = 1;
  }
  const ValueId y = biased(b, convolved(b, x, w, spans, group));
  return {b.cast(y, b.type(b.in(0)))};
}

}  // namespace neuron::compile::onnx
