// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "compile/attributes.h"
#include "compile/shapes.h"

namespace neuron::compile {
namespace {

// Larger windows are no real model and would let sums leave the range of 64 bits.
constexpr std::int64_t kMaxWindow = std::int64_t{1} << 24;

Result<std::vector<std::int64_t>> list_of(const Node& node, const char* name, std::size_t count,
                                          std::int64_t least, std::int64_t fallback) {
  auto list = ints_of(node, name);
  if (list.empty()) list.assign(count, fallback);
  if (list.size() != count)
    return fail(Code::Malformed, "attribute '{}' has {} numbers, expected {}", name, list.size(),
                count);
  for (std::int64_t number : list)
    if (number < least || number > kMaxWindow)
      return fail(Code::Malformed, "attribute '{}' holds {}, expected {} to {}", name, number,
                  least, kMaxWindow);
  return list;
}

// Total padding goes half to each side; the odd pixel at the end for SAME_UPPER, as the standard
// says.
void pad_to_same(AxisWindow& w, std::int64_t size, bool upper) {
  const std::int64_t steps = (size + w.stride - 1) / w.stride;
  const std::int64_t total = std::max<std::int64_t>((steps - 1) * w.stride + w.reach() - size, 0);
  w.begin = upper ? total / 2 : total - total / 2;
  w.end = total - w.begin;
}

Shape kernel_of(const Graph& graph, const Node& node) {
  const bool pool = node.op == "MaxPool" || node.op == "AveragePool";
  if (pool) return ints_of(node, "kernel_shape");
  const Shape& weights = input_of(graph, node, 1).shape;
  return weights.size() > 2 ? Shape(weights.begin() + 2, weights.end()) : Shape{};
}

Result<> check_kernel(const Node& node, const Shape& kernel, std::size_t spatial) {
  if (kernel.size() != spatial)
    return fail(Code::Malformed, "kernel has {} axes, the input has {} spatial axes", kernel.size(),
                spatial);
  if (auto said = ints_of(node, "kernel_shape"); !said.empty() && said != kernel)
    return fail(Code::Malformed, "kernel_shape is {}, the weights have {}", text_of(said),
                text_of(kernel));
  for (std::int64_t size : kernel)
    if (size < 1 || size > kMaxWindow)
      return fail(Code::Malformed, "kernel {} holds {}, expected 1 to {}", text_of(kernel), size,
                  kMaxWindow);
  return {};
}

Result<> resolve_auto_pad(const Node& node, const Shape& x, std::vector<AxisWindow>& windows) {
  const std::string mode = string_of(node, "auto_pad", "NOTSET");
  if (mode == "NOTSET") return {};
  if (mode != "VALID" && mode != "SAME_UPPER" && mode != "SAME_LOWER")
    return fail(Code::Malformed,
                "auto_pad is '{}', expected NOTSET, VALID, SAME_UPPER or SAME_LOWER", mode);
  for (std::size_t i = 0; i < windows.size(); ++i) {
    windows[i].begin = windows[i].end = 0;
    if (mode != "VALID") pad_to_same(windows[i], x[i + 2], mode == "SAME_UPPER");
  }
  return {};
}

Result<std::size_t> spatial_axes(const Shape& x) {
  if (x.size() < 3)
    return fail(Code::Malformed, "input has shape {}, expected [N,C,spatial...]", text_of(x));
  return x.size() - 2;
}

Result<> check_channels(const Node& node, const Shape& x, const Shape& w, bool transposed) {
  const auto group = int_of(node, "group", 1);
  if (group < 1 || group > kMaxWindow) return fail(Code::Malformed, "group is {}", group);
  const std::int64_t expected =
      transposed ? w[0] : (w[1] > kMaxElements / group ? -1 : w[1] * group);
  if (x[1] != expected)
    return fail(Code::Malformed, "input has {} channels, weights {} with group {} expect {}", x[1],
                text_of(w), group, expected);
  if (w[0] % group != 0)
    return fail(Code::Malformed, "{} channels do not divide into {} groups", w[0], group);
  return {};
}

Result<> check_bias(const Graph& graph, const Node& node, std::int64_t channels) {
  if (!has_input(node, 2)) return {};
  const Shape& bias = input_of(graph, node, 2).shape;
  if (bias != Shape{channels})
    return fail(Code::Malformed, "bias has shape {}, expected [{}]", text_of(bias), channels);
  return {};
}

}  // namespace

Result<std::vector<AxisWindow>> windows_of(const Graph& graph, const Node& node) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto spatial = TRY(spatial_axes(x));
  const Shape kernel = kernel_of(graph, node);
  TRY(check_kernel(node, kernel, spatial));
  const auto strides = TRY(list_of(node, "strides", spatial, 1, 1));
  const auto dilations = TRY(list_of(node, "dilations", spatial, 1, 1));
  const auto pads = TRY(list_of(node, "pads", spatial * 2, 0, 0));
  std::vector<AxisWindow> windows(spatial);
  for (std::size_t i = 0; i < spatial; ++i)
    windows[i] = {kernel[i], strides[i], dilations[i], pads[i], pads[spatial + i]};
  if (node.op != "ConvTranspose") TRY(resolve_auto_pad(node, x, windows));
  return windows;
}

