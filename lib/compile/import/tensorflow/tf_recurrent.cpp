// SPDX-License-Identifier: Apache-2.0
// Cells of recurrent networks that TensorFlow has as one operator.
#include "compile/import/tensorflow/shared.h"

namespace neuron::compile::tensorflow {
namespace {

ValueId sigmoid(Draft& d, ValueId v) { return d.one("Sigmoid", {v}); }

struct Cell {
  ValueId weights, peep_i, peep_f, peep_o, bias;
  bool peephole = false;
  double forget = 1, clip = -1;
  bool input_forget = false;  ///< order of gates: i f c o, else i c f o
};
/// i, cs, f, o, ci, co, h
Values step(Draft& d, const Cell& cell, ValueId x, ValueId state, ValueId hidden) {
  const ValueId gates = d.add(d.matmul(d.concat({x, hidden}, 1), cell.weights), cell.bias);
  const std::int64_t width = d.dim(state, 1);
  const auto gate = [&](std::int64_t at) {
    return d.slice(gates, 1, at * width, (at + 1) * width);
  };
  const auto peep = [&](ValueId v, ValueId weights, ValueId seen) {
    return cell.peephole ? d.add(v, d.mul(weights, seen)) : v;
  };
  const ValueId i = sigmoid(d, peep(gate(0), cell.peep_i, state));
  const ValueId ci = d.one("Tanh", {gate(cell.input_forget ? 2 : 1)});
  const ValueId raw = d.add(gate(cell.input_forget ? 1 : 2), cell.forget);
  const ValueId f = sigmoid(d, peep(raw, cell.peep_f, state));
  ValueId cs = d.add(d.mul(ci, i), d.mul(state, f));
  if (cell.clip > 0)
    cs = d.one("Clip", {cs, d.scalar_like(-cell.clip, cs), d.scalar_like(cell.clip, cs)});
  const ValueId o = sigmoid(d, peep(gate(3), cell.peep_o, cs));
  const ValueId co = d.one("Tanh", {cs});
  return {i, cs, f, o, ci, co, d.mul(co, o)};
}

}  // namespace

/// (x, cs_prev, h_prev, w, wci, wcf, wco, b)
Values lstm_block_cell(Draft& d, const char*) {
  const Cell cell{d.in(3),
                  d.in(4),
                  d.in(5),
                  d.in(6),
                  d.in(7),
                  flag(d, "use_peephole"),
                  static_cast<double>(d.real("forget_bias", 1)),
                  static_cast<double>(d.real("cell_clip", 3))};
  return step(d, cell, d.in(0), d.in(1), d.in(2));
}

/// (seq_len_max, x [time, batch, inputs], cs_prev, h_prev, w, wci, wcf, wco, b)
Values block_lstm(Draft& d, const char* version) {
  const bool second = std::string_view(version) == "V2";
  const Cell cell{d.in(4),
                  d.in(5),
                  d.in(6),
                  d.in(7),
                  d.in(8),
                  flag(d, "use_peephole"),
                  second ? 0.0 : static_cast<double>(d.real("forget_bias", 1)),
                  static_cast<double>(d.real("cell_clip", second ? 0 : 3)),
                  second};
  const ValueId x = d.in(1);
  const Ints length = d.constant_integers(d.in(0), "number of steps");
  const std::int64_t steps = length.empty() ? 0 : length[0];
  if (!d.failed() && (d.rank(x) != 3 || steps != d.dim(x, 0)))
    d.refuse("{} steps of {}; supported are all of them", steps, text_of(d.shape(x)));
  std::vector<Values> rows(7);
  ValueId state = d.in(2), hidden = d.in(3);
  for (std::int64_t t = 0; t < steps && !d.failed(); ++t) {
    const Values out = step(d, cell, d.squeeze(d.slice(x, 0, t, t + 1), 0), state, hidden);
    state = out[1];
    hidden = out[6];
    for (std::size_t o = 0; o < out.size(); ++o) rows[o].push_back(d.unsqueeze(out[o], 0));
  }
  Values all;
  for (const Values& parts : rows) all.push_back(parts.empty() ? x : d.concat(parts, 0));
  return all;
}

/// (x, h_prev, w_ru, w_c, b_ru, b_c) -> r, u, c, h
Values gru_block_cell(Draft& d, const char*) {
  const ValueId x = d.in(0), hidden = d.in(1);
  const std::int64_t width = d.dim(hidden, 1);
  const ValueId gates = sigmoid(d, d.add(d.matmul(d.concat({x, hidden}, 1), d.in(2)), d.in(4)));
  const ValueId r = d.slice(gates, 1, 0, width), u = d.slice(gates, 1, width, 2 * width);
  const ValueId c =
      d.one("Tanh", {d.add(d.matmul(d.concat({x, d.mul(r, hidden)}, 1), d.in(3)), d.in(5))});
  const ValueId rest = d.sub(d.scalar_like(1, u), u);
  return {r, u, c, d.add(d.mul(u, hidden), d.mul(rest, c))};
}

}  // namespace neuron::compile::tensorflow
