// SPDX-License-Identifier: Apache-2.0
// Attention with masks, caches and groups of heads, and rotary positions.
#include <algorithm>
#include <cmath>

#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

/// [B, S, heads * D] as [B, heads, S, D]; four axes stay.
ValueId by_head(Builder& b, ValueId v, std::int64_t heads) {
  if (b.rank(v) == 4) return v;
  if (b.rank(v) != 3 || heads < 1 || b.dim(v, 2) % std::max<std::int64_t>(1, heads) != 0) {
    b.malformed("{} for {} heads", text_of(b.shape(v)), heads);
    return v;
  }
  const ValueId split = b.reshape(v, {b.dim(v, 0), b.dim(v, 1), heads, b.dim(v, 2) / heads});
  return b.transpose(split, {0, 2, 1, 3});
}

/// Each head of keys `times` times, so that every head of queries has its own.
ValueId repeated(Builder& b, ValueId v, std::int64_t times) {
  if (times == 1 || b.failed()) return v;
  const Shape s = b.shape(v);
  const ValueId apart =
      b.expand(b.reshape(v, {s[0], s[1], 1, s[2], s[3]}), {s[0], s[1], times, s[2], s[3]});
  return b.reshape(apart, {s[0], s[1] * times, s[2], s[3]});
}

ValueId real(Builder& b, ValueId v) { return b.cast(v, DType::Float32); }

/// What is added to the scores: 0 where a query may look, minus infinity elsewhere.
ValueId closed(Builder& b, ValueId open) { return b.where(open, b.scalar(0), b.scalar(-INFINITY)); }

/// The mask over [B, heads, S, T] of keys in [past, T), bool or added; short masks are closed
/// behind.
std::optional<ValueId> mask_of(Builder& b, std::int64_t queries, std::int64_t keys,
                               std::int64_t past, ValueId q) {
  std::optional<ValueId> mask;
  const auto also = [&](ValueId more) { mask = mask ? b.add(*mask, more) : more; };
  if (b.has(3)) {
    ValueId given = b.in(3);
    given = b.type(given) == DType::Bool ? closed(b, given) : real(b, given);
    if (b.dim(given, -1) < keys && b.dim(given, -1) != 1) {
      Shape rest = b.shape(given);
      rest.back() = keys - b.dim(given, -1);
      given = b.concat({given, b.expand(b.scalar(-INFINITY), rest)}, b.rank(given) - 1);
    }
    also(given);
  }
  const ValueId column = b.iota(keys), row = b.iota(queries, DType::Int64, 2, 0);
  std::optional<ValueId> length;
  if (b.has(6)) {
    length = b.reshape(b.cast(b.in(6), DType::Int64), {b.dim(q, 0), 1, 1, 1});
    also(closed(b, b.op("Less", {column, *length})));
  }
  if (b.integer("is_causal", 0) != 0) {
    // The last query stands at the last key that is filled.
    ValueId offset = b.scalar(static_cast<double>(past), DType::Int64);
    if (length) offset = b.sub(*length, static_cast<double>(queries));
    also(closed(b, b.op("LessOrEqual", {column, b.add(row, offset)})));
  }
  return mask;
}

}  // namespace

