// SPDX-License-Identifier: Apache-2.0
#include "compile/shapes.h"

#include <algorithm>

#include "compile/attributes.h"
#include "compile/constants.h"

namespace neuron::compile {

Result<> check_shape(const Shape& shape) {
  std::int64_t count = 1;
  for (std::int64_t dim : shape) {
    if (dim < 0) return fail(Code::Malformed, "shape {} has a negative dimension", text_of(shape));
    if (dim > kMaxElements || (dim > 0 && count > kMaxElements / dim))
      return fail(Code::NoResource, "shape {} has more than {} elements", text_of(shape),
                  kMaxElements);
    count *= std::max<std::int64_t>(dim, 1);
  }
  return {};
}

Result<Shape> broadcast(const Shape& a, const Shape& b) {
  const Shape& longer = a.size() >= b.size() ? a : b;
  const Shape& shorter = a.size() >= b.size() ? b : a;
  Shape shape = longer;
  const std::size_t shift = longer.size() - shorter.size();
  for (std::size_t i = 0; i < shorter.size(); ++i) {
    std::int64_t& dim = shape[shift + i];
    if (dim == 1) dim = shorter[i];
    if (dim != shorter[i] && shorter[i] != 1)
      return fail(Code::Malformed, "shapes {} and {} do not broadcast", text_of(a), text_of(b));
  }
  return shape;
}

Result<std::int64_t> front_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size)
    return fail(Code::Malformed, "axis is {}, expected {} to {}", axis, -size, size - 1);
  return axis < 0 ? axis + size : axis;
}

Result<std::vector<std::int64_t>> front_axes(std::vector<std::int64_t> axes, std::size_t rank) {
  for (std::int64_t& axis : axes) axis = TRY(front_axis(axis, rank));
  auto sorted = axes;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return fail(Code::Malformed, "an axis is listed twice");
  return axes;
}

Result<> infer(Graph& graph, const Node& node) {
  const Operator& row = *find_operator(node.op);
  std::vector<Form> forms(node.outputs.size());
  if (has_input(node, 0))
    for (Form& form : forms) form.type = input_of(graph, node, 0).type;
  TRY(row.shape(graph, node, forms));
  for (std::size_t i = 0; i < forms.size(); ++i) {
    TRY(check_shape(forms[i].shape));
    Value& value = graph.value(node.outputs[i]);
    value.type = forms[i].type;
    value.shape = std::move(forms[i].shape);
  }
  return {};
}

namespace shapes {

Result<> same(const Graph& graph, const Node& node, std::vector<Form>& out) {
  out[0].shape = input_of(graph, node, 0).shape;
  return {};
}

/// The type of the first input, the shape of the second.
Result<> second(const Graph& graph, const Node& node, std::vector<Form>& out) {
  out[0].shape = input_of(graph, node, 1).shape;
  return {};
}

Result<> top_k(const Graph& graph, const Node& node, std::vector<Form>& out) {
  Shape shape = input_of(graph, node, 0).shape;
  const auto axis = TRY(front_axis(int_of(node, "axis", -1), shape.size()));
  const std::int64_t k = int_of(node, "k", 0);
  std::int64_t& size = shape[static_cast<std::size_t>(axis)];
  if (k < 0 || k > size) return fail(Code::Malformed, "k is {}, the axis has {}", k, size);
  size = k;
  out[0].shape = shape;
  out[1] = {DType::Int64, std::move(shape)};
  return {};
}

Result<> power(const Graph& graph, const Node& node, std::vector<Form>& out) {
  out[0].shape = TRY(broadcast(input_of(graph, node, 0).shape, input_of(graph, node, 1).shape));
  return {};  // the exponent may have another type
}

Result<> binary(const Graph& graph, const Node& node, std::vector<Form>& out) {
  out[0].shape = input_of(graph, node, 0).shape;
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const Value& other = input_of(graph, node, i);
    if (other.type != out[0].type)
      return fail(Code::Malformed, "input {} is {}, the first is {}", i, name_of(other.type),
                  name_of(out[0].type));
    out[0].shape = TRY(broadcast(out[0].shape, other.shape));
  }
  return {};
}

Result<> compare(const Graph& graph, const Node& node, std::vector<Form>& out) {
  TRY(binary(graph, node, out));
  out[0].type = DType::Bool;
  return {};
}

