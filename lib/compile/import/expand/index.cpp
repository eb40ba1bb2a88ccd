// SPDX-License-Identifier: Apache-2.0
// Elements picked and placed by indices: several indices become one, axes become equal.
#include <algorithm>

#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

std::int64_t product(const Shape& shape, std::int64_t from, std::int64_t to) {
  std::int64_t out = 1;
  for (std::int64_t d = from; d < to; ++d) out *= shape[static_cast<std::size_t>(d)];
  return out;
}

/// Whether two shapes are equal but for one axis.
bool alike(const Shape& a, const Shape& b, std::int64_t axis) {
  if (a.size() != b.size()) return false;
  for (std::size_t d = 0; d < a.size(); ++d)
    if (static_cast<std::int64_t>(d) != axis && a[d] != b[d]) return false;
  return true;
}

/// indices [..., k] into axes [first, first + k) of `shape`: one index into those axes as one.
ValueId linear(Builder& b, ValueId indices, const Shape& shape, std::int64_t first) {
  const ValueId all = b.cast(indices, DType::Int64);
  const std::int64_t last = b.rank(indices) - 1, count = b.dim(indices, -1);
  std::optional<ValueId> sum;
  for (std::int64_t d = 0; d < count && !b.failed(); ++d) {
    const auto size = static_cast<double>(shape[static_cast<std::size_t>(first + d)]);
    const ValueId at = b.squeeze(b.slice(all, last, d, d + 1), last);
    const ValueId front = b.where(b.less(at, 0), b.add(at, size), at);
    sum = sum ? b.add(b.mul(*sum, size), front) : front;
  }
  return sum ? *sum
             : b.expand(b.scalar(0, DType::Int64),
                        Shape(b.shape(indices).begin(), b.shape(indices).end() - 1));
}

/// The place in the flattened x of each element of indices, which run along `axis`.
ValueId flat_places(Builder& b, ValueId x, ValueId indices, std::int64_t axis) {
  const Shape shape = b.shape(x);
  const std::int64_t rank = b.rank(x);
  const ValueId at = b.cast(indices, DType::Int64);
  const ValueId front = b.where(b.less(at, 0), b.add(at, static_cast<double>(b.dim(x, axis))), at);
  ValueId sum = b.mul(front, static_cast<double>(product(shape, axis + 1, rank)));
  for (std::int64_t d = 0; d < rank; ++d)
    if (d != axis)
      sum = b.add(sum, b.mul(b.iota(b.dim(indices, d), DType::Int64, rank, d),
                             static_cast<double>(product(shape, d + 1, rank))));
  return b.reshape(sum, {b.count(indices)});
}

}  // namespace

Values gather_elements(Builder& b) {
  const ValueId x = b.in(0), indices = b.in(1);
  if (b.rank(x) == 0 || b.rank(x) != b.rank(indices))
    b.malformed("data has {} axes, indices have {}", b.rank(x), b.rank(indices));
  const std::int64_t axis = b.front(b.integer("axis", 0), b.rank(x));
  if (b.failed()) return {x};
  if (alike(b.shape(x), b.shape(indices), axis))
    return {b.op("GatherElements", {x, indices}, {{"axis", axis}})};
  const ValueId flat = b.reshape(x, {b.count(x)});
  const ValueId got =
      b.op("GatherElements", {flat, flat_places(b, x, indices, axis)}, {{"axis", std::int64_t{0}}});
  return {b.reshape(got, b.shape(indices))};
}

Values scatter_elements(Builder& b) {
  const ValueId x = b.in(0), indices = b.in(1), updates = b.in(2);
  if (b.rank(x) == 0 || b.rank(x) != b.rank(indices) || b.shape(indices) != b.shape(updates))
    b.malformed("data {}, indices {} and updates {} do not belong together", text_of(b.shape(x)),
                text_of(b.shape(indices)), text_of(b.shape(updates)));
  const std::int64_t axis = b.front(b.integer("axis", 0), b.rank(x));
  const std::string reduction = b.text("reduction", "none");
  if (b.failed()) return {x};
  if (alike(b.shape(x), b.shape(indices), axis))
    return {
        b.op("ScatterElements", {x, indices, updates}, {{"axis", axis}, {"reduction", reduction}})};
  const ValueId flat = b.reshape(x, {b.count(x)});
  const ValueId put =
      b.op("ScatterElements",
           {flat, flat_places(b, x, indices, axis), b.reshape(updates, {b.count(updates)})},
           {{"axis", std::int64_t{0}}, {"reduction", reduction}});
  return {b.reshape(put, b.shape(x))};
}