Values attention(Builder& b) {
  const DType type = b.type(b.in(0));
  const std::int64_t q_heads = b.integer("q_num_heads", 0), k_heads = b.integer("kv_num_heads", 0);
  const bool flat = b.rank(b.in(0)) == 3;
  ValueId q = by_head(b, b.in(0), q_heads), k = by_head(b, b.in(1), k_heads),
          v = by_head(b, b.in(2), k_heads);
  if (b.has(4)) k = b.concat({b.in(4), k}, 2);
  if (b.has(5)) v = b.concat({b.in(5), v}, 2);
  const ValueId present_k = k, present_v = v;
  if (b.rank(q) != 4 || b.rank(k) != 4 || b.rank(v) != 4)
    b.malformed("expected three or four axes");
  const std::int64_t heads = b.dim(q, 1), groups = b.dim(k, 1), size = b.dim(q, 3);
  if (groups < 1 || heads % groups != 0) b.malformed("{} heads over {}", heads, groups);
  if (b.failed()) return {q};
  const std::int64_t queries = b.dim(q, 2), keys = b.dim(k, 2);
  const double scale = b.node().attributes.count("scale") > 0
                           ? static_cast<double>(b.real("scale", 1))
                           : 1 / std::sqrt(static_cast<double>(size));
  const std::int64_t wanted = b.integer("qk_matmul_output_mode", 0);
  q = real(b, q);
  k = real(b, repeated(b, k, heads / groups));
  v = real(b, repeated(b, v, heads / groups));
  const ValueId product = b.mul(b.matmul(q, b.swap(k, 2, 3)), scale);
  ValueId scores = product, shown = product;
  const double cap = static_cast<double>(b.real("softcap", 0));
  const auto mask = mask_of(b, queries, keys, keys - b.dim(b.in(1), -2), b.in(0));
  const auto capped = [&] {
    if (cap != 0) scores = b.mul(b.op("Tanh", {b.div(scores, cap)}), cap);
  };
  const auto masked = [&] {
    if (mask) scores = b.add(scores, *mask);
  };
  capped();
  if (wanted == 1) shown = scores;
  masked();
  if (wanted == 2) shown = scores;
  ValueId weights = b.op("Softmax", {scores}, {{"axis", std::int64_t{3}}});
  // A query that may look nowhere gets zeros.
  if (mask) weights = b.where(b.op("Equal", {weights, weights}), weights, b.scalar(0));
  if (wanted == 3) shown = weights;
  ValueId y = b.matmul(weights, v);
  if (flat)
    y = b.reshape(b.transpose(y, {0, 2, 1, 3}), {b.dim(y, 0), queries, heads * b.dim(y, 3)});
  return {b.cast(y, type), present_k, present_v, b.cast(shown, type)};
}

/// Pairs of elements turned by the angle of their position.
Values rotary(Builder& b) {
  const ValueId x = b.in(0);
  const bool flat = b.rank(x) == 3, interleaved = b.integer("interleaved", 0) != 0;
  const ValueId heads = by_head(b, x, b.integer("num_heads", 0));
  const std::int64_t size = b.dim(heads, 3);
  std::int64_t turned = b.integer("rotary_embedding_dim", 0);
  if (turned == 0) turned = size;
  if (turned % 2 != 0 || turned > size)
    b.malformed("rotary_embedding_dim is {} of {}", turned, size);
  if (b.failed()) return {x};
  const std::int64_t half = turned / 2, n = b.dim(heads, 0), length = b.dim(heads, 2);
  const auto angles = [&](std::size_t index) {
    const ValueId table = b.in(index);
    const ValueId rows = b.has(3) ? b.gather(table, b.in(3), 0) : table;
    return b.reshape(b.slice(rows, b.rank(rows) - 1, 0, half), {n, 1, length, half});
  };
  const ValueId cosine = angles(1), sine = angles(2);
  const auto part = [&](std::int64_t which) {
    if (!interleaved) return b.slice(heads, 3, which * half, (which + 1) * half);
    return b.slice(heads, 3, which, turned, 2);
  };
  const ValueId real = part(0), imaginary = part(1);
  const ValueId first = b.sub(b.mul(real, cosine), b.mul(imaginary, sine));
  const ValueId second = b.add(b.mul(real, sine), b.mul(imaginary, cosine));
  ValueId y = interleaved ? b.reshape(b.concat({b.unsqueeze(first, 4), b.unsqueeze(second, 4)}, 4),
                                      {n, b.dim(heads, 1), length, turned})
                          : b.concat({first, second}, 3);
  if (turned < size) y = b.concat({y, b.slice(heads, 3, turned, size)}, 3);
  if (!flat) return {y};
  return {b.reshape(b.transpose(y, {0, 2, 1, 3}), b.shape(x))};
}

}  // namespace neuron::compile::onnx
