// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compile/attributes.h"
#include "compile/passes/passes.h"
#include "compile/shapes.h"

namespace neuron::compile::passes {
namespace {

using Ints = std::vector<std::int64_t>;

// What ceil_mode reads beyond the padded input, one number an axis.
Ints ceil_pads_of(const Graph& graph, const Node& node, const std::vector<AxisWindow>& windows) {
  const Shape& x = input_of(graph, node, 0).shape;
  const Shape& y = output_of(graph, node).shape;
  Ints pads(windows.size());
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const AxisWindow& w = windows[i];
    const std::int64_t last = (y[i + 2] - 1) * w.stride + w.reach();
    pads[i] = std::max<std::int64_t>(last - (x[i + 2] + w.begin + w.end), 0);
  }
  return pads;
}

void write_windows(Node& node, const std::vector<AxisWindow>& windows) {
  Ints strides, dilations, kernel, pads;
  for (const AxisWindow& w : windows) {
    strides.push_back(w.stride);
    dilations.push_back(w.dilation);
    kernel.push_back(w.kernel);
    pads.push_back(w.begin);
  }
  for (const AxisWindow& w : windows) pads.push_back(w.end);
  node.attributes["strides"] = std::move(strides);
  node.attributes["dilations"] = std::move(dilations);
  node.attributes["pads"] = std::move(pads);
  if (node.op == "Conv" || node.op == "ConvTranspose")
    node.attributes.erase("kernel_shape");  // the weights tell
  else
    node.attributes["kernel_shape"] = std::move(kernel);
}

Result<> resolve(const Graph& graph, Node& node) {
  auto windows = TRY(windows_of(graph, node));
  const bool ceil_mode = int_of(node, "ceil_mode", 0) != 0;
  node.attributes.erase("auto_pad");
  node.attributes.erase("ceil_mode");
  node.attributes.erase("output_shape");
  if (node.op == "ConvTranspose")
    node.attributes.emplace("output_padding", Ints(windows.size(), 0));
  if (ceil_mode) {
    const Ints extra = ceil_pads_of(graph, node, windows);
    for (std::size_t i = 0; i < windows.size(); ++i) windows[i].end += extra[i];
    const bool any = std::any_of(extra.begin(), extra.end(), [](auto pad) { return pad > 0; });
    if (any && int_of(node, "count_include_pad", 0) != 0) node.attributes["ceil_pads"] = extra;
  }
  write_windows(node, windows);
  return {};
}

}  // namespace

Result<> resolve_windows(Graph& graph) {
  for (Node& node : graph.nodes) {
    const bool has_windows = node.op == "Conv" || node.op == "ConvTranspose" ||
                             node.op == "MaxPool" || node.op == "AveragePool";
    if (has_windows) TRY(resolve(graph, node).within(title_of(node)));
  }
  return {};
}

}  // namespace neuron::compile::passes