Values gather_nd(Builder& b) {
  const ValueId x = b.in(0), indices = b.in(1);
  const std::int64_t batch = b.integer("batch_dims", 0), k = b.dim(indices, -1);
  const Shape shape = b.shape(x), at = b.shape(indices);
  const auto rank = static_cast<std::int64_t>(shape.size());
  const auto depth = static_cast<std::int64_t>(at.size());
  if (batch < 0 || batch >= depth || batch + k > rank)
    b.malformed("{} indices after {} batch axes of {} axes", k, batch, rank);
  if (b.failed()) return {x};
  const std::int64_t batches = product(shape, 0, batch), size = product(shape, batch, batch + k);
  const std::int64_t inner = product(shape, batch + k, rank);
  const ValueId one = linear(b, indices, shape, batch);
  const std::int64_t count = batches == 0 ? 0 : b.count(one) / batches;
  Shape out(at.begin(), at.end() - 1);
  out.insert(out.end(), shape.begin() + batch + k, shape.end());
  if (batches == 1) {
    const ValueId rows = b.gather(b.reshape(x, {size, inner}), b.reshape(one, {count}), 0);
    return {b.reshape(rows, out)};
  }
  const ValueId places = b.expand(b.reshape(one, {batches, count, 1}), {batches, count, inner});
  const ValueId got = b.op("GatherElements", {b.reshape(x, {batches, size, inner}), places},
                           {{"axis", std::int64_t{1}}});
  return {b.reshape(got, out)};
}

Values scatter_nd(Builder& b) {
  const ValueId x = b.in(0), indices = b.in(1), updates = b.in(2);
  const Shape shape = b.shape(x);
  const std::int64_t k = b.dim(indices, -1);
  if (b.rank(indices) == 0 || k > b.rank(x)) b.malformed("{} indices into {} axes", k, b.rank(x));
  if (b.failed()) return {x};
  const std::int64_t size = product(shape, 0, k), inner = product(shape, k, b.rank(x));
  const ValueId one = linear(b, indices, shape, 0);
  const std::int64_t count = b.count(one);
  const ValueId places = b.expand(b.reshape(one, {count, 1}), {count, inner});
  const ValueId put = b.op(
      "ScatterElements", {b.reshape(x, {size, inner}), places, b.reshape(updates, {count, inner})},
      {{"axis", std::int64_t{0}}, {"reduction", b.text("reduction", "none")}});
  return {b.reshape(put, shape)};
}

/// Place t of a sequence of length n is n - 1 - t for t < n, else t.
Values reverse_sequence(Builder& b) {
  const ValueId x = b.in(0), lengths = b.cast(b.in(1), DType::Int64);
  const std::int64_t time = b.integer("time_axis", 0), batch = b.integer("batch_axis", 1);
  if (b.rank(x) < 2 || time + batch != 1 || b.count(lengths) != b.dim(x, batch))
    b.malformed("time_axis is {}, batch_axis is {}, expected 0 and 1", time, batch);
  if (b.failed()) return {x};
  Shape along(static_cast<std::size_t>(b.rank(x)), 1);
  along[static_cast<std::size_t>(batch)] = b.dim(x, batch);
  const ValueId n = b.reshape(lengths, along);
  const ValueId t = b.iota(b.dim(x, time), DType::Int64, b.rank(x), time);
  const ValueId at = b.where(b.op("Less", {t, n}), b.sub(b.sub(n, t), 1.0), t);
  return {b.op("GatherElements", {x, b.expand(at, b.shape(x))}, {{"axis", time}})};
}

}  // namespace neuron::compile::onnx
