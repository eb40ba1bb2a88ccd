// SPDX-License-Identifier: Apache-2.0
// Operators that move elements or sum them up.
#include <algorithm>
#include <limits>
#include <numeric>

#include "compile/constants.h"
#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {
namespace {

std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

ValueId reshaped(Draft& d, ValueId x, const Shape& to) {
  const bool negative = std::any_of(to.begin(), to.end(), [](std::int64_t s) { return s < 0; });
  if (negative || count_of(to) != d.count(x))
    d.malformed("shape {} becomes {}", text_of(d.shape(x)), text_of(to));
  return d.failed() ? x : d.reshape(x, to);
}

/// MXNet's codes: 0 copies, -1 is what is left, -2 copies all that is left, -3 joins two axes, -4
/// splits one.
Shape decoded(Draft& d, const Shape& from, const Ints& codes) {
  Shape to;
  std::size_t axis = 0;
  std::optional<std::size_t> open;
  const auto next = [&] {
    if (axis >= from.size()) d.malformed("codes {} for shape {}", text_of(codes), text_of(from));
    return axis < from.size() ? from[axis++] : 1;
  };
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const std::int64_t code = codes[i];
    if (code > 0) {
      to.push_back(code);
      ++axis;
    } else if (code == 0) {
      to.push_back(next());
    } else if (code == -1) {
      open = to.size();
      to.push_back(1);
      ++axis;
    } else if (code == -2) {
      while (axis < from.size()) to.push_back(from[axis++]);
    } else if (code == -3) {
      const std::int64_t first = next();
      to.push_back(first * next());
    } else if (code == -4 && i + 2 < codes.size()) {
      const std::int64_t whole = next();
      std::int64_t a = codes[++i], b = codes[++i];
      if (a == -1 && b > 0) a = whole / b;
      if (b == -1 && a > 0) b = whole / a;
      to.insert(to.end(), {a, b});
    } else {
      d.malformed("code {} in shape {}", code, text_of(codes));
      return from;
    }
  }
  const std::int64_t others = count_of(to);
  if (open) to[*open] = others == 0 ? 0 : count_of(from) / others;
  return to;
}

Ints axes_at(Draft& d, const char* name, std::int64_t rank) {
  Ints axes = tuple_at(d, name);
  for (std::int64_t& axis : axes) axis = d.front(axis, rank);
  return axes;
}

}  // namespace

Values reshape_to(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Ints codes = tuple_at(d, "shape");
  if (codes.empty()) codes = tuple_at(d, "target_shape");  // of old files: 0 is what is left
  Shape from = d.shape(x);
  const bool back = flag_at(d, "reverse", false);
  if (back) {
    std::reverse(from.begin(), from.end());
    std::reverse(codes.begin(), codes.end());
  }
  Shape to = decoded(d, from, codes);
  if (back) std::reverse(to.begin(), to.end());
  return {reshaped(d, x, to)};
}
Values flatten(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t rows = d.rank(x) > 0 ? d.dim(x, 0) : 1;
  return {reshaped(d, x, {rows, rows == 0 ? 0 : d.count(x) / rows})};
}

Values concatenate(Draft& d, const char*) {
  Values parts;
  for (std::size_t i = 0; i < d.inputs(); ++i) parts.push_back(d.in(i));
  return {d.concat(parts, d.front(int_at(d, "dim", 1), d.rank(parts[0])))};
}
Values stack(Draft& d, const char*) {
  const std::int64_t axis = d.front(int_at(d, "axis", 0), d.rank(d.in(0)) + 1);
  Values parts;
  for (std::size_t i = 0; i < d.inputs(); ++i) parts.push_back(d.unsqueeze(d.in(i), axis));
  return {d.concat(parts, axis)};
}

Values slice_channel(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(int_at(d, "axis", 1), d.rank(x));
  const std::int64_t parts = int_at(d, "num_outputs", 1);
  if (parts < 1 || parts > 65536 || d.dim(x, axis) % parts != 0) {
    d.malformed("axis {} of {} in {} parts", axis, text_of(d.shape(x)), parts);
    return {x};
  }
  const std::int64_t size = d.dim(x, axis) / parts;
  Values out;
  for (std::int64_t i = 0; i < parts; ++i) {
    out.push_back(d.slice(x, axis, i * size, (i + 1) * size));
    if (flag_at(d, "squeeze_axis", false)) out.back() = d.squeeze(out.back(), axis);
  }
  return out;
}
Values split_v2(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(int_at(d, "axis", 0), d.rank(x)), size = d.dim(x, axis);
  Ints cuts = tuple_at(d, "indices");
  const std::int64_t sections = int_at(d, "sections", 0);
  if (sections > 0 && sections <= 65536) {
    cuts.clear();
    for (std::int64_t i = 0; i < sections; ++i) cuts.push_back(i * (size / sections));
  }
  cuts.push_back(size);
  Values out;
  for (std::size_t i = 0; i + 1 < cuts.size() && !d.failed(); ++i) {
    out.push_back(d.slice(x, axis, cuts[i], cuts[i + 1]));
    if (flag_at(d, "squeeze_axis", false)) out.back() = d.squeeze(out.back(), axis);
  }
  return out.empty() ? Values{x} : out;
}

