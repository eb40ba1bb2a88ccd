// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/shapes.h"

namespace neuron::compile {

std::int64_t Range::count() const {
  if (step > 0) return start < end ? (end - start - 1) / step + 1 : 0;
  return start > end ? (start - end - 1) / -step + 1 : 0;
}

namespace {

// The standard's clamping: negative counts from the end, then into what the step can reach.
Range clamp_range(Range r, std::int64_t dim) {
  if (r.start < 0) r.start += dim;
  if (r.end < 0) r.end += dim;
  // An end below the axis means "past the first" for a negative step: written as -1.
  r.start =
      std::clamp<std::int64_t>(r.start, 0, r.step > 0 ? dim : std::max<std::int64_t>(dim - 1, 0));
  r.end = r.step > 0 ? std::clamp<std::int64_t>(r.end, 0, dim)
                     : std::clamp<std::int64_t>(r.end, -1, dim);
  // A step longer than the axis takes one element; keep sums far from overflow.
  r.step = std::clamp<std::int64_t>(r.step, -dim - 1, dim + 1);
  if (dim == 0) r = {0, 0, 1};
  return r;
}

const Tensor* constant_input(const Graph& graph, const Node& node, std::size_t index) {
  const Value& value = input_of(graph, node, index);
  return value.constant ? &*value.constant : nullptr;
}

Result<std::int64_t> blocks_of(const Node& node, const Shape& x) {
  const auto block = int_of(node, "blocksize", 0);
  if (x.size() != 4)
    return fail(Code::Malformed, "input has shape {}, expected [N,C,H,W]", text_of(x));
  if (block < 1 || block > 65536) return fail(Code::Malformed, "blocksize is {}", block);
  return block;
}

}  // namespace

Result<std::vector<Range>> ranges_of(const Node& node, const Shape& shape) {
  const auto starts = ints_of(node, "starts"), ends = ints_of(node, "ends");
  auto axes = ints_of(node, "axes"), steps = ints_of(node, "steps");
  if (axes.empty()) {
    axes.resize(starts.size());
    std::iota(axes.begin(), axes.end(), 0);
  }
  if (steps.empty()) steps.assign(starts.size(), 1);
  if (starts.size() != ends.size() || axes.size() != starts.size() || steps.size() != starts.size())
    return fail(Code::Malformed, "{} starts, {} ends, {} axes and {} steps", starts.size(),
                ends.size(), axes.size(), steps.size());
  axes = TRY(front_axes(axes, shape.size()));
  std::vector<Range> ranges(shape.size());
  for (std::size_t i = 0; i < shape.size(); ++i) ranges[i] = {0, shape[i], 1};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] == 0) return fail(Code::Malformed, "step of axis {} is 0", axes[i]);
    const auto axis = static_cast<std::size_t>(axes[i]);
    ranges[axis] = clamp_range({starts[i], ends[i], steps[i]}, shape[axis]);
  }
  return ranges;
}

namespace shapes {

Result<> concat(const Graph& graph, const Node& node, std::vector<Form>& out) {
  Shape shape = input_of(graph, node, 0).shape;
  const auto front = TRY(front_axis(int_of(node, "axis", 0), shape.size()));
  const auto axis = static_cast<std::size_t>(front);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    Shape other = input_of(graph, node, i).shape;
    if (input_of(graph, node, i).type != out[0].type || other.size() != shape.size())
      return fail(Code::Malformed, "input {} is {} {}, the first is {} {}", i,
                  name_of(input_of(graph, node, i).type), text_of(other), name_of(out[0].type),
                  text_of(shape));
    const std::int64_t part = std::exchange(other[axis], shape[axis]);
    if (other != shape)
      return fail(Code::Malformed, "input {} of shape {} does not continue {} along axis {}", i,
                  text_of(input_of(graph, node, i).shape), text_of(shape), axis);
    shape[axis] += part;
    TRY(check_shape(shape));
  }
  out[0].shape = std::move(shape);
  return {};
}

