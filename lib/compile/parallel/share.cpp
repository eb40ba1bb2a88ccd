// SPDX-License-Identifier: Apache-2.0
#include "compile/parallel/share.h"

#include <algorithm>
#include <cstring>
#include <map>

#include "compile/attributes.h"
#include "compile/parallel/rules.h"
#include "compile/passes/passes.h"

namespace neuron::compile {
namespace {

using passes::add_constant;
using passes::add_value;

/// Part `rank` of a tensor along an axis.
Tensor part_of(const Tensor& whole, std::size_t axis, const Share& share) {
  std::size_t runs = 1, run = size_of(whole.type);
  for (std::size_t d = 0; d < whole.shape.size(); ++d)
    (d < axis ? runs : run) *= static_cast<std::size_t>(whole.shape[d]);
  Tensor out{whole.type, whole.shape, Bytes(whole.bytes.size() / share.ranks)};
  out.shape[axis] /= share.ranks;
  const std::size_t part = run / share.ranks;
  for (std::size_t r = 0; r < runs; ++r)
    std::memcpy(out.bytes.data() + r * part, whole.bytes.data() + r * run + share.rank * part,
                part);
  return out;
}

class Sharer {
 public:
  Sharer(const Graph& whole, const Share& share)
      : in_(whole), share_(share), parts_(whole.values.size()), wholes_(whole.values.size()) {}

  Result<Graph> run() {
    out_.name = in_.name;
    out_.opset = in_.opset;
    for (const ValueId id : in_.inputs) take_input(id);
    for (const Node& node : in_.nodes) visit(node);
    for (const ValueId id : in_.outputs) out_.outputs.push_back(whole(id));
    if (cuts_ == 0)
      return fail(
          Code::UnsupportedOperator, "{}",
          share_.split == Split::Tensor
              ? fmt::format("no product has a constant factor whose columns {} ranks can share",
                            share_.ranks)
              : fmt::format("no input has a first dimension that {} ranks can share",
                            share_.ranks));
    return std::move(out_);
  }

 private:
  struct Part {
    ValueId id;
    std::size_t axis;
  };

  /// Parts of the data go to the ranks along the first axis, which all inputs of a batch have.
  void take_input(ValueId id) {
    const Value& v = in_.value(id);
    wholes_[id.value] = add_value(out_, v.name, v.type, v.shape);
    out_.inputs.push_back(*wholes_[id.value]);
    const bool is_batch = share_.split == Split::Data && !v.shape.empty() &&
                          v.shape[0] % share_.ranks == 0 &&
                          v.shape[0] == in_.value(in_.inputs[0]).shape[0];
    if (!is_batch) return;
    ++cuts_;
    parts_[id.value] = Part{part(id, 0), 0};
  }

  void visit(const Node& node) {
    std::vector<Axis> now;
    for (const auto& input : node.inputs) {
      const bool is_cut = input && parts_[input->value];
      now.push_back(is_cut ? Axis(parts_[input->value]->axis) : Axis());
    }
    auto cutting = cutting_of(in_, node, now, share_);
    if (!cutting) cutting = cutting_of(in_, node, std::vector<Axis>(now.size()), share_);
    if (!cutting) return copy(node);
    ++cuts_;
    cutting->sums ? add_up(node, *cutting) : compute(node, *cutting);
  }

  /// A node that sees its inputs whole.
  void copy(Node node) {
    for (auto& input : node.inputs)
      if (input) input = whole(*input);
    for (ValueId& output : node.outputs) {
      const Value& v = in_.value(output);
      const ValueId own = add_value(out_, v.name, v.type, v.shape);
      wholes_[std::exchange(output, own).value] = own;
    }
    out_.nodes.push_back(std::move(node));
  }

  void compute(Node node, const Cutting& cutting) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      if (node.inputs[i]) node.inputs[i] = seen(*node.inputs[i], cutting.inputs[i]);
    const ValueId from = node.outputs[0];
    Shape shape = in_.value(from).shape;
    shape[*cutting.output] /= share_.ranks;
    node.outputs = {add_value(out_, in_.value(from).name + "#part", in_.value(from).type, shape)};
    parts_[from.value] = Part{node.outputs[0], *cutting.output};
    out_.nodes.push_back(std::move(node));
  }

