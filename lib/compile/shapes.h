// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "compile/operators.h"

/// One shape function for each name in the shape column of operators.def, and what they share.
namespace neuron::compile {

namespace shapes {
#define NEURON_OPERATOR(name, min_in, max_in, min_out, max_out, shape, stage, form) \
  Result<> shape(const Graph& graph, const Node& node, std::vector<Form>& out);
#include "compile/operators.def"
#undef NEURON_OPERATOR
}  // namespace shapes

/// Numbers of elements above this are refused: no machine holds them, and products stay in range.
inline constexpr std::int64_t kMaxElements = std::int64_t{1} << 36;
/// No negative dimension, and at most kMaxElements elements.
Result<> check_shape(const Shape& shape);

/// numpy's rule: aligned at the end, equal or 1.
Result<Shape> broadcast(const Shape& a, const Shape& b);
/// `axis` counted from the front; -rank <= axis < rank.
Result<std::int64_t> front_axis(std::int64_t axis, std::size_t rank);
Result<std::vector<std::int64_t>> front_axes(std::vector<std::int64_t> axes, std::size_t rank);

/// Where one axis of a window operator reads: all in pixels, pads as written or as auto_pad gives.
struct AxisWindow {
  std::int64_t kernel = 1, stride = 1, dilation = 1, begin = 0, end = 0;
  std::int64_t reach() const { return (kernel - 1) * dilation + 1; }
};
/// The windows of Conv, ConvTranspose or a pool, one a spatial axis; pads checked and resolved.
Result<std::vector<AxisWindow>> windows_of(const Graph& graph, const Node& node);
/// Steps of a window over `size` pixels. A window that starts in the end padding does not count.
Result<std::int64_t> steps_of(const AxisWindow& window, std::int64_t size, bool ceil_mode);

/// starts, ends and steps of a Slice for every axis, inside the axis (ends can be -1).
struct Range {
  std::int64_t start = 0, end = 0, step = 1;
  std::int64_t count() const;
};
Result<std::vector<Range>> ranges_of(const Node& node, const Shape& shape);

/// Output shape of a node, checked; the node's outputs get it. The operator is in operators.def.
Result<> infer(Graph& graph, const Node& node);

}  // namespace neuron::compile
