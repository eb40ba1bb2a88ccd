// SPDX-License-Identifier: Apache-2.0
// Models of channels last have a Transpose before and after every operator that looks at
// neighbours. A Transpose is not written where it stands but where somebody needs its result;
// operators that do not mind the order of axes work on what was before it, and two that undo each
// other go away.
#include <algorithm>
#include <map>
#include <numeric>

#include "compile/attributes.h"
#include "compile/fold.h"
#include "compile/passes/passes.h"
#include "compile/shapes.h"

namespace neuron::compile::passes {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::string_view kEach[] = {"Relu",       "Clip",        "LeakyRelu",
                                      "Elu",        "Selu",        "HardSigmoid",
                                      "HardSwish",  "Gelu",        "Sigmoid",
                                      "Tanh",       "Softplus",    "Softsign",
                                      "Exp",        "Log",         "Sqrt",
                                      "Reciprocal", "Abs",         "Neg",
                                      "Sign",       "Floor",       "Ceil",
                                      "Round",      "Erf",         "Sin",
                                      "Cos",        "Not",         "Cast",
                                      "Add",        "Sub",         "Mul",
                                      "Div",        "Pow",         "Mod",
                                      "Max",        "Min",         "PRelu",
                                      "Equal",      "Greater",     "GreaterOrEqual",
                                      "Less",       "LessOrEqual", "And",
                                      "Or",         "Xor",         "Where"};

bool is_each(const Node& node) {
  return std::find(std::begin(kEach), std::end(kEach), node.op) != std::end(kEach);
}
bool is_reduce(const Node& node) {
  return node.op.starts_with("Reduce") && node.attributes.count("axes") != 0;
}
std::size_t at(std::int64_t axis) { return static_cast<std::size_t>(axis); }

Ints inverse(const Ints& perm) {
  Ints out(perm.size());
  for (std::size_t i = 0; i < perm.size(); ++i) out[at(perm[i])] = static_cast<std::int64_t>(i);
  return out;
}
Shape turned(const Shape& shape, const Ints& perm) {
  Shape out;
  for (std::int64_t axis : perm) out.push_back(shape[at(axis)]);
  return out;
}
/// No element changes its place: only axes of one element move.
bool is_idle(const Shape& shape, const Ints& perm) {
  std::int64_t last = -1;
  for (std::int64_t axis : perm) {
    if (shape[at(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

/// A value is `from` with its axes in the order of `perm`.
struct Moved {
  ValueId from;
  Ints perm;
  std::string name, layer;
};

class Sinker {
 public:
  explicit Sinker(Graph& graph)
      : graph_(graph), moved_(graph.values.size()), flat_(moved_.size()) {}

  Result<std::vector<Node>> run() {
    for (const Node& node : graph_.nodes) TRY(take(node));
    for (ValueId id : graph_.outputs)
      if (moved(id)) finish(id);
    return std::move(next_);
  }

 private:
  Result<> take(const Node& node);
  Result<bool> sink_each(const Node& node);
  bool sink_concat(const Node& node);
  bool sink_along(const Node& node);
  bool sink_reduce(const Node& node);
  bool pass_reshape(const Node& node);
  Result<bool> turn_weights(const Node& node);

  const Moved* moved(ValueId id) const {
    return id.value < moved_.size() && moved_[id.value] ? &*moved_[id.value] : nullptr;
  }
  void move(ValueId id, Moved m) { moved_[id.value] = std::move(m); }
  ValueId needed(ValueId id);
  void finish(ValueId id);
  ValueId write(Node node, const Shape& shape, DType type);
  Result<std::optional<ValueId>> turn(ValueId id, const Ints& perm, const Shape& out,
                                      const Node& node);
  Result<ValueId> known(const char* op, ValueId id, const char* name, const Ints& list);

  Graph& graph_;
  std::vector<std::optional<Moved>> moved_, flat_;
  std::vector<Node> next_;
  std::map<std::uint32_t, bool> written_;
  std::map<std::pair<std::uint32_t, Ints>, ValueId> made_;  ///< one Transpose for all its readers
};

/// The value itself, for readers that mind the order of its axes.
ValueId Sinker::needed(ValueId id) {
  const Moved* m = moved(id);
  if (!m) return id;
  if (std::is_sorted(m->perm.begin(), m->perm.end())) return m->from;
  const auto [made, first] = made_.try_emplace({m->from.value, m->perm}, id);
  if (first) finish(id);
  return made->second;
}

void Sinker::finish(ValueId id) {
  if (written_[id.value]) return;
  written_[id.value] = true;
  const Moved& m = *moved(id);
  Node node{"Transpose", m.name, {m.from}, {id}, {{"perm", m.perm}}, m.layer};
  if (is_idle(graph_.value(m.from).shape, m.perm)) {
    node.op = "Reshape";
    node.attributes.clear();
  }
  next_.push_back(std::move(node));
}

ValueId Sinker::write(Node node, const Shape& shape, DType type) {
  const ValueId id = add_value(graph_, graph_.value(node.outputs[0]).name + "#turned", type, shape);
  node.outputs = {id};
  next_.push_back(std::move(node));
  return id;
}

/// A constant, turned or in another shape.
Result<ValueId> Sinker::known(const char* op, ValueId id, const char* name, const Ints& list) {
  FoldBudget budget;
  Node node{op, graph_.value(id).name, {id}, {}, {{name, list}}, ""};
  node.outputs = {add_value(graph_, graph_.value(id).name + "#turned", graph_.value(id).type, {})};
  TRY(infer(graph_, node));
  TRY(fold(graph_, node, budget));
  return node.outputs[0];
}

/// An operand of an operator whose result has shape `out`, for the axes as they were before `perm`;
/// nothing where that would move more than it saves.
Result<std::optional<ValueId>> Sinker::turn(ValueId id, const Ints& perm, const Shape& out,
                                            const Node& node) {
  using Answer = std::optional<ValueId>;
  if (const Moved* m = moved(id); m && m->perm == perm) return Answer(m->from);
  Shape shape = graph_.value(id).shape;
  if (count_of(shape) == 1 && shape.size() <= out.size()) return Answer(needed(id));
  const bool constant = graph_.value(id).constant.has_value();
  while (shape.size() < out.size()) shape.insert(shape.begin(), 1);
  const Ints back = inverse(perm);
  if (constant) {
    const ValueId wide = TRY(known("Reshape", id, "shape", shape));
    const ValueId result = TRY(known("Transpose", wide, "perm", back));
    return Answer(result);
  }
  const bool idle = is_idle(shape, back);
  if (!idle && count_of(shape) * 4 > count_of(out)) return Answer();
  ValueId from = needed(id);
  const DType type = graph_.value(id).type;
  if (idle || graph_.value(id).shape != shape) {
    const Shape to = idle ? turned(shape, back) : shape;
    from = write({"Reshape", node.name, {from}, {id}, {}, node.layer}, to, type);
    if (idle) return Answer(from);
  }
  return Answer(write({"Transpose", node.name, {from}, {id}, {{"perm", back}}, node.layer},
                      turned(shape, back), type));
}

Result<bool> Sinker::sink_each(const Node& node) {
  if (!is_each(node) || node.outputs.size() != 1) return false;
  const Value out = output_of(graph_, node);
  const Moved* m = nullptr;
  for (const auto& input : node.inputs)
    if (input && moved(*input) && graph_.value(*input).shape == out.shape && !m) m = moved(*input);
  if (!m || std::is_sorted(m->perm.begin(), m->perm.end())) return false;
  const Moved lead = *m;
  // All operands must be there before any is written.
  for (const auto& input : node.inputs) {
    if (!input) return false;
    const Value& value = graph_.value(*input);
    const Moved* other = moved(*input);
    const bool same = other && other->perm == lead.perm && value.shape == out.shape;
    if (same || value.constant || count_of(value.shape) == 1) continue;
    Shape shape = value.shape;
    while (shape.size() < out.shape.size()) shape.insert(shape.begin(), 1);
    if (!is_idle(shape, inverse(lead.perm)) && count_of(shape) * 4 > count_of(out.shape))
      return false;
  }
  Node copy = node;
  for (auto& input : copy.inputs) {
    const auto turned_input = TRY(turn(*input, lead.perm, out.shape, node));
    input = *turned_input;
  }
  const ValueId made = write(std::move(copy), turned(out.shape, inverse(lead.perm)), out.type);
  move(node.outputs[0], {made, lead.perm, node.name, node.layer});
  return true;
}

bool Sinker::sink_concat(const Node& node) {
  if (node.op != "Concat") return false;
  const Moved* lead = moved(*node.inputs[0]);
  if (!lead) return false;
  Node copy = node;
  for (auto& input : copy.inputs) {
    const Moved* m = moved(*input);
    if (!m || m->perm != lead->perm) return false;
    input = m->from;
  }
  const Moved kept = *lead;
  const Value out = output_of(graph_, node);
  copy.attributes["axis"] = kept.perm[at(int_of(node, "axis", 0))];
  const ValueId made = write(std::move(copy), turned(out.shape, inverse(kept.perm)), out.type);
  move(node.outputs[0], {made, kept.perm, node.name, node.layer});
  return true;
}

/// Pad and Slice, whose attributes tell of axes.
bool Sinker::sink_along(const Node& node) {
  const bool pads = node.op == "Pad", cuts = node.op == "Slice";
  const Moved* m = (pads || cuts) && node.inputs.size() == 1 ? moved(*node.inputs[0]) : nullptr;
  if (!m) return false;
  const Moved lead = *m;
  Node copy = node;
  copy.inputs[0] = lead.from;
  if (pads) {
    const Ints old = ints_of(node, "pads");
    const std::size_t rank = lead.perm.size();
    if (old.size() != 2 * rank) return false;
    Ints now(old.size());
    for (std::size_t i = 0; i < rank; ++i) {
      now[at(lead.perm[i])] = old[i];
      now[at(lead.perm[i]) + rank] = old[i + rank];
    }
    copy.attributes["pads"] = now;
  } else {
    Ints axes = ints_of(node, "axes");
    for (std::int64_t& axis : axes) axis = lead.perm[at(axis)];
    copy.attributes["axes"] = axes;
  }
  const Value out = output_of(graph_, node);
  const ValueId made = write(std::move(copy), turned(out.shape, inverse(lead.perm)), out.type);
  move(node.outputs[0], {made, lead.perm, node.name, node.layer});
  return true;
}

bool Sinker::sink_reduce(const Node& node) {
  const Moved* m = is_reduce(node) && node.inputs.size() == 1 ? moved(*node.inputs[0]) : nullptr;
  if (!m) return false;
  const Moved lead = *m;
  Node copy = node;
  copy.inputs[0] = lead.from;
  Ints axes = ints_of(node, "axes"), rest;
  for (std::size_t i = 0; i < lead.perm.size(); ++i)
    if (std::find(axes.begin(), axes.end(), static_cast<std::int64_t>(i)) == axes.end())
      rest.push_back(lead.perm[i]);
  for (std::int64_t& axis : axes) axis = lead.perm[at(axis)];
  std::sort(axes.begin(), axes.end());
  copy.attributes["axes"] = axes;
  // What is left, counted among what is left.
  Ints perm = lead.perm;
  if (int_of(node, "keepdims", 1) == 0) {
    Ints sorted = rest;
    std::sort(sorted.begin(), sorted.end());
    perm.clear();
    for (std::int64_t axis : rest)
      perm.push_back(std::lower_bound(sorted.begin(), sorted.end(), axis) - sorted.begin());
  }
  if (std::is_sorted(perm.begin(), perm.end())) {
    next_.push_back(std::move(copy));
    return true;
  }
  const Value out = output_of(graph_, node);
  const ValueId made = write(std::move(copy), turned(out.shape, inverse(perm)), out.type);
  move(node.outputs[0], {made, perm, node.name, node.layer});
  return true;
}

/// A Reshape of what did not really move reads what was before; one that makes a matrix is
/// remembered for the product behind it.
bool Sinker::pass_reshape(const Node& node) {
  const Moved* m = node.op == "Reshape" ? moved(*node.inputs[0]) : nullptr;
  if (!m) return false;
  const Shape& from = graph_.value(m->from).shape;
  if (is_idle(from, m->perm)) {
    Node copy = node;
    copy.inputs[0] = m->from;
    next_.push_back(std::move(copy));
    return true;
  }
  const Shape& to = output_of(graph_, node).shape;
  if (to.size() == 2 && !from.empty() && m->perm[0] == 0 && to[0] == from[0])
    flat_[node.outputs[0].value] = *m;
  return false;
}

/// A product with constant weights of a matrix that was made of turned images: the rows of the
/// weights take the order that the images had.
Result<bool> Sinker::turn_weights(const Node& node) {
  const bool gemm = node.op == "Gemm";
  if ((!gemm && node.op != "MatMul") || !has_input(node, 1)) return false;
  const auto& flat =
      node.inputs[0]->value < flat_.size() ? flat_[node.inputs[0]->value] : std::nullopt;
  const Value& weights = input_of(graph_, node, 1);
  if (!flat || !weights.constant || weights.shape.size() != 2 || int_of(node, "transA", 0) != 0)
    return false;
  const bool last = gemm && int_of(node, "transB", 0) != 0;
  const Value matrix = input_of(graph_, node, 0);
  const Shape images = graph_.value(flat->from).shape;
  // Axes of the images as the weights see them, without the batch.
  const Shape seen = turned(images, flat->perm);
  Shape split(seen.begin() + 1, seen.end());
  split.insert(last ? split.begin() : split.end(), weights.shape[last ? 0 : 1]);
  Ints perm;
  for (std::int64_t axis : inverse(flat->perm))
    if (axis != 0) perm.push_back(last ? axis : axis - 1);
  perm.insert(last ? perm.begin() : perm.end(),
              last ? 0 : static_cast<std::int64_t>(split.size()) - 1);
  const Shape shape = weights.shape;
  const ValueId wide = TRY(known("Reshape", *node.inputs[1], "shape", split));
  const ValueId turned_wide = TRY(known("Transpose", wide, "perm", perm));
  Node copy = node;
  copy.inputs[1] = TRY(known("Reshape", turned_wide, "shape", shape));
  copy.inputs[0] = write({"Reshape", node.name, {flat->from}, {*node.inputs[0]}, {}, node.layer},
                         matrix.shape, matrix.type);
  for (std::size_t i = 2; i < copy.inputs.size(); ++i)
    if (copy.inputs[i]) copy.inputs[i] = needed(*copy.inputs[i]);
  next_.push_back(std::move(copy));
  return true;
}

Result<> Sinker::take(const Node& node) {
  if (node.op == "Transpose") {
    Moved m{*node.inputs[0], ints_of(node, "perm"), node.name, node.layer};
    if (const Moved* before = moved(m.from)) {
      for (std::int64_t& axis : m.perm) axis = before->perm[at(axis)];
      m.from = before->from;
    }
    move(node.outputs[0], std::move(m));
    return {};
  }
  const bool done =
      sink_concat(node) || sink_along(node) || sink_reduce(node) || pass_reshape(node);
  if (done) return {};
  const bool sunk = TRY(sink_each(node));
  if (sunk) return {};
  const bool weighted = TRY(turn_weights(node));
  if (weighted) return {};
  Node copy = node;
  for (auto& input : copy.inputs)
    if (input) input = needed(*input);
  next_.push_back(std::move(copy));
  return {};
}

/// Elements that Transposes move, of nodes that outputs depend on.
std::int64_t moves(const Graph& graph, const std::vector<Node>& nodes) {
  std::vector<bool> used(graph.values.size());
  for (ValueId id : graph.outputs) used[id.value] = true;
  std::int64_t sum = 0;
  for (std::size_t i = nodes.size(); i-- > 0;) {
    const Node& node = nodes[i];
    if (std::none_of(node.outputs.begin(), node.outputs.end(),
                     [&](ValueId id) { return used[id.value]; }))
      continue;
    for (const auto& input : node.inputs)
      if (input) used[input->value] = true;
    if (node.op == "Transpose" && !is_idle(input_of(graph, node, 0).shape, ints_of(node, "perm")))
      sum += count_of(output_of(graph, node).shape);
  }
  return sum;
}

}  // namespace

Result<> sink_transposes(Graph& graph) {
  const bool any = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                               [](const Node& node) { return node.op == "Transpose"; });
  if (!any) return {};
  const std::size_t before = graph.values.size();
  std::vector<Node> nodes = TRY(Sinker(graph).run());
  if (moves(graph, nodes) < moves(graph, graph.nodes))
    graph.nodes = std::move(nodes);
  else
    graph.values.resize(before);
  return {};
}

}  // namespace neuron::compile::passes