Values slice_axis(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(int_at(d, "axis", 0), d.rank(x)), size = d.dim(x, axis);
  return {d.slice(x, axis, int_at(d, "begin", 0), int_at(d, "end", size))};
}
Values slice_box(Draft& d, const char*) {
  ValueId x = d.in(0);
  const auto begin = open_tuple_at(d, "begin"), end = open_tuple_at(d, "end");
  const auto step = open_tuple_at(d, "step");
  if (begin.size() != end.size() || static_cast<std::int64_t>(begin.size()) > d.rank(x))
    d.malformed("{} begins and {} ends for shape {}", begin.size(), end.size(),
                text_of(d.shape(x)));
  for (std::size_t a = 0; a < begin.size() && !d.failed(); ++a) {
    const auto axis = static_cast<std::int64_t>(a);
    const std::int64_t by = a < step.size() ? step[a].value_or(1) : 1, size = d.dim(x, axis);
    const std::int64_t last = std::numeric_limits<std::int64_t>::min() / 2;
    const std::int64_t from = begin[a].value_or(by > 0 ? 0 : size - 1);
    const std::int64_t to = end[a].value_or(by > 0 ? size : last);
    if (from != 0 || to != size || by != 1) x = d.slice(x, axis, from, to, by);
  }
  return {x};
}
Values slice_like(Draft& d, const char*) {
  ValueId x = d.in(0);
  Ints axes = axes_at(d, "axes", d.rank(x));
  if (axes.empty())
    for (std::int64_t a = 0; a < d.rank(x); ++a) axes.push_back(a);
  for (std::int64_t a : axes)
    if (d.dim(d.in(1), a) != d.dim(x, a)) x = d.slice(x, a, 0, d.dim(d.in(1), a));
  return {x};
}
/// Rows and columns of the second input, or as told.
Values crop_like(Draft& d, const char*) {
  ValueId x = d.in(0);
  Ints size = tuple_at(d, "h_w"), offset = tuple_at(d, "offset");
  if (d.has(1)) size = {d.dim(d.in(1), 2), d.dim(d.in(1), 3)};
  offset.resize(2, 0);
  if (size.size() != 2 || d.rank(x) != 4) {
    d.malformed("{} is cropped to {}", text_of(d.shape(x)), text_of(size));
    return {x};
  }
  for (std::int64_t a : {0, 1}) {
    const std::int64_t all = d.dim(x, a + 2), want = size[at(a)];
    const std::int64_t from = flag_at(d, "center_crop", false) ? (all - want) / 2 : offset[at(a)];
    if (from < 0 || want < 1 || from + want > all)
      d.malformed("{} pixels from {} of {}", want, from, all);
    if (want != all && !d.failed()) x = d.slice(x, a + 2, from, from + want);
  }
  return {x};
}

Values transpose_axes(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Ints perm = axes_at(d, "axes", d.rank(x)), all(at(d.rank(x)));
  std::iota(all.begin(), all.end(), 0);
  if (perm.empty()) perm.assign(all.rbegin(), all.rend());
  if (perm.size() != all.size() || !std::is_permutation(perm.begin(), perm.end(), all.begin()))
    d.malformed("axes {} of shape {}", text_of(perm), text_of(d.shape(x)));
  return {d.failed() ? x : d.transpose(x, perm)};
}
Values swap_axes(Draft& d, const char*) {
  return {d.swap(d.in(0), int_at(d, "dim1", 0), int_at(d, "dim2", 0))};
}
Values expand_dims(Draft& d, const char*) { return {d.unsqueeze(d.in(0), int_at(d, "axis", 0))}; }
Values squeeze_axes(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const Ints axes = axes_at(d, "axis", d.rank(x));
  Shape to;
  for (std::int64_t a = 0; a < d.rank(x); ++a) {
    const bool gone = axes.empty() ? d.dim(x, a) == 1 : std::count(axes.begin(), axes.end(), a) > 0;
    if (!gone) to.push_back(d.dim(x, a));
  }
  return {reshaped(d, x, to)};
}