Result<> where(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Value& condition = input_of(graph, node, 0);
  const Value& a = input_of(graph, node, 1);
  const Value& b = input_of(graph, node, 2);
  if (condition.type != DType::Bool || a.type != b.type)
    return fail(Code::Malformed, "inputs are {}, {} and {}, expected bool and two of one type",
                name_of(condition.type), name_of(a.type), name_of(b.type));
  const Shape both = TRY(broadcast(a.shape, b.shape));
  Shape shape = TRY(broadcast(condition.shape, both));
  out[0] = {a.type, std::move(shape)};
  return {};
}

Result<> cast(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const auto code = int_of(node, "to", 0);
  const auto type =
      code > 0 && code < 256 ? dtype_of_code(static_cast<unsigned>(code)) : std::nullopt;
  if (!type) return fail(Code::Malformed, "attribute 'to' is missing or unknown");
  out[0] = {*type, input_of(graph, node, 0).shape};
  return {};
}

Result<> reduce(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& shape = input_of(graph, node, 0).shape;
  const auto axes = TRY(front_axes(ints_of(node, "axes"), shape.size()));
  const bool keep = int_of(node, "keepdims", 1) != 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool gone = std::count(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) > 0;
    if (!gone || keep) out[0].shape.push_back(gone ? 1 : shape[i]);
  }
  return {};
}

Result<> matmul(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Value& left = input_of(graph, node, 0);
  const Value& right = input_of(graph, node, 1);
  Shape a = left.shape, b = right.shape;
  if (a.empty() || b.empty()) return fail(Code::Malformed, "a factor is a scalar");
  if (left.type != right.type)
    return fail(Code::Malformed, "factors are {} and {}", name_of(left.type), name_of(right.type));
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  if (a.back() != b[b.size() - 2])
    return fail(Code::Malformed, "shapes {} and {} do not multiply", text_of(left.shape),
                text_of(right.shape));
  Shape shape = TRY(broadcast(Shape(a.begin(), a.end() - 2), Shape(b.begin(), b.end() - 2)));
  if (left.shape.size() > 1) shape.push_back(a[a.size() - 2]);
  if (right.shape.size() > 1) shape.push_back(b.back());
  out[0].shape = std::move(shape);
  return {};
}

Result<> gemm(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& a = input_of(graph, node, 0).shape;
  const Shape& b = input_of(graph, node, 1).shape;
  if (a.size() != 2 || b.size() != 2)
    return fail(Code::Malformed, "factors are {} and {}, expected two matrices", text_of(a),
                text_of(b));
  const bool ta = int_of(node, "transA", 0) != 0, tb = int_of(node, "transB", 0) != 0;
  if (a[ta ? 0 : 1] != b[tb ? 1 : 0])
    return fail(Code::Malformed, "shapes {}{} and {}{} do not multiply", text_of(a),
                ta ? " transposed" : "", text_of(b), tb ? " transposed" : "");
  out[0].shape = {a[ta ? 1 : 0], b[tb ? 0 : 1]};
  if (!has_input(node, 2)) return {};
  const Shape& c = input_of(graph, node, 2).shape;
  const Shape both = TRY(broadcast(out[0].shape, c));
  if (both != out[0].shape)
    return fail(Code::Malformed, "addend {} does not broadcast to {}", text_of(c),
                text_of(out[0].shape));
  return {};
}

Result<> batch_norm(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& shape = input_of(graph, node, 0).shape;
  const std::int64_t channels = shape.size() > 1 ? shape[1] : 1;
  for (std::size_t i = 1; i < 5; ++i)
    if (const Shape& s = input_of(graph, node, i).shape; s != Shape{channels})
      return fail(Code::Malformed, "input {} has shape {}, expected [{}]", i, text_of(s), channels);
  for (Form& form : out) form.shape = {channels};
  out[0].shape = shape;
  return {};
}

Result<> layer_norm(const Graph& graph, const Node& node, std::vector<Form>& out) {
  const Shape& shape = input_of(graph, node, 0).shape;
  const auto axis = TRY(front_axis(int_of(node, "axis", -1), shape.size()));
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    if (!has_input(node, i)) continue;
    const Shape& s = input_of(graph, node, i).shape;
    const Shape both = TRY(broadcast(shape, s));
    if (both != shape)
      return fail(Code::Malformed, "input {} of shape {} does not broadcast to {}", i, text_of(s),
                  text_of(shape));
  }
  for (Form& form : out) {
    form.shape = shape;
    for (auto i = static_cast<std::size_t>(axis); i < shape.size(); ++i) form.shape[i] = 1;
  }
  out[0].shape = shape;
  return {};
}

}  // namespace shapes
}  // namespace neuron::compile
