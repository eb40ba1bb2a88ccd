// SPDX-License-Identifier: Apache-2.0
// Operators that move elements, sum them up and tell shapes.
#include <algorithm>
#include <limits>
#include <numeric>

#include "compile/constants.h"
#include "compile/import/tensorflow/shared.h"

namespace neuron::compile::tensorflow {
namespace {

std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

ValueId shape_of(Draft& d, ValueId v, DType type) {
  const Shape shape = d.shape(v);
  return d.list({shape.begin(), shape.end()}, type);
}

/// A shape with at most one -1 in it, for `count` elements.
Shape resolved(Draft& d, Shape to, std::int64_t count) {
  std::int64_t others = 1, open = -1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == -1 && open < 0)
      open = static_cast<std::int64_t>(i);
    else if (to[i] < 0 || (to[i] > 0 && others > kMaxElements / to[i]))
      d.malformed("a shape of {}", text_of(to));
    else
      others *= to[i];
  }
  if (open >= 0 && !d.failed()) to[at(open)] = others == 0 ? 0 : count / others;
  return to;
}

}  // namespace

Values reshape_to(Draft& d, const char* onnx) {
  const ValueId x = d.in(0), shape = d.in(1);
  if (!d.known(shape) && d.count(shape) > 0) return {d.one(onnx, {x, d.cast(shape, DType::Int64)})};
  const Shape to = resolved(d, d.constant_integers(shape, "shape"), d.count(x));
  if (!d.failed() && count_of(to) != d.count(x))
    d.malformed("shape {} becomes {}", text_of(d.shape(x)), text_of(to));
  return {d.reshape(x, to)};
}

Values shape_list(Draft& d, const char*) {
  Values out;
  for (std::size_t i = 0; i < d.inputs(); ++i)
    out.push_back(shape_of(d, d.in(i), type_at(d, "out_type", DType::Int32)));
  return out;
}
Values size_number(Draft& d, const char*) {
  const DType type = type_at(d, "out_type", DType::Int32);
  return {d.reshape(d.list({d.count(d.in(0))}, type), {})};
}
Values rank_number(Draft& d, const char*) {
  return {d.reshape(d.list({d.rank(d.in(0))}, DType::Int32), {})};
}

Values squeeze_axes(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Ints axes = d.integers("squeeze_dims");
  if (axes.empty()) axes = d.integers("axis");
  for (std::int64_t& axis : axes) axis = d.front(axis, d.rank(x));
  Shape to;
  for (std::int64_t a = 0; a < d.rank(x); ++a) {
    const bool named = std::count(axes.begin(), axes.end(), a) != 0;
    if (named && d.dim(x, a) != 1) d.malformed("axis {} has size {}, expected 1", a, d.dim(x, a));
    if (axes.empty() ? d.dim(x, a) != 1 : !named) to.push_back(d.dim(x, a));
  }
  return {d.failed() ? x : d.reshape(x, to)};
}
Values expand_dims(Draft& d, const char*) {
  return {d.unsqueeze(d.in(0), known_number(d, d.in(1), "axis"))};
}

Values transpose_axes(Draft& d, const char*) {
  const ValueId x = d.in(0);
  Ints perm = d.constant_integers(d.in(1), "order of axes");
  Ints all(perm.size());
  std::iota(all.begin(), all.end(), 0);
  for (std::int64_t& axis : perm) axis = d.front(axis, d.rank(x));
  if (static_cast<std::int64_t>(perm.size()) != d.rank(x) ||
      !std::is_permutation(perm.begin(), perm.end(), all.begin()))
    d.malformed("axes {} of shape {}", text_of(perm), text_of(d.shape(x)));
  return {d.failed() ? x : d.transpose(x, perm)};
}

Values concatenate(Draft& d, const char* where) {
  Values parts;
  for (std::size_t i = 0; i < d.inputs(); ++i) parts.push_back(d.in(i));
  const bool last = std::string_view(where) == "last";
  const ValueId axis = last ? parts.back() : parts.front();
  parts.erase(last ? parts.end() - 1 : parts.begin());
  const std::int64_t along = d.front(known_number(d, axis, "axis"), d.rank(parts[0]));
  // Parts without elements add nothing, whatever their other axes are.
  Values full;
  for (ValueId part : parts)
    if (d.count(part) > 0) full.push_back(part);
  return {full.empty() ? parts[0] : d.concat(full, along)};
}