Values tile(Draft& d, const char*) {
  ValueId x = d.in(0);
  Ints counts = tuple_at(d, "reps");
  Shape shape = d.shape(x);
  while (shape.size() < counts.size()) shape.insert(shape.begin(), 1);
  while (counts.size() < shape.size()) counts.insert(counts.begin(), 1);
  return {d.one("Tile", {reshaped(d, x, shape), d.list(counts)})};
}
Values repeat(Draft& d, const char*) {
  ValueId x = d.in(0);
  const std::int64_t count = int_at(d, "repeats", 1);
  if (!has_at(d, "axis")) x = d.reshape(x, {d.count(x)});
  const std::int64_t axis = d.front(int_at(d, "axis", 0), d.rank(x));
  if (count < 1 || count > 65536 || d.failed()) {
    d.malformed("{} repeats", count);
    return {x};
  }
  Shape wide = d.shape(x), to = wide;
  wide.insert(wide.begin() + axis + 1, count);
  to[at(axis)] *= count;
  return {reshaped(d, d.expand(d.unsqueeze(x, axis + 1), wide), to)};
}
Values reverse_axes(Draft& d, const char*) {
  ValueId x = d.in(0);
  for (std::int64_t a : axes_at(d, "axis", d.rank(x)))
    x = d.slice(x, a, -1, std::numeric_limits<std::int64_t>::min() / 2, -1);
  return {x};
}

/// Pairs for each axis; ONNX has all begins first.
Values pad(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const Ints pairs = tuple_at(d, "pad_width");
  const auto rank = at(d.rank(x));
  if (pairs.size() != 2 * rank) {
    d.malformed("{} pads for shape {}", pairs.size(), text_of(d.shape(x)));
    return {x};
  }
  Ints pads(2 * rank);
  for (std::size_t i = 0; i < pairs.size(); ++i) pads[i / 2 + (i % 2) * rank] = pairs[i];
  return {d.one("Pad", {x, d.list(pads), d.scalar_like(real_at(d, "constant_value", 0), x)},
                {{"mode", word_at(d, "mode", "constant")}})};
}

Values broadcast_to(Draft& d, const char*) {
  Shape to = tuple_at(d, "shape");
  for (std::size_t a = 0; a < to.size(); ++a)
    if (to[a] == 0 && static_cast<std::int64_t>(a) < d.rank(d.in(0))) to[a] = d.shape(d.in(0))[a];
  return {d.failed() ? d.in(0) : d.expand(d.in(0), to)};
}
Values broadcast_axis(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Shape to = d.shape(x);
  const Ints axes = axes_at(d, "axis", d.rank(x)), sizes = tuple_at(d, "size");
  if (axes.size() != sizes.size()) d.malformed("{} axes and {} sizes", axes.size(), sizes.size());
  for (std::size_t i = 0; i < axes.size() && !d.failed(); ++i) to[at(axes[i])] = sizes[i];
  return {d.failed() ? x : d.expand(x, to)};
}
/// broadcast_like and reshape_like.
Values like(Draft& d, const char*) {
  const Shape to = d.shape(d.in(1));
  for (const char* part : {"lhs_begin", "lhs_end", "lhs_axes", "rhs_axes"})
    if (has_at(d, part)) d.refuse("'{}'; supported is the whole shape", part);
  if (d.node().op == "reshape_like") return {reshaped(d, d.in(0), to)};
  return {d.failed() ? d.in(0) : d.expand(d.in(0), to)};
}
Values depth(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0)}, {{"blocksize", int_at(d, "block_size", 1)}})};
}

static Ints reduced_axes(Draft& d) {
  const std::int64_t rank = d.rank(d.in(0));
  const Ints named = axes_at(d, "axis", rank);
  const bool exclude = flag_at(d, "exclude", false);
  Ints axes;
  for (std::int64_t a = 0; a < rank; ++a)
    if (named.empty() ? !exclude : (std::count(named.begin(), named.end(), a) > 0) != exclude)
      axes.push_back(a);
  return axes;
}
static ValueId reduced(Draft& d, const char* onnx, ValueId x) {
  const Ints axes = reduced_axes(d);
  const bool keep = flag_at(d, "keepdims", false);
  if (axes.empty()) return x;
  const ValueId y = d.one(onnx, {x, d.list(axes)}, {{"keepdims", std::int64_t{keep}}});
  return d.rank(y) == 0 ? d.reshape(y, {1}) : y;  // MXNet has no scalars
}
Values reduce(Draft& d, const char* onnx) { return {reduced(d, onnx, d.in(0))}; }
Values norm(Draft& d, const char*) {
  const std::int64_t order = int_at(d, "ord", 2);
  if (order != 1 && order != 2) d.refuse("ord {}; supported are 1 and 2", order);
  return {reduced(d, order == 1 ? "ReduceL1" : "ReduceL2", d.in(0))};
}

}  // namespace neuron::compile::mxnet
