// SPDX-License-Identifier: Apache-2.0
// Operators that move elements without looking at them.
#include <limits>

#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// The input's bytes under another shape.
void reform(Step& s, Shape shape) {
  const Operand& x = in(s, 0);
  if (elements(shape) != elements(x.shape))
    refuse(text_of_shape(x.shape), " has not as many elements as ", text_of_shape(shape));
  Tensor& out = make(s, 0, x.type, std::move(shape));
  if (!s.only_forms) out.bytes.assign(x.bytes.begin(), x.bytes.end());
}

bool told(const Step& s) { return !s.shapes.empty(); }

}  // namespace

void shape(Step& s) {
  const Shape& x = in(s, 0).shape;
  const auto rank = static_cast<std::int64_t>(x.size());
  const auto place = [&](std::int64_t at) {
    return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  const std::int64_t start = place(integer(s, "start", 0)), end = place(integer(s, "end", rank));
  Tensor& out = make(s, 0, DType::Int64, {std::max<std::int64_t>(end - start, 0)});
  if (s.only_forms) return;
  for (std::int64_t i = start; i < end; ++i)
    put<std::int64_t>(out.bytes, out.type, static_cast<std::size_t>(i - start),
                      x[static_cast<std::size_t>(i)]);
}

void size(Step& s) {
  const auto count = static_cast<std::int64_t>(elements(in(s, 0).shape));
  Tensor& out = make(s, 0, DType::Int64, {});
  if (!s.only_forms) put<std::int64_t>(out.bytes, out.type, 0, count);
}

void reshape(Step& s) {
  if (told(s) && !has(s, 1)) return reform(s, s.shapes[0]);
  const Shape& x = in(s, 0).shape;
  Shape to = list(s, 1, "shape").value_or(Ints{});
  const bool zeros = integer(s, "allowzero", 0) != 0;
  std::int64_t known = 1, open = -1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && !zeros) to[i] = i < x.size() ? x[i] : 0;
    if (to[i] == -1)
      open = static_cast<std::int64_t>(i);
    else
      known *= to[i];
  }
  if (open >= 0)
    to[static_cast<std::size_t>(open)] =
        known > 0 ? static_cast<std::int64_t>(elements(x)) / known : 0;
  reform(s, to);
}

void flatten(Step& s) {
  const Shape& x = in(s, 0).shape;
  std::int64_t axis = integer(s, "axis", 1);
  if (axis < 0) axis += static_cast<std::int64_t>(x.size());
  const auto at = static_cast<std::size_t>(std::max<std::int64_t>(axis, 0));
  reform(s, {product(x, 0, at), product(x, at, x.size())});
}

void squeeze(Step& s) {
  const Shape& x = in(s, 0).shape;
  const auto listed = list(s, 1, "axes");
  const Ints axes = listed ? fronts(*listed, x.size()) : Ints{};
  Shape to;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool gone =
        listed ? std::count(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) > 0 : x[i] == 1;
    if (!gone) to.push_back(x[i]);
  }
  reform(s, to);
}

void unsqueeze(Step& s) {
  const Shape& x = in(s, 0).shape;
  Ints axes = list(s, 1, "axes").value_or(Ints{});
  axes = fronts(axes, x.size() + axes.size());
  std::sort(axes.begin(), axes.end());
  Shape to = x;
  for (const std::int64_t axis : axes) to.insert(to.begin() + axis, 1);
  reform(s, to);
}

void transpose(Step& s) {
  const Operand& x = in(s, 0);
  Ints perm = attribute<Ints>(s, "perm", {});
  if (perm.empty())
    for (std::size_t i = x.shape.size(); i-- > 0;) perm.push_back(static_cast<std::int64_t>(i));
  perm = fronts(perm, x.shape.size());
  require(perm.size() == x.shape.size(), "perm does not fit");
  const Ints own = strides_of(x.shape);
  Ints strides;
  Shape to;
  for (const std::int64_t axis : perm) {
    strides.push_back(own[static_cast<std::size_t>(axis)]);
    to.push_back(x.shape[static_cast<std::size_t>(axis)]);
  }
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  walk(to, 0, strides,
       [&](std::size_t at, std::size_t from) { copy_element(x.bytes, from, out, at); });
}