static Values cut(Draft& d, ValueId x, std::int64_t axis, const Ints& sizes) {
  const std::int64_t along = d.front(axis, d.rank(x));
  const std::int64_t all = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  if (!d.failed() && all != d.dim(x, along))
    d.malformed("{} pixels of axis {} in parts {}", d.dim(x, along), along, text_of(sizes));
  Values parts;
  std::int64_t from = 0;
  for (std::int64_t size : sizes) {
    parts.push_back(d.failed() ? x : d.slice(x, along, from, from + size));
    from += size;
  }
  return parts;
}

Values split_even(Draft& d, const char*) {
  const ValueId x = d.in(1);
  const std::int64_t axis = d.front(known_number(d, d.in(0), "axis"), d.rank(x));
  const std::int64_t parts = d.integer("num_split", 1);
  if (parts < 1 || parts > 65536 || d.dim(x, axis) % parts != 0) {
    d.malformed("axis {} of {} in {} parts", axis, text_of(d.shape(x)), parts);
    return {x};
  }
  return cut(d, x, axis, Ints(at(parts), d.dim(x, axis) / parts));
}

Values split_sizes(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(known_number(d, d.in(2), "axis"), d.rank(x));
  Ints sizes = d.constant_integers(d.in(1), "list of sizes");
  const std::int64_t named = std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0});
  // One of them may be -1: what is left.
  if (const auto open = std::find(sizes.begin(), sizes.end(), -1); open != sizes.end())
    *open = d.dim(x, axis) - (named + 1);
  if (std::any_of(sizes.begin(), sizes.end(), [](std::int64_t s) { return s < 0; }))
    d.malformed("parts of sizes {}", text_of(sizes));
  return cut(d, x, axis, sizes);
}

Values unpack(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(d.integer("axis", 0), d.rank(x)), size = d.dim(x, axis);
  if (d.integer("num", size) != size || size > 65536)
    d.malformed("{} parts of {}", d.integer("num", size), text_of(d.shape(x)));
  Values parts;
  for (std::int64_t i = 0; i < size && !d.failed(); ++i)
    parts.push_back(d.squeeze(d.slice(x, axis, i, i + 1), axis));
  return parts;
}
Values pack(Draft& d, const char*) {
  const std::int64_t axis = d.front(d.integer("axis", 0), d.rank(d.in(0)) + 1);
  Values parts;
  for (std::size_t i = 0; i < d.inputs(); ++i) parts.push_back(d.unsqueeze(d.in(i), axis));
  return {d.concat(parts, axis)};
}

Values slice_sizes(Draft& d, const char* onnx) {
  const ValueId x = d.in(0);
  const Ints sizes = d.constant_integers(d.in(2), "size");
  if (static_cast<std::int64_t>(sizes.size()) != d.rank(x)) {
    d.malformed("{} sizes for shape {}", sizes.size(), text_of(d.shape(x)));
    return {x};
  }
  Ints ends(sizes.size()), axes(sizes.size());
  std::iota(axes.begin(), axes.end(), 0);
  const Ints starts = d.constant_integers(d.in(1), "begin");
  if (starts.size() != sizes.size()) {
    d.malformed("{} begins for shape {}", starts.size(), text_of(d.shape(x)));
    return {x};
  }
  for (std::size_t a = 0; a < sizes.size(); ++a) {
    const std::int64_t size = d.dim(x, static_cast<std::int64_t>(a));
    ends[a] = sizes[a] == -1 ? size : starts[a] + sizes[a];
    if (starts[a] < 0 || sizes[a] < -1 || ends[a] > size || ends[a] < starts[a])
      d.malformed("{} pixels from {} of axis {}, which has {}", sizes[a], starts[a], a, size);
  }
  if (d.shape(x) == ends && std::count(starts.begin(), starts.end(), 0) == d.rank(x)) return {x};
  return {d.one(onnx, {x, d.list(starts), d.list(ends), d.list(axes)})};
}

