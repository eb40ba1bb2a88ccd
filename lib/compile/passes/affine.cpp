// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {
namespace {

// One number for each channel from a constant that is spread over [N,C,spatial]; nothing when it
// differs along another axis.
std::optional<std::vector<double>> per_channel(const Value& value, const Shape& out) {
  if (!value.constant || value.shape.size() > out.size()) return std::nullopt;
  const std::size_t shift = out.size() - value.shape.size();
  for (std::size_t i = 0; i < value.shape.size(); ++i)
    if (value.shape[i] != 1 && i + shift != 1) return std::nullopt;
  std::vector<double> numbers(static_cast<std::size_t>(out[1]));
  const bool one = count_of(value.shape) == 1;
  for (std::size_t c = 0; c < numbers.size(); ++c)
    numbers[c] = number_at(*value.constant, one ? 0 : c);
  return numbers;
}

// x * factor + shift for each channel.
struct Affine {
  std::vector<double> factor, shift;
};
std::optional<Affine> affine_of(const Graph& graph, const Node& node, std::size_t slot) {
  if (node.inputs.size() != 2 || node.attributes.count("activation")) return std::nullopt;
  const bool add = node.op == "Add", subtract = node.op == "Sub" && slot == 0;
  const bool multiply = node.op == "Mul", divide = node.op == "Div" && slot == 0;
  if (!add && !subtract && !multiply && !divide) return std::nullopt;
  const Shape& out = output_of(graph, node).shape;
  if (graph.value(*node.inputs[slot]).shape != out) return std::nullopt;  // it broadcasts
  auto numbers = per_channel(graph.value(*node.inputs[1 - slot]), out);
  if (!numbers) return std::nullopt;
  if (divide)
    for (double& x : *numbers) x = 1 / x;
  if (subtract)
    for (double& x : *numbers) x = -x;
  const std::vector<double> zeros(numbers->size(), 0), ones(numbers->size(), 1);
  return add || subtract ? Affine{ones, std::move(*numbers)} : Affine{std::move(*numbers), zeros};
}

bool is_constant(const Graph& graph, const Node& node, std::size_t index) {
  return !has_input(node, index) || input_of(graph, node, index).constant.has_value();
}

// New weights and bias; the old ones may have other readers.
Node with_affine(Graph& graph, const Node& conv, const Affine& affine) {
  const std::size_t channels = affine.factor.size();
  Tensor weights = *input_of(graph, conv, 1).constant;
  const std::size_t run = static_cast<std::size_t>(count_of(weights.shape)) / channels;
  for (std::size_t i = 0; i < run * channels; ++i)
    if (affine.factor[i / run] != 1)
      store_number(weights, i, number_at(weights, i) * affine.factor[i / run]);
  Tensor bias = make_tensor(weights.type, {static_cast<std::int64_t>(channels)});
  for (std::size_t c = 0; c < channels; ++c) {
    const double old = has_input(conv, 2) ? number_at(*input_of(graph, conv, 2).constant, c) : 0;
    store_number(bias, c, old * affine.factor[c] + affine.shift[c]);
  }
  Node merged = conv;
  const std::string name = input_of(graph, conv, 1).name;
  const bool scaled = affine.factor != std::vector<double>(channels, 1);
  merged.inputs.resize(3);
  if (scaled) merged.inputs[1] = add_constant(graph, name + "#scaled", std::move(weights));
  merged.inputs[2] = add_constant(graph, name + "#bias", std::move(bias));
  return merged;
}

Result<std::optional<Node>> merge(Graph& graph, const Node& first, const Node& second,
                                  std::size_t slot) {
  if (first.op != "Conv" || first.attributes.count("activation")) return std::optional<Node>{};
  const auto affine = affine_of(graph, second, slot);
  if (!affine || affine->factor.empty()) return std::optional<Node>{};
  const bool weights = input_of(graph, first, 1).constant.has_value();
  if (!weights || !is_constant(graph, first, 2)) return std::optional<Node>{};
  Node merged = with_affine(graph, first, *affine);
  merged.outputs = second.outputs;
  merged.layer = merged_layer(first, second);
  return std::optional(std::move(merged));
}

}  // namespace

Result<> fold_affine(Graph& graph) { return merge_pairs(graph, merge); }

}  // namespace neuron::compile::passes
