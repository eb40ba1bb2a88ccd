// SPDX-License-Identifier: Apache-2.0
// Operators that choose elements by places, or tell places; sequences that end at places.
#include <algorithm>
#include <limits>
#include <numeric>

#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {
namespace {

std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

}  // namespace

/// Places are numbers of the type of the input, as MXNet gives them.
Values arg_most(Draft& d, const char* onnx) {
  ValueId x = d.in(0);
  const bool channel = d.node().op == "argmax_channel";
  const std::string axis_text = word_at(d, "axis", "");
  // "-1" of files before 0.9.5 stands for no axis; later files give an axis that is counted so too.
  const bool flat = !channel && axis_text.empty();
  if (flat) x = d.reshape(x, {d.count(x)});
  const std::int64_t axis = channel ? 1 : flat ? 0 : int_at(d, "axis", 0);
  const bool keep = flag_at(d, "keepdims", false);
  ValueId place = d.one(onnx, {x}, {{"axis", axis}, {"keepdims", std::int64_t{keep}}});
  if (d.rank(place) == 0) place = d.reshape(place, {1});
  return {d.cast(place, DType::Float32)};
}

Values top_k(Draft& d, const char*) {
  ValueId x = d.in(0);
  const std::string kind = word_at(d, "ret_typ", "indices");
  const bool flat = !has_at(d, "axis") && d.node().attributes.count("axis") != 0;
  if (flat) x = d.reshape(x, {d.count(x)});
  const std::int64_t axis = flat ? 0 : d.front(int_at(d, "axis", -1), d.rank(x));
  std::int64_t k = int_at(d, "k", 1);
  if (k < 1) k = d.dim(x, axis);
  if (kind != "indices" && kind != "value" && kind != "both")
    d.refuse("ret_typ '{}'; supported are indices, value and both", kind);
  const std::int64_t largest = flag_at(d, "is_ascend", false) ? 0 : 1;
  const Values both = d.many("TopK", {x, d.list({k})}, {{"axis", axis}, {"largest", largest}}, 2);
  const ValueId places = d.cast(both[1], type_at(d, "dtype", DType::Float32));
  if (kind == "value") return {both[0]};
  return kind == "both" ? Values{both[0], places} : Values{places};
}

/// Places outside are moved to the edge, or wrap around.
static ValueId inside(Draft& d, ValueId places, std::int64_t size, bool wraps) {
  ValueId whole = d.cast(places, DType::Int64);
  if (d.known(places)) {
    Ints known = d.constant_integers(whole, "places");
    for (std::int64_t& p : known)
      p = wraps ? ((p % size) + size) % size : std::clamp<std::int64_t>(p, 0, size - 1);
    return d.reshape(d.list(known), d.shape(places));
  }
  if (wraps) return d.one("Mod", {whole, d.scalar_like(static_cast<double>(size), whole)});
  const ValueId low = d.one("Max", {whole, d.scalar_like(0, whole)});
  return d.one("Min", {low, d.scalar_like(static_cast<double>(size - 1), whole)});
}
Values take(Draft& d, const char*) {
  const std::int64_t axis = d.front(int_at(d, "axis", 0), d.rank(d.in(0)));
  const std::string mode = word_at(d, "mode", "clip");
  const std::int64_t size = std::max<std::int64_t>(1, d.dim(d.in(0), axis));
  return {d.one("Gather", {d.in(0), inside(d, d.in(1), size, mode == "wrap")}, {{"axis", axis}})};
}
Values embedding(Draft& d, const char*) {
  const std::int64_t size = std::max<std::int64_t>(1, d.dim(d.in(1), 0));
  return {d.one("Gather", {d.in(1), inside(d, d.in(0), size, false)}, {{"axis", std::int64_t{0}}})};
}
Values pick(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = d.front(int_at(d, "axis", -1), d.rank(x));
  const bool keep = flag_at(d, "keepdims", false);
  ValueId places = inside(d, d.in(1), std::max<std::int64_t>(1, d.dim(x, axis)),
                          word_at(d, "mode", "clip") == "wrap");
  if (d.rank(places) != d.rank(x)) places = d.unsqueeze(places, axis);
  const ValueId y = d.one("GatherElements", {x, places}, {{"axis", axis}});
  return {keep ? y : d.squeeze(y, axis)};
}
Values one_hot(Draft& d, const char*) {
  const DType type = type_at(d, "dtype", DType::Float32);
  const ValueId values = d.concat({d.reshape(d.scalar(real_at(d, "off_value", 0), type), {1}),
                                   d.reshape(d.scalar(real_at(d, "on_value", 1), type), {1})},
                                  0);
  const ValueId depth = d.scalar(static_cast<double>(int_at(d, "depth", 1)), DType::Int64);
  return {d.one("OneHot", {d.cast(d.in(0), DType::Int64), depth, values},
                {{"axis", std::int64_t{-1}}})};
}
/// The first axis of the places counts the axes that they name.
Values gather_nd(Draft& d, const char*) {
  const ValueId places = d.cast(d.in(1), DType::Int64);
  Ints perm(at(d.rank(places)));
  std::iota(perm.begin(), perm.end(), 1);
  if (!perm.empty()) perm.back() = 0;
  return {d.one("GatherND", {d.in(0), d.transpose(places, perm)})};
}