Result<std::int64_t> steps_of(const AxisWindow& w, std::int64_t size, bool ceil_mode) {
  const std::int64_t room = size + w.begin + w.end - w.reach();
  if (room < 0)
    return fail(Code::Malformed, "a window of {} pixels does not fit {} pixels padded by {} and {}",
                w.reach(), size, w.begin, w.end);
  std::int64_t steps = (room + (ceil_mode ? w.stride - 1 : 0)) / w.stride + 1;
  if (ceil_mode && (steps - 1) * w.stride >= size + w.begin) --steps;
  return steps;
}

namespace shapes {

Result<> conv(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const Shape& w = input_of(graph, node, 1).shape;
  if (w.size() != x.size() || w.size() < 3)
    return fail(Code::Malformed, "input {} and weights {} do not belong together", text_of(x),
                text_of(w));
  TRY(check_channels(node, x, w, false));
  TRY(check_bias(graph, node, w[0]));
  const auto windows = TRY(windows_of(graph, node));
  out[0].shape = {x[0], w[0]};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const std::int64_t steps = TRY(steps_of(windows[i], x[i + 2], false));
    out[0].shape.push_back(steps);
  }
  return {};
}

Result<> conv_transpose(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const Shape& w = input_of(graph, node, 1).shape;
  if (w.size() != x.size() || w.size() < 3)
    return fail(Code::Malformed, "input {} and weights {} do not belong together", text_of(x),
                text_of(w));
  if (string_of(node, "auto_pad", "NOTSET") != "NOTSET" || !ints_of(node, "output_shape").empty())
    return fail(Code::UnsupportedOperator,
                "auto_pad and output_shape are not supported; nearest "
                "supported form: explicit pads and output_padding");
  TRY(check_channels(node, x, w, true));
  const auto channels = w[1] * int_of(node, "group", 1);
  TRY(check_bias(graph, node, channels));
  const auto windows = TRY(windows_of(graph, node));
  const auto extra = TRY(list_of(node, "output_padding", windows.size(), 0, 0));
  out[0].shape = {x[0], channels};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const AxisWindow& v = windows[i];
    out[0].shape.push_back((x[i + 2] - 1) * v.stride + extra[i] + v.reach() - v.begin - v.end);
  }
  return {};
}

Result<> pool(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto windows = TRY(windows_of(graph, node));
  const bool ceil_mode = int_of(node, "ceil_mode", 0) != 0;
  Shape shape{x[0], x[1]};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const std::int64_t steps = TRY(steps_of(windows[i], x[i + 2], ceil_mode));
    shape.push_back(steps);
  }
  out[0].shape = shape;
  if (out.size() > 1) out[1] = {DType::Int64, shape};
  return {};
}

Result<> global_pool(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  TRY(spatial_axes(x));
  out[0].shape.assign(x.size(), 1);
  out[0].shape[0] = x[0];
  out[0].shape[1] = x[1];
  return {};
}

Result<> resize(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto sizes = ints_of(node, "sizes");
  const auto scales = attribute_or<std::vector<float>>(node, "scales", {});
  if ((sizes.empty() ? scales.size() : sizes.size()) != x.size())
    return fail(Code::Malformed, "{} scales and {} sizes for {} axes", scales.size(), sizes.size(),
                x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!sizes.empty()) {
      out[0].shape.push_back(sizes[i]);
      continue;
    }
    const double size = static_cast<double>(x[i]) * static_cast<double>(scales[i]);
    if (!(size >= 0 && size <= static_cast<double>(kMaxElements)))
      return fail(Code::Malformed, "scale {} of axis {} is out of range", scales[i], i);
    out[0].shape.push_back(static_cast<std::int64_t>(size));
  }
  return {};
}

Result<> pad(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto pads = TRY(list_of(node, "pads", x.size() * 2, -kMaxWindow, 0));
  out[0].shape = x;
  for (std::size_t i = 0; i < x.size(); ++i) out[0].shape[i] += pads[i] + pads[x.size() + i];
  return {};
}

}  // namespace shapes
}  // namespace neuron::compile