namespace {

/// What one entry of a StridedSlice takes of its axis.
struct Cut {
  std::int64_t start, end, step;
};
Cut cut_of(Draft& d, std::int64_t size, Cut given, bool from_edge, bool to_edge, bool one) {
  if (given.step == 0) d.malformed("a step of 0");
  if (one) {
    const std::int64_t place = given.start < 0 ? given.start + size : given.start;
    if (place < 0 || place >= size) d.malformed("place {} of {}", given.start, size);
    return {place, place + 1, 1};
  }
  const bool forward = given.step > 0;
  const auto inside = [&](std::int64_t place) {
    if (place < 0) place += size;
    return std::clamp(place, forward ? std::int64_t{0} : std::int64_t{-1},
                      forward ? size : size - 1);
  };
  const std::int64_t start = from_edge ? (forward ? 0 : size - 1) : inside(given.start);
  const std::int64_t end = to_edge ? (forward ? size : -1) : inside(given.end);
  return {start, end, given.step};
}

}  // namespace

Values strided_slice(Draft& d, const char* onnx) {
  const ValueId x = d.in(0);
  const Ints begin = d.constant_integers(d.in(1), "begin"),
             end = d.constant_integers(d.in(2), "end");
  const Ints steps = d.constant_integers(d.in(3), "list of strides");
  if (begin.size() != end.size() || begin.size() != steps.size() || begin.size() > 32) {
    d.malformed("{} begins, {} ends and {} strides", begin.size(), end.size(), steps.size());
    return {x};
  }
  const auto bit = [&](const char* mask, std::size_t i) {
    return (d.integer(mask, 0) >> i & 1) != 0;
  };
  std::size_t used = 0;  // axes that entries name
  for (std::size_t i = 0; i < begin.size(); ++i)
    if (!bit("ellipsis_mask", i) && !bit("new_axis_mask", i)) ++used;
  const auto rank = at(d.rank(x));
  if (used > rank) {
    d.malformed("{} axes are cut of shape {}", used, text_of(d.shape(x)));
    return {x};
  }
  Ints starts, ends, axes, strides;
  Shape to;
  std::size_t axis = 0;
  const auto whole = [&](std::size_t count) {
    for (; count > 0; --count) to.push_back(d.shape(x)[axis++]);
  };
  for (std::size_t i = 0; i < begin.size(); ++i) {
    if (bit("ellipsis_mask", i)) {
      whole(rank - used);
      used = rank;  // only the first counts
      continue;
    }
    if (bit("new_axis_mask", i)) {
      to.push_back(1);
      continue;
    }
    const std::int64_t size = d.shape(x)[axis];
    const bool one = bit("shrink_axis_mask", i);
    const Cut c = cut_of(d, size, {begin[i], end[i], steps[i]}, bit("begin_mask", i),
                         bit("end_mask", i), one);
    if (d.failed()) return {x};
    const std::int64_t count =
        std::max<std::int64_t>(0, c.step > 0 ? (c.end - c.start + c.step - 1) / c.step
                                             : (c.start - c.end - c.step - 1) / -c.step);
    if (!one) to.push_back(count);
    if (c.start != 0 || c.end != size || c.step != 1) {
      starts.push_back(c.start);
      ends.push_back(c.end < 0 ? std::numeric_limits<std::int64_t>::min() / 2 : c.end);
      axes.push_back(static_cast<std::int64_t>(axis));
      strides.push_back(c.step);
    }
    ++axis;
  }
  whole(rank - axis);
  const ValueId part =
      axes.empty() ? x
                   : d.one(onnx, {x, d.list(starts), d.list(ends), d.list(axes), d.list(strides)});
  return {d.failed() ? x : d.reshape(part, to)};
}

