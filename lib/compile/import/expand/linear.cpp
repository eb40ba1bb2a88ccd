// SPDX-License-Identifier: Apache-2.0
// Layers whose state goes from call to call: linear attention, a step after the other, and causal
// convolution of single channels.
#include <cmath>

#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

/// [B, T, H * D] as [B, H, T, D].
ValueId split_heads(Builder& b, ValueId v, std::int64_t heads) {
  if (b.rank(v) != 3 || heads < 1 || b.dim(v, 2) % heads != 0)
    b.malformed("{} is not [batch, steps, heads * size] of {} heads", text_of(b.shape(v)), heads);
  if (b.failed()) return v;
  return b.transpose(b.reshape(v, {b.dim(v, 0), b.dim(v, 1), heads, b.dim(v, 2) / heads}),
                     {0, 2, 1, 3});
}

/// What linear attention reads at each step: [B, H, T, size], or nothing.
struct Gates {
  std::optional<ValueId> decay, beta;
};

Gates gates_of(Builder& b, const std::string& rule, std::int64_t heads) {
  Gates gates;
  const bool gated = rule == "gated" || rule == "gated_delta";
  const bool delta = rule == "delta" || rule == "gated_delta";
  if (!gated && !delta && rule != "linear")
    b.malformed("update_rule '{}'; expected linear, gated, delta or gated_delta", rule);
  if (gated && !b.has(4)) b.malformed("update_rule '{}' needs input 4, decay", rule);
  if (delta && !b.has(5)) b.malformed("update_rule '{}' needs input 5, beta", rule);
  if (b.failed()) return gates;
  if (gated) gates.decay = b.op("Exp", {split_heads(b, b.cast(b.in(4), DType::Float32), heads)});
  if (delta) {
    const ValueId beta = b.cast(b.in(5), DType::Float32);
    gates.beta = split_heads(b, beta, b.dim(beta, 2) == 1 ? 1 : heads);
  }
  return gates;
}

/// Step `t` of [B, H, T, D] as [B, H, D, 1].
ValueId column(Builder& b, ValueId v, std::int64_t t) {
  return b.swap(b.slice(v, 2, t, t + 1), -1, -2);
}

/// The state after step `t`, which writes `value` under `key`.
ValueId next_state(Builder& b, const Gates& gates, ValueId state, ValueId key, ValueId value,
                   std::int64_t t) {
  if (gates.decay) state = b.mul(state, column(b, *gates.decay, t));
  if (gates.beta)
    value = b.mul(b.sub(value, b.matmul(b.swap(key, -1, -2), state)),
                  b.slice(*gates.beta, 2, t, t + 1));
  return b.add(state, b.mul(key, value));
}

}  // namespace

Values linear_attention(Builder& b) {
  const std::int64_t heads = b.integer("kv_num_heads", 0), queries = b.integer("q_num_heads", 0);
  const DType type = b.type(b.in(0));
  const auto real = [&](std::size_t i) { return b.cast(b.in(i), DType::Float32); };
  if (heads < 1 || queries % heads != 0)
    b.malformed("{} heads of queries, {} of keys", queries, heads);
  if (b.failed()) return {b.in(0), b.in(0)};
  const ValueId q = split_heads(b, real(0), queries), k = split_heads(b, real(1), heads),
                v = split_heads(b, real(2), heads);
  const Gates gates = gates_of(b, b.text("update_rule", "gated_delta"), heads);
  if (b.failed()) return {b.in(0), b.in(0)};
  const std::int64_t batch = b.dim(q, 0), steps = b.dim(q, 2), size = b.dim(q, 3);
  const float given = b.real("scale", 0);
  const double scale = given != 0 ? given : 1 / std::sqrt(static_cast<double>(size));
  // Queries of one head of keys are rows of one product.
  const ValueId rows = b.transpose(
      b.reshape(b.mul(q, scale), {batch, heads, queries / heads, steps, size}), {0, 1, 3, 2, 4});
  const Shape form{batch, heads, b.dim(k, 3), b.dim(v, 3)};
  ValueId state = b.has(3) ? real(3) : b.expand(b.scalar(0), form);
  Values out;
  for (std::int64_t t = 0; t < steps; ++t) {
    state = next_state(b, gates, state, column(b, k, t), b.slice(v, 2, t, t + 1), t);
    out.push_back(b.matmul(b.squeeze(b.slice(rows, 2, t, t + 1), 2), state));  // [B, H, Q/H, D]
  }
  const ValueId all = b.reshape(out.size() == 1 ? out[0] : b.concat(out, 2),
                                {batch, heads, steps, queries / heads, form[3]});
  const ValueId packed =
      b.reshape(b.transpose(all, {0, 2, 1, 3, 4}), {batch, steps, queries * form[3]});
  return {b.cast(packed, type), b.cast(state, type)};
}

Values causal_conv(Builder& b) {
  const ValueId x = b.in(0), w = b.in(1);
  if (b.rank(x) != 3 || b.rank(w) != 3 || b.dim(w, 0) != b.dim(x, 1) || b.dim(w, 1) != 1)
    b.malformed("weights {} are not [channels, 1, taps] of {}", text_of(b.shape(w)),
                text_of(b.shape(x)));
  const std::string activation = b.text("activation", "none");
  if (activation != "none" && activation != "silu" && activation != "swish")
    b.refuse("activation '{}'; supported are none, silu and swish", activation);
  if (b.failed()) return {x, x};
  const std::int64_t channels = b.dim(x, 1), length = b.dim(x, 2), past = b.dim(w, 2) - 1;
  ValueId all = x;
  if (past > 0) {
    const ValueId before =
        b.has(3) ? b.in(3) : b.expand(b.scalar_like(0, x), {b.dim(x, 0), channels, past});
    all = b.concat({before, x}, 2);
  }
  const ValueId wide = b.cast(all, DType::Float32);
  std::optional<ValueId> sum;
  for (std::int64_t tap = 0; tap <= past; ++tap) {
    const ValueId weight =
        b.reshape(b.cast(b.slice(w, 2, tap, tap + 1), DType::Float32), {1, channels, 1});
    const ValueId part = b.mul(b.slice(wide, 2, tap, tap + length), weight);
    sum = sum ? b.add(*sum, part) : part;
  }
  if (b.has(2)) sum = b.add(*sum, b.reshape(b.cast(b.in(2), DType::Float32), {1, channels, 1}));
  if (activation != "none") sum = b.mul(*sum, b.op("Sigmoid", {*sum}));
  const ValueId state = b.slice(all, 2, length, length + past);
  return {b.cast(*sum, b.type(x)), state};
}

}  // namespace neuron::compile::onnx