void concat(Step& s) {
  const auto axis = static_cast<std::size_t>(front(integer(s, "axis", 0), in(s, 0).shape.size()));
  Shape to = in(s, 0).shape;
  for (std::size_t i = 1; i < s.inputs.size(); ++i) {
    Shape other = in(s, i).shape;
    require(other.size() == to.size() && in(s, i).type == in(s, 0).type, "parts do not fit");
    to[axis] += other[axis];
    other[axis] = to[axis];
    if (other != to) refuse("parts do not fit: ", text_of_shape(other));
  }
  Tensor& out = make(s, 0, in(s, 0).type, to);
  if (s.only_forms) return;
  const std::size_t size = size_of(out.type),
                    outer = static_cast<std::size_t>(product(to, 0, axis));
  const std::size_t row = static_cast<std::size_t>(product(to, axis, to.size())) * size;
  std::size_t at = 0;
  for (std::size_t i = 0; i < s.inputs.size(); ++i) {
    const Operand& x = in(s, i);
    const std::size_t part = static_cast<std::size_t>(product(x.shape, axis, to.size())) * size;
    for (std::size_t o = 0; o < outer && part > 0; ++o)
      std::memcpy(out.bytes.data() + o * row + at, x.bytes.data() + o * part, part);
    at += part;
  }
}

void split(Step& s) {
  const Operand& x = in(s, 0);
  const std::int64_t axis = front(integer(s, "axis", 0), x.shape.size());
  const std::int64_t whole = x.shape[static_cast<std::size_t>(axis)];
  const auto parts = static_cast<std::int64_t>(s.outputs);
  Ints sizes = list(s, 1, "split").value_or(Ints{});
  if (sizes.empty()) {
    const std::int64_t each = (whole + parts - 1) / parts;
    for (std::int64_t i = 0; i < parts; ++i)
      sizes.push_back(std::clamp<std::int64_t>(whole - i * each, 0, each));
  }
  require(static_cast<std::int64_t>(sizes.size()) == parts, "as many sizes as outputs are needed");
  std::int64_t at = 0;
  for (std::size_t i = 0; i < s.outputs; at += sizes[i++]) {
    require(sizes[i] >= 0 && at + sizes[i] <= whole, "the parts are more than the whole");
    Shape to = x.shape;
    to[static_cast<std::size_t>(axis)] = sizes[i];
    Tensor& out = make(s, i, x.type, to);
    if (s.only_forms) continue;
    const Ints strides = strides_of(x.shape);
    walk(to, at * strides[static_cast<std::size_t>(axis)], strides,
         [&](std::size_t k, std::size_t from) { copy_element(x.bytes, from, out, k); });
  }
}

void slice(Step& s) {
  const Operand& x = in(s, 0);
  const Ints starts = list(s, 1, "starts").value_or(Ints{}),
             ends = list(s, 2, "ends").value_or(Ints{});
  Ints axes = list(s, 3, "axes").value_or(Ints{}), steps = list(s, 4, "steps").value_or(Ints{});
  if (axes.empty())
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (steps.empty()) steps.assign(starts.size(), 1);
  axes = fronts(axes, x.shape.size());
  require(
      ends.size() == starts.size() && axes.size() == starts.size() && steps.size() == starts.size(),
      "starts, ends, axes and steps do not fit");
  Shape to = x.shape;
  Ints strides = strides_of(x.shape);
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    const std::int64_t dim = x.shape[axis];
    const std::int64_t step = std::max(steps[i], -std::numeric_limits<std::int64_t>::max());
    require(step != 0, "a step is 0");
    // Canonical slices that run backwards past the start say so with an end of -1 and no inputs.
    const bool past = step < 0 && ends[i] == -1 && !has(s, 2) && s.opset == 0;
    std::int64_t start = starts[i] < 0 ? starts[i] + dim : starts[i];
    std::int64_t end = past          ? -1
                       : ends[i] < 0 ? std::max<std::int64_t>(ends[i] + dim, -1)
                                     : ends[i];
    start = std::clamp<std::int64_t>(start, 0, step < 0 ? dim - 1 : dim);
    end = std::clamp<std::int64_t>(end, step < 0 ? -1 : 0, dim);
    const std::int64_t span = step > 0 ? end - start : start - end;
    const std::int64_t stride = step > 0 ? step : -step;
    to[axis] = dim == 0 || span <= 0 ? 0 : (span - 1) / stride + 1;
    begin += start * strides[axis];
    strides[axis] *= to[axis] > 1 ? step : 1;
  }
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  walk(to, begin, strides,
       [&](std::size_t at, std::size_t from) { copy_element(x.bytes, from, out, at); });
}

void expand(Step& s) {
  const Operand& x = in(s, 0);
  const Shape to = has(s, 1) || !told(s) ? broadcast(x.shape, list(s, 1, "shape").value_or(Ints{}))
                                         : s.shapes[0];
  if (broadcast(x.shape, to) != to) refuse(text_of_shape(x.shape), " does not broadcast");
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  walk(to, 0, spread_strides(x.shape, to),
       [&](std::size_t at, std::size_t from) { copy_element(x.bytes, from, out, at); });
}