Values tile(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0), d.cast(d.in(1), DType::Int64)})};
}
Values fill(Draft& d, const char*) {
  const Shape to = d.constant_integers(d.in(0), "shape");
  if (auto fits = check_shape(to); !fits) d.stop(fits.error());
  return {d.failed() ? d.in(1) : d.expand(d.in(1), to)};
}
Values broadcast_to(Draft& d, const char*) {
  const Shape to = d.constant_integers(d.in(1), "shape");
  return {d.failed() ? d.in(0) : d.expand(d.in(0), to)};
}
Values broadcast_args(Draft& d, const char*) {
  const auto both =
      broadcast(d.constant_integers(d.in(0), "shape"), d.constant_integers(d.in(1), "shape"));
  if (both) return {d.list({both->begin(), both->end()}, d.type(d.in(0)))};
  d.stop(both.error());
  return {d.in(0)};
}
Values range(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.reshape(d.in(0), {}), d.reshape(d.in(1), {}), d.reshape(d.in(2), {})})};
}
Values lin_space(Draft& d, const char*) {
  const std::int64_t count = known_number(d, d.in(2), "number of elements");
  if (count < 1 || count > (1 << 24)) d.malformed("{} elements", count);
  if (d.failed()) return {d.in(0)};
  const DType type = d.type(d.in(0));
  const ValueId step =
      d.div(d.sub(d.in(1), d.in(0)), static_cast<double>(std::max<std::int64_t>(1, count - 1)));
  return {d.add(d.mul(d.iota(count, type), step), d.in(0))};
}

Values reverse_axes(Draft& d, const char*) {
  ValueId x = d.in(0);
  for (std::int64_t axis : d.constant_integers(d.in(1), "axis")) {
    const std::int64_t along = d.front(axis, d.rank(x));
    x = d.slice(x, along, -1, std::numeric_limits<std::int64_t>::min() / 2, -1);
  }
  return {x};
}
Values reverse_sequence(Draft& d, const char* onnx) {
  const std::int64_t time = d.integer("seq_dim", 0), batch = d.integer("batch_dim", 0);
  if (time + batch != 1 || time * batch != 0)
    d.refuse("seq_dim {} and batch_dim {}; supported are 0 and 1", time, batch);
  return {d.one(onnx, {d.in(0), d.cast(d.in(1), DType::Int64)},
                {{"time_axis", time}, {"batch_axis", batch}})};
}
Values invert_permutation(Draft& d, const char*) {
  const Ints perm = d.constant_integers(d.in(0), "permutation");
  Ints inverse(perm.size(), -1);
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] < 0 || at(perm[i]) >= perm.size() || inverse[at(perm[i])] >= 0) {
      d.malformed("{} is no permutation", text_of(perm));
      return {d.in(0)};
    }
    inverse[at(perm[i])] = static_cast<std::int64_t>(i);
  }
  return {d.list(inverse, d.type(d.in(0)))};
}

Values reduce(Draft& d, const char* onnx) {
  const Ints axes = d.constant_integers(d.in(1), "axes");
  if (axes.empty()) return {d.in(0)};
  return {d.one(onnx, {d.in(0), d.list(axes)}, {{"keepdims", d.integer("keep_dims", 0)}})};
}
Values reduce_bool(Draft& d, const char* onnx) {
  const Ints axes = d.constant_integers(d.in(1), "axes");
  if (axes.empty()) return {d.in(0)};
  const ValueId numbers = d.cast(d.in(0), DType::Float32);
  return {d.cast(d.one(onnx, {numbers, d.list(axes)}, {{"keepdims", d.integer("keep_dims", 0)}}),
                 DType::Bool)};
}

Values band_part(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t below = known_number(d, d.in(1), "number of diagonals");
  const std::int64_t above = known_number(d, d.in(2), "number of diagonals");
  const std::int64_t rows = d.dim(x, -2), columns = d.dim(x, -1);
  if (d.rank(x) < 2) d.malformed("shape {} has no diagonals", text_of(d.shape(x)));
  if (d.failed()) return {x};
  Tensor mask = make_tensor(DType::Bool, {rows, columns});
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      store_integer(mask, at(r * columns + c),
                    (below < 0 || r - c <= below) && (above < 0 || c - r <= above));
  return {d.where(d.constant(std::move(mask)), x, d.scalar_like(0, x))};
}

}  // namespace neuron::compile::tensorflow