Result<> split(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& shape = input_of(graph, node, 0).shape;
  const auto front = TRY(front_axis(int_of(node, "axis", 0), shape.size()));
  const auto axis = static_cast<std::size_t>(front);
  const auto parts = ints_of(node, "split");
  std::int64_t left = shape[axis];
  if (parts.size() != out.size())
    return fail(Code::Malformed, "{} parts for {} outputs", parts.size(), out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (parts[i] < 0 || parts[i] > left)
      return fail(Code::Malformed, "part {} is {} of {} left", i, parts[i], left);
    left -= parts[i];
    out[i].shape = shape;
    out[i].shape[axis] = parts[i];
  }
  if (left != 0) return fail(Code::Malformed, "parts leave {} of {} over", left, shape[axis]);
  return {};
}

Result<> reshape(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& from = input_of(graph, node, 0).shape;
  Shape to = ints_of(node, "shape");
  const bool zero_copies = int_of(node, "allowzero", 0) == 0;
  std::int64_t rest = -1, known = 1;
  for (std::size_t i = 0; i < to.size(); ++i) {
    if (to[i] == 0 && zero_copies) {
      if (i >= from.size())
        return fail(Code::Malformed, "shape {} copies axis {} of {}", text_of(to), i,
                    text_of(from));
      to[i] = from[i];
    }
    if (to[i] < -1 || (to[i] == -1 && rest >= 0) || to[i] > kMaxElements)
      return fail(Code::Malformed, "shape {} is no target", text_of(to));
    if (to[i] == -1)
      rest = static_cast<std::int64_t>(i);
    else if (to[i] > 0 && known > kMaxElements / to[i])
      return fail(Code::Malformed, "shape {} has too many elements", text_of(to));
    else
      known *= to[i];
  }
  const std::int64_t count = count_of(from);
  if (rest >= 0) to[static_cast<std::size_t>(rest)] = known ? count / known : 0;
  if (count_of(to) != count)
    return fail(Code::Malformed, "{} elements of {} do not fit {}", count, text_of(from),
                text_of(ints_of(node, "shape")));
  out[0].shape = std::move(to);
  return {};
}

Result<> flatten(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  // Here axis can be the rank itself: everything in front.
  auto axis = int_of(node, "axis", 1);
  const auto rank = static_cast<std::int64_t>(x.size());
  if (axis < -rank || axis > rank)
    return fail(Code::Malformed, "axis is {}, expected {} to {}", axis, -rank, rank);
  if (axis < 0) axis += rank;
  out[0].shape = {count_of(Shape(x.begin(), x.begin() + axis)),
                  count_of(Shape(x.begin() + axis, x.end()))};
  return {};
}

Result<> squeeze(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const bool all = !find_attribute<std::vector<std::int64_t>>(node, "axes");
  const auto axes = TRY(front_axes(ints_of(node, "axes"), x.size()));
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool named = std::count(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) > 0;
    if (named && x[i] != 1) return fail(Code::Malformed, "axis {} of {} is not 1", i, text_of(x));
    if (!(named || (all && x[i] == 1))) out[0].shape.push_back(x[i]);
  }
  return {};
}

Result<> unsqueeze(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  auto axes = ints_of(node, "axes");
  axes = TRY(front_axes(axes, x.size() + axes.size()));
  std::sort(axes.begin(), axes.end());
  out[0].shape = x;
  for (std::int64_t axis : axes) out[0].shape.insert(out[0].shape.begin() + axis, 1);
  return {};
}

Result<> dropout(const Graph& graph, const Node& node, std::vector<Form>& out) {
  for (Form& form : out) form.shape = input_of(graph, node, 0).shape;
  if (out.size() > 1) out[1].type = DType::Bool;
  return {};
}

Result<> transpose(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto perm = ints_of(node, "perm");
  if (perm.size() != x.size())
    return fail(Code::Malformed, "perm {} does not order {} axes", text_of(perm), x.size());
  const auto axes = TRY(front_axes(perm, x.size()));
  for (std::int64_t axis : axes) out[0].shape.push_back(x[static_cast<std::size_t>(axis)]);
  return {};
}