  /// A product of parts: its sums over all ranks, then what came with it.
  void add_up(const Node& node, const Cutting& cutting) {
    const ValueId to = node.outputs[0];
    const Value& v = in_.value(to);
    Node product = node, finish = node;
    product.inputs = {seen(*node.inputs[0], cutting.inputs[0]),
                      seen(*node.inputs[1], cutting.inputs[1])};
    product.attributes.erase("activation");
    product.outputs = {add_value(out_, v.name + "#addend", v.type, v.shape)};
    const bool adds = has_input(node, 2);
    const std::string activation = string_of(node, "activation");
    const bool is_done = !adds && activation.empty();
    const ValueId sum = add_value(out_, is_done ? v.name : v.name + "#sum", v.type, v.shape);
    const ValueId from = product.outputs[0];
    out_.nodes.push_back(std::move(product));
    join(kAllReduce, v.name, from, sum);
    wholes_[to.value] = sum;
    if (is_done) return;
    finish.op = adds ? "Add" : activation;
    finish.inputs = {sum};
    if (adds) finish.inputs.push_back(whole(*node.inputs[2]));
    for (const char* name : {"alpha", "beta", "transA", "transB"}) finish.attributes.erase(name);
    if (!adds) finish.attributes.erase("activation");
    finish.outputs = {add_value(out_, v.name, v.type, v.shape)};
    wholes_[to.value] = finish.outputs[0];
    out_.nodes.push_back(std::move(finish));
  }

  ValueId seen(ValueId id, Axis axis) { return axis ? part(id, *axis) : whole(id); }

  /// This rank's part of a value: of a constant, of what is cut so already, or of the whole.
  ValueId part(ValueId id, std::size_t axis) {
    const Value& v = in_.value(id);
    if (v.constant) {
      const auto key = std::pair(id.value, axis);
      if (!constants_.count(key))
        constants_[key] = add_constant(out_, v.name + "#part", part_of(*v.constant, axis, share_));
      return constants_[key];
    }
    if (parts_[id.value] && parts_[id.value]->axis == axis) return parts_[id.value]->id;
    Shape shape = v.shape;
    const std::int64_t length = shape[axis] /= share_.ranks, begin = length * share_.rank;
    Node slice{"Slice", v.name, {whole(id)}, {}, {}, v.name};
    slice.outputs = {add_value(out_, v.name + "#part", v.type, shape)};
    using Ints = std::vector<std::int64_t>;
    slice.attributes = {{"starts", Ints{begin}},
                        {"ends", Ints{begin + length}},
                        {"axes", Ints{static_cast<std::int64_t>(axis)}},
                        {"steps", Ints{1}}};
    out_.nodes.push_back(slice);
    return slice.outputs[0];
  }

  ValueId whole(ValueId id) {
    auto& known = wholes_[id.value];
    if (known) return *known;
    const Value& v = in_.value(id);
    known = v.constant ? add_constant(out_, v.name, *v.constant) : gathered(v, *parts_[id.value]);
    return *known;
  }

  /// All parts come one after another; where the cut is not the outermost, they are woven.
  ValueId gathered(const Value& v, const Part& part) {
    const std::int64_t ranks = share_.ranks;
    std::int64_t before = 1, after = 1;
    for (std::size_t d = 0; d < v.shape.size(); ++d) (d < part.axis ? before : after) *= v.shape[d];
    if (before == 1) {
      const ValueId all = add_value(out_, v.name, v.type, v.shape);
      join(kAllGather, v.name, part.id, all);
      return all;
    }
    const Shape parts{ranks, before, after / ranks}, woven{before, ranks, after / ranks};
    const ValueId all = add_value(out_, v.name + "#parts", v.type, parts);
    join(kAllGather, v.name, part.id, all);
    const ValueId turned = add_value(out_, v.name + "#woven", v.type, woven);
    Node weave{"Transpose", v.name, {all}, {turned}, {}, v.name};
    weave.attributes["perm"] = std::vector<std::int64_t>{1, 0, 2};
    out_.nodes.push_back(std::move(weave));
    const ValueId out = add_value(out_, v.name, v.type, v.shape);
    out_.nodes.push_back({"Reshape", v.name, {turned}, {out}, {}, v.name});
    return out;
  }

  void join(const char* op, const std::string& name, ValueId from, ValueId to) {
    Node node{op, name, {from}, {to}, {}, name};
    node.attributes["ranks"] = static_cast<std::int64_t>(share_.ranks);
    out_.nodes.push_back(std::move(node));
  }

  const Graph& in_;
  const Share share_;
  Graph out_;
  std::vector<std::optional<Part>> parts_;      ///< by value of the whole graph
  std::vector<std::optional<ValueId>> wholes_;  ///< likewise
  std::map<std::pair<std::uint32_t, std::size_t>, ValueId> constants_;
  std::size_t cuts_ = 0;
};

}  // namespace

Result<Graph> share_of(const Graph& whole, const Share& share) {
  return Sharer(whole, share).run();
}

}  // namespace neuron::compile
