// SPDX-License-Identifier: Apache-2.0
// Operators that choose elements by places, or tell places.
#include "compile/constants.h"
#include "compile/import/tensorflow/shared.h"
#include "compile/shapes.h"

namespace neuron::compile::tensorflow {

std::int64_t known_number(Draft& d, ValueId v, const char* what) {
  const Ints all = d.constant_integers(v, what);
  if (all.size() == 1) return all[0];
  d.malformed("the {} has {} elements, expected 1", what, all.size());
  return 0;
}

Values gather_rows(Draft& d, const char* onnx) {
  const ValueId x = d.in(0), places = d.in(1);
  const std::int64_t axis = d.front(d.has(2) ? known_number(d, d.in(2), "axis") : 0, d.rank(x));
  std::int64_t batch = d.integer("batch_dims", 0);
  if (batch < 0) batch += d.rank(places);
  if (batch == 0) return {d.one(onnx, {x, places}, {{"axis", axis}})};
  if (axis != batch)
    d.refuse("batch_dims {} and axis {}; supported are equal ones, or no batch", batch, axis);
  const ValueId listed = d.cast(d.unsqueeze(places, d.rank(places)), DType::Int64);
  return {d.one("GatherND", {x, listed}, {{"batch_dims", batch}})};
}
Values gather_nd(Draft& d, const char* onnx) {
  return {d.one(onnx, {d.in(0), d.cast(d.in(1), DType::Int64)},
                {{"batch_dims", d.integer("batch_dims", 0)}})};
}
Values scatter_nd(Draft& d, const char* onnx) {
  const Shape to = d.constant_integers(d.in(2), "shape");
  if (auto fits = check_shape(to); !fits) d.stop(fits.error());
  if (d.failed()) return {d.in(1)};
  const ValueId zeros = d.constant(make_tensor(d.type(d.in(1)), to));
  return {d.one(onnx, {zeros, d.cast(d.in(0), DType::Int64), d.in(1)},
                {{"reduction", std::string("add")}})};
}
Values one_hot(Draft& d, const char* onnx) {
  const ValueId values = d.concat({d.reshape(d.in(3), {1}), d.reshape(d.in(2), {1})}, 0);
  return {d.one(onnx, {d.in(0), d.cast(d.in(1), DType::Int64), values},
                {{"axis", d.integer("axis", -1)}})};
}

Values top_k(Draft& d, const char* onnx) {
  const std::int64_t k = d.has(1) ? known_number(d, d.in(1), "k") : d.integer("k", 1);
  const Values both = d.many(onnx, {d.in(0), d.list({k})}, {{"axis", std::int64_t{-1}}}, 2);
  return {both[0], d.cast(both[1], type_at(d, "index_type", DType::Int32))};
}
Values arg_most(Draft& d, const char* onnx) {
  const std::int64_t axis = known_number(d, d.in(1), "axis");
  const ValueId place = d.one(onnx, {d.in(0)}, {{"axis", axis}, {"keepdims", std::int64_t{0}}});
  return {d.cast(place, type_at(d, "output_type", DType::Int64))};
}

}  // namespace neuron::compile::tensorflow
