// SPDX-License-Identifier: Apache-2.0
#include "compile/parallel/rules.h"

#include <algorithm>

#include "compile/attributes.h"

namespace neuron::compile {
namespace {

/// A node, and how its inputs are cut now.
struct Question {
  const Graph& graph;
  const Node& node;
  const std::vector<Axis>& now;
  const Share& share;

  const Shape& in(std::size_t i) const { return input_of(graph, node, i).shape; }
  const Shape& out() const { return output_of(graph, node).shape; }
  /// No input is cut but for the first.
  Cutting first(Axis output) const {
    Cutting c{std::vector<Axis>(node.inputs.size()), output};
    c.inputs[0] = now[0];
    return c;
  }
};
using Rule = std::optional<Cutting> (*)(const Question&);

std::int64_t count_before(const Shape& shape, std::size_t axis) {
  return count_of(Shape(shape.begin(), shape.begin() + static_cast<std::ptrdiff_t>(axis)));
}
bool holds(const std::vector<std::int64_t>& list, std::size_t axis) {
  return std::find(list.begin(), list.end(), static_cast<std::int64_t>(axis)) != list.end();
}

/// The axis of a shape that numpy's broadcasting puts at `axis` of the result, if it is as long.
Axis aligned(const Shape& shape, const Shape& out, std::size_t axis) {
  if (axis + shape.size() < out.size()) return {};
  const std::size_t at = axis + shape.size() - out.size();
  return shape[at] == out[axis] ? Axis(at) : Axis();
}

std::optional<Cutting> pointwise(const Question& q) {
  const Shape& out = q.out();
  for (std::size_t i = 0; i < q.now.size(); ++i) {
    if (!q.now[i]) continue;
    Cutting c{{}, out.size() - q.in(i).size() + *q.now[i]};
    for (std::size_t k = 0; k < q.now.size(); ++k)
      c.inputs.push_back(has_input(q.node, k) ? aligned(q.in(k), out, *c.output) : Axis());
    return c;
  }
  return {};
}

std::optional<Cutting> along_axis(const Question& q) {
  if (!q.now[0] || static_cast<std::int64_t>(*q.now[0]) == int_of(q.node, "axis", -1)) return {};
  return q.first(q.now[0]);
}
std::optional<Cutting> normalized(const Question& q) {
  if (!q.now[0] || static_cast<std::int64_t>(*q.now[0]) >= int_of(q.node, "axis", -1)) return {};
  return q.first(q.now[0]);
}
std::optional<Cutting> batch(const Question& q) {
  if (q.now[0] != Axis(0)) return {};
  return q.first(0);
}
std::optional<Cutting> padded(const Question& q) {
  const auto pads = ints_of(q.node, "pads");
  const std::size_t rank = q.out().size();
  if (!q.now[0] || pads.size() != 2 * rank || pads[*q.now[0]] != 0 || pads[*q.now[0] + rank] != 0)
    return {};
  return q.first(q.now[0]);
}
std::optional<Cutting> tiled(const Question& q) {
  if (!q.now[0] || q.out()[*q.now[0]] != q.in(0)[*q.now[0]]) return {};
  return q.first(q.now[0]);
}

/// The first of the axes that an axis becomes, when the parts stay whole runs.
std::optional<Cutting> reshaped(const Question& q) {
  if (!q.now[0]) return {};
  const Shape& out = q.out();
  const std::int64_t before = count_before(q.in(0), *q.now[0]);
  for (std::size_t e = 0; e < out.size(); ++e)
    if (out[e] % q.share.ranks == 0 && count_before(out, e) == before) return q.first(e);
  return {};
}

std::optional<Cutting> transposed(const Question& q) {
  const auto perm = ints_of(q.node, "perm");
  for (std::size_t i = 0; q.now[0] && i < perm.size(); ++i)
    if (perm[i] == static_cast<std::int64_t>(*q.now[0])) return q.first(i);
  return {};
}

std::optional<Cutting> sliced(const Question& q) {
  if (!q.now[0] || holds(ints_of(q.node, "axes"), *q.now[0])) return {};
  return q.first(q.now[0]);
}

std::optional<Cutting> joined(const Question& q) {
  const auto cut = std::find_if(q.now.begin(), q.now.end(), [](Axis a) { return a.has_value(); });
  if (cut == q.now.end() || static_cast<std::int64_t>(**cut) == int_of(q.node, "axis", -1))
    return {};
  return Cutting{std::vector<Axis>(q.now.size(), *cut), *cut};
}

/// Rows by cut indices, or by whole ones from what is cut along another axis.
std::optional<Cutting> gathered(const Question& q) {
  const auto axis = static_cast<std::size_t>(int_of(q.node, "axis", 0));
  if (q.now[1]) return Cutting{{Axis(), q.now[1]}, axis + *q.now[1]};
  if (!q.now[0] || *q.now[0] == axis) return {};
  return q.first(*q.now[0] < axis ? *q.now[0] : *q.now[0] + q.in(1).size() - 1);
}

std::optional<Cutting> reduced(const Question& q) {
  const auto axes = ints_of(q.node, "axes");
  if (!q.now[0] || axes.empty() || holds(axes, *q.now[0])) return {};
  if (int_of(q.node, "keepdims", 1) != 0) return q.first(q.now[0]);
  const auto gone = std::count_if(axes.begin(), axes.end(), [&](std::int64_t a) {
    return a < static_cast<std::int64_t>(*q.now[0]);
  });
  return q.first(*q.now[0] - static_cast<std::size_t>(gone));
}

/// The axes of a matrix product: those of the sum, and of the second factor's columns.
struct Factors {
  std::size_t sum_a, sum_b, columns;
};

/// What a Gemm adds is cut like the result.
Cutting with_addend(const Question& q, Cutting c) {
  for (std::size_t i = 2; i < q.node.inputs.size(); ++i)
    c.inputs.push_back(has_input(q.node, i) && c.output ? aligned(q.in(i), q.out(), *c.output)
                                                        : Axis());
  return c;
}

/// One of a batch of products, or some rows of each.
std::optional<Cutting> by_rows(const Question& q, std::size_t cut, const Shape& of) {
  const Shape &a = q.in(0), &b = q.in(1), &out = q.out();
  const std::size_t at = out.size() - of.size() + cut;
  Cutting c{{aligned(a, out, at), Axis()}, at};
  if (at + 2 < out.size()) c.inputs[1] = aligned(b, out, at);
  return with_addend(q, std::move(c));
}

std::optional<Cutting> adds_up(const Question& q, const Factors& f) {
  const bool is_scaled = has_input(q.node, 2) && float_of(q.node, "beta", 1) != 1;
  if (is_scaled) return {};
  return with_addend(q, {{f.sum_a, f.sum_b}, {}, true});
}

std::optional<Cutting> product(const Question& q) {
  const Shape &a = q.in(0), &b = q.in(1), &out = q.out();
  if (a.size() < 2 || b.size() < 2 || int_of(q.node, "transA", 0) != 0) return {};
  const bool turn_b = int_of(q.node, "transB", 0) != 0;
  const std::size_t last = b.size() - 1;
  const Factors f{a.size() - 1, turn_b ? last : last - 1, turn_b ? last - 1 : last};
  const bool is_factor = input_of(q.graph, q.node, 1).constant.has_value();
  const Cutting columns{{Axis(), f.columns}, out.size() - 1};
  if (q.now[0]) {
    if (*q.now[0] != f.sum_a) return by_rows(q, *q.now[0], a);
    return is_factor || q.now[1] == Axis(f.sum_b) ? adds_up(q, f) : std::nullopt;
  }
  if (is_factor && q.share.split == Split::Tensor) return with_addend(q, columns);
  if (q.now[1] && *q.now[1] + 1 < last) return by_rows(q, *q.now[1], b);
  if (q.now[1] == Axis(f.columns)) return with_addend(q, columns);
  return {};
}

struct Row {
  const char* op;
  Rule rule;
};
constexpr Row kRows[] = {
#define NEURON_CUT(op, rule) {op, rule},
#include "compile/parallel/rules.def"
#undef NEURON_CUT
};

bool is_even(const Shape& shape, Axis axis, std::uint32_t ranks) {
  return !axis || (*axis < shape.size() && shape[*axis] % ranks == 0);
}

}  // namespace

std::optional<Cutting> cutting_of(const Graph& graph, const Node& node,
                                  const std::vector<Axis>& now, const Share& share) {
  const Question q{graph, node, now, share};
  for (const Row& row : kRows) {
    if (node.op != row.op) continue;
    auto c = row.rule(q);
    if (!c || !is_even(q.out(), c->output, share.ranks)) return {};
    for (std::size_t i = 0; i < c->inputs.size(); ++i)
      if (has_input(node, i) && !is_even(q.in(i), c->inputs[i], share.ranks)) return {};
    return c;
  }
  return {};
}

}  // namespace neuron::compile