void tile(Step& s) {
  const Operand& x = in(s, 0);
  const Ints repeats = list(s, 1, "repeats").value_or(Ints{});
  require(repeats.size() == x.shape.size(), "one repeat an axis is needed");
  Shape to = x.shape;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] *= repeats[i];
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const Ints own = strides_of(x.shape), full = strides_of(to);
  for (std::size_t at = 0; at < elements(to); ++at) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < to.size(); ++i)
      from += static_cast<std::int64_t>(at) / full[i] % to[i] % x.shape[i] * own[i];
    copy_element(x.bytes, static_cast<std::size_t>(from), out, at);
  }
}

/// Small constants travel inside programs.
void constant(Step& s) {
  const auto value = attribute<Tensor>(s, "value", {});
  require(elements(value.shape) * size_of(value.type) == value.bytes.size(), "no value");
  make(s, 0, value.type, value.shape).bytes = value.bytes;
}

void constant_of_shape(Step& s) {
  const auto at = s.attributes.find("value");
  const Tensor* value = at == s.attributes.end() ? nullptr : std::get_if<Tensor>(&at->second);
  Tensor& out = make(s, 0, value ? value->type : DType::Float32, integers(in(s, 0)));
  if (s.only_forms || !value) return;
  for (std::size_t i = 0; i < elements(out.shape); ++i) copy_element(value->bytes, 0, out, i);
}

void range(Step& s) {
  const Operand &start = in(s, 0), &limit = in(s, 1), &delta = in(s, 2);
  const double first = numbers(start)[0], step = numbers(delta)[0];
  require(step != 0, "the step is 0");
  const double count = std::ceil((numbers(limit)[0] - first) / step);
  require(count < 1e11, "too many elements");
  Tensor& out = make(s, 0, start.type, {count > 0 ? static_cast<std::int64_t>(count) : 0});
  if (s.only_forms) return;
  in_type(start.type, [&]<class T>(T) {
    const T from = get<T>(start.bytes, start.type, 0), by = get<T>(delta.bytes, delta.type, 0);
    for (std::size_t i = 0; i < elements(out.shape); ++i)
      put<T>(out.bytes, out.type, i, static_cast<T>(from + static_cast<T>(i) * by));
  });
}

void one_hot(Step& s) {
  const Operand &places = in(s, 0), &values = in(s, 2);
  const Ints depths = integers(in(s, 1));
  require(depths.size() == 1 && depths[0] >= 0, "depth is no number");
  const std::int64_t depth = depths[0];
  const std::int64_t axis = front(integer(s, "axis", -1), places.shape.size() + 1);
  Shape to = places.shape;
  to.insert(to.begin() + axis, depth);
  Tensor& out = make(s, 0, values.type, to);
  if (s.only_forms) return;
  const Ints at = widen<std::int64_t>(places);
  const Around a = around(to, axis);
  for (std::size_t k = 0; k < elements(to); ++k) copy_element(values.bytes, 0, out, k);
  for (std::size_t o = 0; o < a.outer; ++o)
    for (std::size_t i = 0; i < a.inner; ++i) {
      std::int64_t hot = at[o * a.inner + i];
      hot += hot < 0 ? depth : 0;
      if (hot >= 0 && hot < depth)
        copy_element(values.bytes, 1, out,
                     (o * a.size + static_cast<std::size_t>(hot)) * a.inner + i);
    }
}

void eye_like(Step& s) {
  const Operand& x = in(s, 0);
  require(x.shape.size() == 2, "the input is no matrix");
  const DType type = declared(
      s, 0, has_attribute(s, "dtype") ? static_cast<DType>(integer(s, "dtype", 0)) : x.type);
  Tensor& out = make(s, 0, type, x.shape);
  if (s.only_forms) return;
  const std::int64_t k = integer(s, "k", 0);
  for (std::int64_t i = std::max<std::int64_t>(0, -k); i < x.shape[0] && i + k < x.shape[1]; ++i)
    put<double>(out.bytes, type, static_cast<std::size_t>(i * x.shape[1] + i + k), 1);
}

void trilu(Step& s) {
  const Operand& x = in(s, 0);
  require(x.shape.size() >= 2, "the input is no matrix");
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  const std::int64_t k = has(s, 1) ? widen<std::int64_t>(in(s, 1))[0] : 0;
  const std::int64_t rows = x.shape[x.shape.size() - 2], columns = x.shape.back();
  const bool upper = integer(s, "upper", 1) != 0;
  for (std::size_t i = 0; i < elements(x.shape); ++i) {
    const std::int64_t c = static_cast<std::int64_t>(i) % columns;
    const std::int64_t r = static_cast<std::int64_t>(i) / columns % rows;
    if (upper ? c - r >= k : c - r <= k) copy_element(x.bytes, i, out, i);
  }
}

}  // namespace neuron::cpu
