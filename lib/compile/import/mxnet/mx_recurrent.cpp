// SPDX-License-Identifier: Apache-2.0
// The fused RNN: all layers in one operator, all weights in one vector. Order of the vector
// (src/operator/rnn-inl.h): for each layer and direction the input's and the state's weights, then
// likewise the biases. Gates: LSTM i f c o, GRU r z n.
#include "compile/import/mxnet/symbol.h"

namespace neuron::compile::mxnet {
namespace {

struct Kind {
  const char *mode, *onnx, *activation;
  std::int64_t gates;
  Ints order;  ///< where each of ONNX's gates stands here
};
const Kind kKinds[] = {{"lstm", "LSTM", "", 4, {0, 3, 1, 2}},
                       {"gru", "GRU", "", 3, {1, 0, 2}},
                       {"rnn_tanh", "RNN", "Tanh", 1, {0}},
                       {"rnn_relu", "RNN", "Relu", 1, {0}}};

/// Walks along the vector of weights.
struct Walk {
  Draft& d;
  const Kind& kind;
  ValueId all;
  std::int64_t at = 0;

  /// The next matrix [gates * rows, columns] (columns 0: a vector), in ONNX's order of gates.
  ValueId next(std::int64_t rows, std::int64_t columns) {
    const std::int64_t size = rows * (columns == 0 ? 1 : columns);
    Values parts;
    for (std::int64_t gate : kind.order)
      parts.push_back(d.slice(all, 0, at + gate * size, at + (gate + 1) * size));
    at += kind.gates * size;
    const ValueId flat = d.concat(parts, 0);
    return columns == 0 ? flat : d.reshape(flat, {kind.gates * rows, columns});
  }
};

}  // namespace

/// (data [T, N, I], parameters, state [L*D, N, H], cell for LSTM)
Values recurrent(Draft& d, const char*) {
  const Kind* kind = nullptr;
  const std::string mode = word_at(d, "mode", "");
  for (const Kind& row : kKinds)
    if (mode == row.mode) kind = &row;
  const std::int64_t size = int_at(d, "state_size", 0), layers = int_at(d, "num_layers", 1);
  const bool both = flag_at(d, "bidirectional", false);
  const std::int64_t ways = both ? 2 : 1;
  ValueId x = d.in(0);
  if (!kind || size < 1 || layers < 1 || layers > 64 || d.rank(x) != 3 || d.rank(d.in(1)) != 1) {
    d.malformed("mode '{}' of {} layers of {} for {}", mode, layers, size, text_of(d.shape(x)));
    return {x};
  }
  if (has_at(d, "projection_size") || flag_at(d, "use_sequence_length", false))
    d.refuse("projection_size or use_sequence_length; supported are plain cells");
  std::int64_t total = 0;
  for (std::int64_t l = 0; l < layers; ++l)
    total += ways * kind->gates * size * ((l == 0 ? d.dim(x, 2) : ways * size) + size + 2);
  if (total != d.count(d.in(1))) d.malformed("{} weights, expected {}", d.count(d.in(1)), total);
  if (d.failed()) return {x};
  Walk matrices{d, *kind, d.in(1)}, vectors{d, *kind, d.in(1)};
  vectors.at = total - layers * ways * kind->gates * size * 2;
  const bool cell = mode == "lstm" && d.has(3);
  Values hidden, cells;
  for (std::int64_t l = 0; l < layers; ++l) {
    const std::int64_t width = d.dim(x, 2);
    Values w, r, b;
    for (std::int64_t way = 0; way < ways; ++way) {
      w.push_back(d.unsqueeze(matrices.next(size, width), 0));
      r.push_back(d.unsqueeze(matrices.next(size, size), 0));
      const ValueId first = vectors.next(size, 0), second = vectors.next(size, 0);
      b.push_back(d.unsqueeze(d.concat({first, second}, 0), 0));
    }
    const auto state = [&](std::size_t input) {
      return d.expand(d.slice(d.in(input), 0, l * ways, (l + 1) * ways), {ways, d.dim(x, 1), size});
    };
    Inputs inputs{x, d.concat(w, 0), d.concat(r, 0), d.concat(b, 0), std::nullopt, state(2)};
    if (cell) inputs.emplace_back(state(3));
    Attributes attributes{{"hidden_size", size},
                          {"direction", std::string(both ? "bidirectional" : "forward")}};
    if (mode == "gru") attributes["linear_before_reset"] = std::int64_t{1};
    if (*kind->activation != 0)
      attributes["activations"] =
          std::string(kind->activation) + (both ? std::string(",") + kind->activation : "");
    const Values out = d.many(kind->onnx, inputs, attributes, mode == "lstm" ? 3 : 2);
    // [T, ways, N, H] -> [T, N, ways * H]
    x = d.reshape(d.transpose(out[0], {0, 2, 1, 3}), {d.dim(x, 0), d.dim(x, 1), ways * size});
    hidden.push_back(out[1]);
    if (mode == "lstm") cells.push_back(out[2]);
  }
  Values out{x, d.concat(hidden, 0)};
  if (!cells.empty()) out.push_back(d.concat(cells, 0));
  return out;
}

}  // namespace neuron::compile::mxnet