namespace {

/// Whether each step is before the end of its sequence: [T, N] or [N, T], then ones.
ValueId before_end(Draft& d, ValueId x, ValueId lengths, std::int64_t axis) {
  const std::int64_t steps = d.dim(x, axis), rank = d.rank(x);
  Shape each(at(rank), 1);
  each[at(1 - axis)] = d.dim(x, 1 - axis);
  return d.one("Less", {d.iota(steps, DType::Float32, rank, axis),
                        d.reshape(d.cast(lengths, DType::Float32), each)});
}
bool sequences(Draft& d, ValueId x, std::int64_t axis) {
  if (d.rank(x) >= 2 && (axis == 0 || axis == 1)) return true;
  d.malformed("sequences along axis {} of shape {}", axis, text_of(d.shape(x)));
  return false;
}

}  // namespace

Values sequence_mask(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = int_at(d, "axis", 0);
  if (!flag_at(d, "use_sequence_length", false) || !d.has(1) || !sequences(d, x, axis)) return {x};
  return {d.where(before_end(d, x, d.in(1), axis), x, d.scalar_like(real_at(d, "value", 0), x))};
}
Values sequence_last(Draft& d, const char*) {
  const ValueId x = d.in(0);
  const std::int64_t axis = int_at(d, "axis", 0);
  if (!sequences(d, x, axis)) return {x};
  const std::int64_t steps = d.dim(x, axis);
  if (!flag_at(d, "use_sequence_length", false) || !d.has(1))
    return {d.squeeze(d.slice(x, axis, steps - 1, steps), axis)};
  // Of each sequence the step whose number is the length less one; all others are nothing.
  const ValueId now = before_end(d, x, d.in(1), axis);
  const ValueId next = before_end(d, x, d.sub(d.cast(d.in(1), DType::Float32), 1.0), axis);
  const ValueId is_last = d.one("And", {now, d.one("Not", {next})});
  return {d.reduce("ReduceSum", d.where(is_last, x, d.scalar_like(0, x)), {axis}, false)};
}
Values sequence_reverse(Draft& d, const char*) {
  const ValueId x = d.in(0);
  if (!sequences(d, x, 0)) return {x};
  if (!flag_at(d, "use_sequence_length", false) || !d.has(1))
    return {d.slice(x, 0, -1, std::numeric_limits<std::int64_t>::min() / 2, -1)};
  return {d.one("ReverseSequence", {x, d.cast(d.in(1), DType::Int64)},
                {{"time_axis", std::int64_t{0}}, {"batch_axis", std::int64_t{1}}})};
}

}  // namespace neuron::compile::mxnet
