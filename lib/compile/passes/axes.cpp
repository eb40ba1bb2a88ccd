// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/passes/passes.h"
#include "compile/shapes.h"

namespace neuron::compile::passes {
namespace {

using Ints = std::vector<std::int64_t>;

// A Slice lists exactly the axes that it cuts.
Result<> write_ranges(const Graph& graph, Node& node) {
  const Shape& shape = input_of(graph, node, 0).shape;
  const auto ranges = TRY(ranges_of(node, shape));
  Ints axes, starts, ends, steps;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const Range& r = ranges[i];
    if (r.start == 0 && r.end == shape[i] && r.step == 1) continue;
    axes.push_back(static_cast<std::int64_t>(i));
    starts.push_back(r.start);
    ends.push_back(r.end);
    steps.push_back(r.step);
  }
  node.attributes = {{"axes", axes}, {"starts", starts}, {"ends", ends}, {"steps", steps}};
  return {};
}

Result<> count_from_front(const Graph& graph, Node& node) {
  if (node.op == "Slice") return write_ranges(graph, node);
  // Flatten counts one axis further, Unsqueeze counts those of its result; both become Reshape.
  if (node.op == "Flatten" || node.op == "Unsqueeze" || node.op == "Squeeze") return {};
  const std::size_t rank = input_of(graph, node, 0).shape.size();
  if (auto at = node.attributes.find("axis"); at != node.attributes.end())
    at->second = TRY(front_axis(int_of(node, "axis", 0), rank));
  if (auto at = node.attributes.find("axes"); at != node.attributes.end())
    at->second = TRY(front_axes(ints_of(node, "axes"), rank));
  return {};
}

}  // namespace

Result<> front_axes_only(Graph& graph) {
  for (Node& node : graph.nodes) TRY(count_from_front(graph, node).within(title_of(node)));
  return {};
}

}  // namespace neuron::compile::passes