Result<> slice(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const auto ranges = TRY(ranges_of(node, input_of(graph, node, 0).shape));
  for (const Range& range : ranges) out[0].shape.push_back(range.count());
  return {};
}

Result<> gather(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const Value& indices = input_of(graph, node, 1);
  if (!is_integer(indices.type))
    return fail(Code::Malformed, "indices are {}", name_of(indices.type));
  const auto axis = TRY(front_axis(int_of(node, "axis", 0), x.size()));
  Shape shape(x.begin(), x.begin() + axis);
  shape.insert(shape.end(), indices.shape.begin(), indices.shape.end());
  shape.insert(shape.end(), x.begin() + axis + 1, x.end());
  out[0].shape = std::move(shape);
  return {};
}

Result<> expand(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape to = ints_of(node, "shape");
  TRY(check_shape(to));
  out[0].shape = TRY(broadcast(input_of(graph, node, 0).shape, to));
  return {};
}

Result<> tile(const Graph& graph, const Node& node, std::vector<Form>& out) {
  out[0].shape = input_of(graph, node, 0).shape;
  const Shape repeats = ints_of(node, "repeats");
  TRY(check_shape(repeats));
  if (repeats.size() != out[0].shape.size())
    return fail(Code::Malformed, "{} repeats for {} axes", repeats.size(), out[0].shape.size());
  for (std::size_t i = 0; i < repeats.size(); ++i) {
    if (repeats[i] > 0 && out[0].shape[i] > kMaxElements / repeats[i])
      return fail(Code::NoResource, "repeats {} are too many", text_of(repeats));
    out[0].shape[i] *= repeats[i];
  }
  return {};
}

Result<> depth_to_space(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto block = TRY(blocks_of(node, x));
  if (x[1] % (block * block) != 0)
    return fail(Code::Malformed, "{} channels do not divide by blocksize {} squared", x[1], block);
  out[0].shape = {x[0], x[1] / (block * block), x[2] * block, x[3] * block};
  return {};
}

Result<> space_to_depth(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& x = input_of(graph, node, 0).shape;
  const auto block = TRY(blocks_of(node, x));
  if (x[2] % block != 0 || x[3] % block != 0)
    return fail(Code::Malformed, "{} does not divide by blocksize {}", text_of(x), block);
  out[0].shape = {x[0], x[1] * block * block, x[2] / block, x[3] / block};
  return {};
}

Result<> shape(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const auto rank = static_cast<std::int64_t>(input_of(graph, node, 0).shape.size());
  const Range range = clamp_range({int_of(node, "start", 0), int_of(node, "end", rank), 1}, rank);
  out[0] = {DType::Int64, {range.count()}};
  return {};
}

Result<> size(const Graph&, const Node&, std::vector<Form>& out) {
  out[0] = {DType::Int64, {}};
  return {};
}

Result<> constant_of_shape(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Tensor* target = constant_input(graph, node, 0);
  if (!target)
    return fail(Code::UnsupportedOperator,
                "the shape is not known when the model is compiled; nearest supported form: {}",
                find_operator(node.op)->form);
  const Tensor* value = find_attribute<Tensor>(node, "value");
  out[0] = {value ? value->type : DType::Float32, integers_of(*target)};
  return {};
}

Result<> range(const Graph& graph, const Node& node, std::vector<Form>& out) {
  double number[3];
  for (std::size_t i = 0; i < 3; ++i) {
    const Tensor* part = constant_input(graph, node, i);
    if (!part)
      return fail(Code::UnsupportedOperator,
                  "input {} is not known when the model is compiled; nearest supported form: {}", i,
                  find_operator(node.op)->form);
    if (count_of(part->shape) != 1) return fail(Code::Malformed, "input {} is no scalar", i);
    number[i] = number_at(*part, 0);
  }
  const double count = std::ceil((number[1] - number[0]) / number[2]);
  if (!(count <= static_cast<double>(kMaxElements)))
    return fail(Code::Malformed, "from {} to {} by {} has no end", number[0], number[1], number[2]);
  out[0].shape = {static_cast<std::int64_t>(std::max(count, 0.0))};
  return {};
}

}  // namespace shapes
}  // namespace neuron::compile
