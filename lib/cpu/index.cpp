// SPDX-License-Identifier: Apache-2.0
// Operators that read or write at places that data tell.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

std::size_t place(std::int64_t index, std::int64_t dim) {
  if (index < -dim || index >= dim) refuse("index ", index, " of an axis of ", dim);
  return static_cast<std::size_t>(index < 0 ? index + dim : index);
}

/// What a new value and the one that is there become.
template <class T>
T reduced(const std::string& how, T old, T value) {
  if (how == "add") return static_cast<T>(old + value);
  if (how == "mul") return static_cast<T>(old * value);
  if (how == "max") return std::max(old, value);
  if (how == "min") return std::min(old, value);
  return value;
}

void put_reduced(Tensor& out, std::size_t at, const Operand& from, std::size_t i,
                 const std::string& how) {
  if (how == "none") return copy_element(from.bytes, i, out, at);
  in_type(out.type, [&]<class T>(T) {
    put<T>(out.bytes, out.type, at,
           reduced<T>(how, get<T>(out.bytes, out.type, at), get<T>(from.bytes, from.type, i)));
  });
}

/// Where index tuples [..., k] point: the place of the first element of each part of `inner`.
std::vector<std::size_t> places_of(const Operand& indices, const Shape& shape, std::size_t batch) {
  const auto k = static_cast<std::size_t>(indices.shape.back());
  require(batch + k <= shape.size(), "more indices than axes");
  const Ints own = strides_of(shape), at = widen<std::int64_t>(indices);
  const std::size_t count =
      k == 0 ? elements(Shape(indices.shape.begin(), indices.shape.end() - 1)) : at.size() / k;
  const auto batches = static_cast<std::size_t>(product(shape, 0, batch));
  const auto step = static_cast<std::size_t>(product(shape, batch, shape.size()));
  std::vector<std::size_t> out(count);
  for (std::size_t i = 0; i < count; ++i) {
    out[i] = batches == 0 || batch == 0 ? 0 : i / (count / batches) * step;
    for (std::size_t j = 0; j < k; ++j)
      out[i] += place(at[i * k + j], shape[batch + j]) * static_cast<std::size_t>(own[batch + j]);
  }
  return out;
}

}  // namespace

void gather(Step& s) {
  const Operand &x = in(s, 0), &indices = in(s, 1);
  const std::int64_t axis = front(integer(s, "axis", 0), x.shape.size());
  Shape to(x.shape.begin(), x.shape.begin() + axis);
  to.insert(to.end(), indices.shape.begin(), indices.shape.end());
  to.insert(to.end(), x.shape.begin() + axis + 1, x.shape.end());
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const Around a = around(x.shape, axis);
  const Ints at = widen<std::int64_t>(indices);
  const std::size_t row = a.inner * size_of(x.type);
  std::size_t next = 0;
  for (std::size_t o = 0; o < a.outer; ++o)
    for (const std::int64_t index : at) {
      const std::size_t from = o * a.size + place(index, static_cast<std::int64_t>(a.size));
      if (row > 0) std::memcpy(out.bytes.data() + next++ * row, x.bytes.data() + from * row, row);
    }
}

void gather_elements(Step& s) {
  const Operand &x = in(s, 0), &indices = in(s, 1);
  const auto axis = static_cast<std::size_t>(front(integer(s, "axis", 0), x.shape.size()));
  require(indices.shape.size() == x.shape.size(), "as many axes as the data are needed");
  for (std::size_t d = 0; d < x.shape.size(); ++d)
    require(d == axis || indices.shape[d] <= x.shape[d], "indices go past the data");
  Tensor& out = make(s, 0, x.type, indices.shape);
  if (s.only_forms) return;
  Ints strides = strides_of(x.shape);
  const auto step = static_cast<std::size_t>(std::exchange(strides[axis], 0));
  walk(indices.shape, 0, strides, [&](std::size_t to, std::size_t from) {
    const auto index = get<std::int64_t>(indices.bytes, indices.type, to);
    copy_element(x.bytes, from + place(index, x.shape[axis]) * step, out, to);
  });
}

void gather_nd(Step& s) {
  const Operand &x = in(s, 0), &indices = in(s, 1);
  require(!indices.shape.empty(), "indices are a scalar");
  const auto batch = static_cast<std::size_t>(integer(s, "batch_dims", 0));
  const auto k = static_cast<std::size_t>(indices.shape.back());
  require(batch + k <= x.shape.size(), "more indices than axes");
  Shape to(indices.shape.begin(), indices.shape.end() - 1);
  to.insert(to.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(batch + k), x.shape.end());
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const auto inner = static_cast<std::size_t>(product(x.shape, batch + k, x.shape.size()));
  const std::size_t size = size_of(x.type);
  std::size_t next = 0;
  for (const std::size_t from : places_of(indices, x.shape, batch))
    if (inner > 0)
      std::memcpy(out.bytes.data() + next++ * inner * size, x.bytes.data() + from * size,
                  inner * size);
}

