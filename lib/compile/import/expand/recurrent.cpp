// SPDX-License-Identifier: Apache-2.0
// Recurrent layers, a step after the other; what does not depend on the state is one product for
// all steps.
#include <algorithm>

#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

/// One layer in one direction.
struct Layer {
  ValueId x;  ///< [T, B, I]
  ValueId w, r;
  std::optional<ValueId> wb, rb, lengths, h, c, p;
  std::int64_t hidden = 1;
  bool backwards = false;
  std::vector<std::string> activations;
};

/// Outputs of a direction.
struct Run {
  Values steps;  ///< [B, H] each, in the order of time
  ValueId h, c;
};

ValueId activated(Builder& b, const std::string& name, ValueId x) {
  std::string low = name;
  std::transform(low.begin(), low.end(), low.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* known : {"Sigmoid", "Tanh", "Relu", "Softplus", "Softsign"}) {
    std::string key = known;
    std::transform(key.begin(), key.end(), key.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (low == key) return b.op(known, {x});
  }
  b.refuse("activation '{}'; supported are Sigmoid, Tanh, Relu, Softplus and Softsign", name);
  return x;
}

/// Values cut to [-clip, clip] before an activation, where the attribute says so.
ValueId clipped(Builder& b, ValueId x) {
  if (b.node().attributes.count("clip") == 0) return x;
  const float limit = b.real("clip", 0);
  return b.op("Clip", {x}, {{"min", -limit}, {"max", limit}});
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(',', at), list.size());
    out.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

/// Part `index` of `count` equal ones along an axis.
ValueId part(Builder& b, ValueId v, std::int64_t axis, std::int64_t index, std::int64_t size) {
  return b.slice(v, axis, index * size, (index + 1) * size);
}

ValueId linear(Builder& b, ValueId x, ValueId weights, std::optional<ValueId> bias) {
  Inputs inputs{x, weights};
  if (bias) inputs.push_back(*bias);
  return b.many(
      "Gemm", inputs,
      {{"alpha", 1.0F}, {"beta", 1.0F}, {"transA", std::int64_t{0}}, {"transB", std::int64_t{1}}},
      1)[0];
}

using Step = void (*)(Builder& b, const Layer& l, ValueId input, ValueId& h, ValueId& c);

/// [T * B, gates * H]: x times its weights, with the biases that can be added now.
ValueId projected(Builder& b, const Layer& l, std::optional<ValueId> bias) {
  const ValueId flat = b.reshape(l.x, {b.dim(l.x, 0) * b.dim(l.x, 1), b.dim(l.x, 2)});
  return linear(b, flat, l.w, bias);
}

Run walk(Builder& b, const Layer& l, ValueId input, Step step) {
  const std::int64_t time = b.dim(l.x, 0), batch = b.dim(l.x, 1);
  const ValueId zero = b.expand(b.scalar(0), {batch, l.hidden});
  Run run{Values(static_cast<std::size_t>(time), zero), l.h ? *l.h : zero, l.c ? *l.c : zero};
  for (std::int64_t i = 0; i < time && !b.failed(); ++i) {
    const std::int64_t t = l.backwards ? time - 1 - i : i;
    ValueId h = run.h, c = run.c;
    step(b, l, b.slice(input, 0, t * batch, (t + 1) * batch), h, c);
    ValueId y = h;
    if (l.lengths) {  // sequences that have ended keep their state
      const ValueId lives =
          b.reshape(b.op("Greater", {*l.lengths, b.scalar(static_cast<double>(t), DType::Int32)}),
                    {batch, 1});
      y = b.where(lives, h, zero);
      h = b.where(lives, h, run.h);
      c = b.where(lives, c, run.c);
    }
    run.h = h;
    run.c = c;
    run.steps[static_cast<std::size_t>(t)] = y;
  }
  return run;
}

/// Runs all directions and joins what they give: Y [T, D, B, H], Y_h and Y_c [D, B, H].
Values layers(Builder& b, std::int64_t gates, std::size_t functions, const char* defaults,
              Run (*run)(Builder& b, Layer& l)) {
  const bool batch_first = b.integer("layout", 0) != 0;
  const std::string direction = b.text("direction", "forward");
  ValueId x = b.in(0);
  if (b.rank(x) != 3 || b.rank(b.in(1)) != 3 || b.rank(b.in(2)) != 3)
    b.malformed("x, w and r have {}, {} and {} axes, expected 3", b.rank(x), b.rank(b.in(1)),
                b.rank(b.in(2)));
  if (b.failed()) return {x, x, x};
  if (batch_first) x = b.swap(x, 0, 1);
  const std::int64_t time = b.dim(x, 0), batch = b.dim(x, 1), hidden = b.dim(b.in(2), 2);
  const std::int64_t directions = direction == "bidirectional" ? 2 : 1;
  if (b.dim(b.in(1), 1) != gates * hidden || b.dim(b.in(1), 0) != directions)
    b.malformed("w is {}, expected [{}, {}, ...]", text_of(b.shape(b.in(1))), directions,
                gates * hidden);
  std::vector<std::string> names = words_of(b.text("activations", defaults));
  for (std::size_t i = 0; names.size() < functions * static_cast<std::size_t>(directions); ++i)
    names.push_back(names[i]);
  Values forward, finals_h, finals_c;
  for (std::int64_t d = 0; d < directions && !b.failed(); ++d) {
    const auto own = [&](std::size_t index) -> std::optional<ValueId> {
      if (!b.has(index)) return std::nullopt;
      return b.squeeze(b.slice(b.in(index), 0, d, d + 1), 0);
    };
    const auto state = [&](std::size_t index) -> std::optional<ValueId> {
      if (!b.has(index)) return std::nullopt;
      const std::int64_t axis = batch_first ? 1 : 0;
      return b.squeeze(b.slice(b.in(index), axis, d, d + 1), axis);
    };
    Layer l{x, *own(1), *own(2), {}, {}, {}, {}, {}, {}, hidden, false, {}};
    if (const auto bias = own(3)) {
      l.wb = b.slice(*bias, 0, 0, gates * hidden);
      l.rb = b.slice(*bias, 0, gates * hidden, 2 * gates * hidden);
    }
    if (b.has(4)) l.lengths = b.in(4);
    l.h = state(5);
    l.c = state(6);
    l.p = own(7);
    l.backwards = direction == "reverse" || d == 1;
    const auto first = names.begin() + d * static_cast<std::int64_t>(functions);
    l.activations.assign(first, first + static_cast<std::int64_t>(functions));
    const Run done = run(b, l);
    Values rows;
    for (ValueId y : done.steps) rows.push_back(b.reshape(y, {1, 1, batch, hidden}));
    forward.push_back(rows.empty() ? b.expand(b.scalar(0), {0, 1, batch, hidden})
                                   : b.concat(rows, 0));
    finals_h.push_back(b.reshape(done.h, {1, batch, hidden}));
    finals_c.push_back(b.reshape(done.c, {1, batch, hidden}));
  }
  if (b.failed() || time == 0) return {x, x, x};
  Values out{b.concat(forward, 1), b.concat(finals_h, 0), b.concat(finals_c, 0)};
  if (batch_first)
    out = {b.transpose(out[0], {2, 0, 1, 3}), b.swap(out[1], 0, 1), b.swap(out[2], 0, 1)};
  return out;
}

std::optional<ValueId> both(Builder& b, const Layer& l) {
  if (!l.wb) return std::nullopt;
  return b.add(*l.wb, *l.rb);
}

void lstm_step(Builder& b, const Layer& l, ValueId input, ValueId& h, ValueId& c) {
  const ValueId all = b.add(input, linear(b, h, l.r, std::nullopt));
  const auto gate = [&](std::int64_t index) { return part(b, all, 1, index, l.hidden); };
  const auto peep = [&](ValueId v, std::int64_t index, ValueId cell) {
    return l.p ? b.add(v, b.mul(part(b, *l.p, 0, index, l.hidden), cell)) : v;
  };
  const std::string &f = l.activations[0], &g = l.activations[1];
  const ValueId in = activated(b, f, clipped(b, peep(gate(0), 0, c)));
  const ValueId forget = activated(b, f, clipped(b, peep(gate(2), 2, c)));
  const ValueId candidate = activated(b, g, clipped(b, gate(3)));
  c = b.add(b.mul(forget, c), b.mul(in, candidate));
  const ValueId out = activated(b, f, clipped(b, peep(gate(1), 1, c)));
  h = b.mul(out, activated(b, l.activations[2], c));
}

void gru_step(Builder& b, const Layer& l, ValueId input, ValueId& h, ValueId&) {
  const bool after = b.integer("linear_before_reset", 0) != 0;
  const std::int64_t n = l.hidden;
  const ValueId rzr = b.slice(l.r, 0, 0, 2 * n), rh = b.slice(l.r, 0, 2 * n, 3 * n);
  const ValueId zr = b.add(b.slice(input, 1, 0, 2 * n), linear(b, h, rzr, std::nullopt));
  const ValueId gates = activated(b, l.activations[0], clipped(b, zr));
  const ValueId z = part(b, gates, 1, 0, n), r = part(b, gates, 1, 1, n);
  std::optional<ValueId> bias;
  if (l.rb) bias = b.slice(*l.rb, 0, 2 * n, 3 * n);
  const ValueId memory =
      after ? b.mul(r, linear(b, h, rh, bias)) : linear(b, b.mul(r, h), rh, bias);
  const ValueId candidate =
      activated(b, l.activations[1], clipped(b, b.add(b.slice(input, 1, 2 * n, 3 * n), memory)));
  // (1 - z) * candidate + z * h
  h = b.add(candidate, b.mul(z, b.sub(h, candidate)));
}

void rnn_step(Builder& b, const Layer& l, ValueId input, ValueId& h, ValueId&) {
  h = activated(b, l.activations[0], clipped(b, b.add(input, linear(b, h, l.r, std::nullopt))));
}

}  // namespace

Values lstm(Builder& b) {
  if (b.integer("input_forget", 0) != 0) b.refuse("input_forget=1; supported is 0");
  return layers(b, 4, 3, "Sigmoid,Tanh,Tanh", [](Builder& b, Layer& l) {
    return walk(b, l, projected(b, l, both(b, l)), lstm_step);
  });
}

Values gru(Builder& b) {
  return layers(b, 3, 2, "Sigmoid,Tanh", [](Builder& b, Layer& l) {
    // The recurrent bias of the candidate is added inside of the step, the others here.
    std::optional<ValueId> bias;
    if (l.wb) {
      const std::int64_t n = l.hidden;
      const ValueId zr = b.add(b.slice(*l.wb, 0, 0, 2 * n), b.slice(*l.rb, 0, 0, 2 * n));
      bias = b.concat({zr, b.slice(*l.wb, 0, 2 * n, 3 * n)}, 0);
    }
    return walk(b, l, projected(b, l, bias), gru_step);
  });
}

Values rnn(Builder& b) {
  return layers(b, 1, 1, "Tanh", [](Builder& b, Layer& l) {
    return walk(b, l, projected(b, l, both(b, l)), rnn_step);
  });
}

}  // namespace neuron::compile::onnx