void scatter_elements(Step& s) {
  const Operand &x = in(s, 0), &indices = in(s, 1), &updates = in(s, 2);
  const auto axis = static_cast<std::size_t>(front(integer(s, "axis", 0), x.shape.size()));
  require(indices.shape == updates.shape && indices.shape.size() == x.shape.size(),
          "data, indices and updates do not fit");
  for (std::size_t d = 0; d < x.shape.size(); ++d)
    require(d == axis || indices.shape[d] <= x.shape[d], "indices go past the data");
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  out.bytes.assign(x.bytes.begin(), x.bytes.end());
  const std::string how = word(s, "reduction", "none");
  Ints strides = strides_of(x.shape);
  const auto step = static_cast<std::size_t>(std::exchange(strides[axis], 0));
  walk(indices.shape, 0, strides, [&](std::size_t from, std::size_t to) {
    const auto index = get<std::int64_t>(indices.bytes, indices.type, from);
    put_reduced(out, to + place(index, x.shape[axis]) * step, updates, from, how);
  });
}

void scatter_nd(Step& s) {
  const Operand &x = in(s, 0), &indices = in(s, 1), &updates = in(s, 2);
  require(!indices.shape.empty(), "indices are a scalar");
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  out.bytes.assign(x.bytes.begin(), x.bytes.end());
  const std::vector<std::size_t> places = places_of(indices, x.shape, 0);
  const auto inner = static_cast<std::size_t>(
      product(x.shape, static_cast<std::size_t>(indices.shape.back()), x.shape.size()));
  require(elements(updates.shape) == places.size() * inner, "updates do not fit");
  const std::string how = word(s, "reduction", "none");
  for (std::size_t i = 0; i < places.size(); ++i)
    for (std::size_t j = 0; j < inner; ++j)
      put_reduced(out, places[i] + j, updates, i * inner + j, how);
}

/// Writes updates into a cache from a place on, one for each batch; circular on request.
void tensor_scatter(Step& s) {
  const Operand &cache = in(s, 0), &update = in(s, 1);
  const std::int64_t axis = front(integer(s, "axis", -2), cache.shape.size());
  require(axis > 0 && update.shape.size() == cache.shape.size(), "cache and update do not fit");
  Tensor& out = make(s, 0, cache.type, cache.shape);
  if (s.only_forms) return;
  out.bytes.assign(cache.bytes.begin(), cache.bytes.end());
  const bool circular = word(s, "mode", "linear") == "circular";
  const Ints starts =
      has(s, 2) ? widen<std::int64_t>(in(s, 2)) : Ints(static_cast<std::size_t>(cache.shape[0]), 0);
  const Around to = around(cache.shape, axis), from = around(update.shape, axis);
  require(to.outer == from.outer && to.inner == from.inner, "cache and update do not fit");
  const auto size = static_cast<std::int64_t>(to.size);
  const auto per_batch =
      to.outer / static_cast<std::size_t>(std::max<std::int64_t>(cache.shape[0], 1));
  for (std::size_t o = 0; o < to.outer; ++o)
    for (std::size_t r = 0; r < from.size; ++r) {
      std::int64_t at = starts.at(o / per_batch) + static_cast<std::int64_t>(r);
      if (circular) at %= size;
      for (std::size_t i = 0; i < to.inner; ++i)
        copy_element(update.bytes, (o * from.size + r) * from.inner + i, out,
                     (o * to.size + place(at, size)) * to.inner + i);
    }
}

void reverse_sequence(Step& s) {
  const Operand &x = in(s, 0), &lengths = in(s, 1);
  const auto time = static_cast<std::size_t>(integer(s, "time_axis", 0));
  const auto batch = static_cast<std::size_t>(integer(s, "batch_axis", 1));
  require(x.shape.size() >= 2 && time + batch == 1, "time and batch are no first axes");
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  const Ints n = widen<std::int64_t>(lengths), own = strides_of(x.shape);
  for (std::size_t at = 0; at < elements(x.shape); ++at) {
    const auto i = static_cast<std::int64_t>(at);
    const std::int64_t t = i / own[time] % x.shape[time];
    const std::int64_t length = n.at(static_cast<std::size_t>(i / own[batch] % x.shape[batch]));
    const std::int64_t from = t < length ? length - 1 - t : t;
    copy_element(x.bytes, static_cast<std::size_t>(i + (from - t) * own[time]), out, at);
  }
}

}  // namespace neuron::cpu
