// SPDX-License-Identifier: Apache-2.0
// Softmax and reductions: a value as [outer, axis, inner], reduced over the axis. Outer rows go on
// partitions, several to each; where inner is long, pieces of it do.
#include <algorithm>

#include "compile/ops/wide.h"

namespace neuron::compile {
namespace {

/// A value seen as [outer, axis, inner].
struct Split {
  std::int64_t outer = 1, axis = 1, inner = 1;
};
Split split_at(const Shape& shape, std::size_t first, std::size_t last) {
  Split s;
  for (std::size_t d = 0; d < shape.size(); ++d)
    (d < first ? s.outer : d <= last ? s.axis : s.inner) *= shape[d];
  return s;
}

/// Part of a Split that lies on chip at once: [each, axis, inner] in every partition.
struct Cell {
  int partitions = 0;
  std::int64_t each = 1, axis = 1, inner = 1;
  std::int64_t from = 0;             ///< element of the value where the first partition begins
  std::int64_t partition_step = 0;   ///< elements from one partition to the next
  std::int64_t axis_step = 0;        ///< elements from one point of the axis to the next
  std::int64_t to = 0, to_step = 0;  ///< the same for a result without the axis
  std::int64_t elements() const { return each * axis * inner; }
};

std::vector<Cell> cells_of(const Split& s, std::int64_t most) {
  std::vector<Cell> out;
  if (s.inner < isa::kPartitions) {
    for (const RowTile& t : row_tiles(s.outer, s.axis * s.inner, most))
      out.push_back({t.partitions, t.each, s.axis, s.inner, t.first * s.axis * s.inner,
                     t.each * s.axis * s.inner, s.inner, t.first * s.inner, t.each * s.inner});
    return out;
  }
  for (std::int64_t o = 0; o < s.outer; ++o)
    for (const RowTile& t : row_tiles(s.inner, s.axis, most))
      out.push_back({t.partitions, 1, s.axis, t.each, o * s.axis * s.inner + t.first, t.each,
                     s.inner, o * s.inner + t.first, t.each});
  return out;
}

Move load_cell(const Cell& c, Place from, std::uint32_t address) {
  from.offset += c.from * kWord;
  Move m{from, {kLocal, address}, c.inner * kWord, {}};
  m.loops = {{c.axis, c.axis_step * kWord, c.inner * kWord},
             {c.each, c.axis * c.inner * kWord, c.axis * c.inner * kWord},
             {c.partitions, c.partition_step * kWord, isa::kPartitionStride}};
  return m;
}
Move store_cell(const Cell& c, std::uint32_t address, Place to) {
  Move m = load_cell(c, to, address);
  std::swap(m.from, m.to);
  for (Loop& l : m.loops) std::swap(l.from, l.to);
  return m;
}

/// The cell with the axis innermost, as reductions want it.
View by_axis(const Cell& c, std::uint32_t address) {
  return axes(address, c.partitions, {{c.axis, c.inner}, {c.inner, 1}, {c.each, c.axis * c.inner}});
}
View whole(const Cell& c, std::uint32_t address) {
  return line(address, c.partitions, c.elements());
}
/// One value for each [each, inner], repeated along the axis.
View repeated(const Cell& c, std::uint32_t address) {
  return grid(address, c.partitions, {{c.inner, 1}, {c.axis, 0}, {c.each, c.inner}});
}

class Softmax {
 public:
  Softmax(Lowering& in, bool logarithm) : in_(in), k_(in.kernel), logarithm_(logarithm) {}

  Result<> cell(const Cell& c, Place from, Place to) {
    const Tile x = TRY(in_.tile(c.elements() * kWord));
    k_.load({load_cell(c, from, address_of(x))});
    TRY(compute(c, address_of(x), address_of(x)));
    k_.store({store_cell(c, address_of(x), to)});
    return {};
  }

  /// From `x` to `at`, which may be the same.
  Result<> compute(const Cell& c, std::uint32_t x, std::uint32_t at) {
    const Tile small = TRY(in_.tile(2 * c.each * c.inner * kWord));
    const std::uint32_t high = address_of(small);
    const auto sum = static_cast<std::uint32_t>(high + c.each * c.inner * kWord);
    const View highs = line(high, c.partitions, c.each * c.inner);
    const View sums = line(sum, c.partitions, c.each * c.inner);
    k_.reduce(Engine::Vector, highs, by_axis(c, x), Alu::Max, 1, true);
    combine(c, at, x, Alu::Add, high);
    Tile copy;
    std::uint32_t powers = at;
    if (logarithm_) {
      copy = TRY(in_.tile(c.elements() * kWord));
      powers = address_of(copy);
    }
    k_.activate(whole(c, powers), whole(c, at), isa::Activation::Exp);
    k_.reduce(Engine::Vector, sums, by_axis(c, powers), Alu::Add, 1);
    if (logarithm_) {
      k_.activate(sums, sums, isa::Activation::Log);
      combine(c, at, at, Alu::Subtract, sum);
    } else {
      k_.reciprocal(sums, sums);
      combine(c, at, at, Alu::Mult, sum);
    }
    return {};
  }

 private:
  void combine(const Cell& c, std::uint32_t to, std::uint32_t from, Alu op, std::uint32_t with) {
    if (c.each == 1 && c.inner == 1)
      k_.tensor_pointer(Engine::Vector, whole(c, to), whole(c, from), op, with);
    else
      k_.tensor_tensor(Engine::Vector, whole(c, to), whole(c, from), op, repeated(c, with));
  }

  Lowering& in_;
  Kernel& k_;
  bool logarithm_;
};

struct Reduction {
  Alu op;
  float scale;
};
Reduction reduction_of(const Node& node, std::int64_t count) {
  if (node.op == "ReduceMax" || node.op == "GlobalMaxPool") return {Alu::Max, 1};
  if (node.op == "ReduceMin") return {Alu::Min, 1};
  if (node.op == "ReduceSum") return {Alu::Add, 1};
  if (node.op == "ReduceProd") return {Alu::Mult, 1};
  return {Alu::Add, 1.0f / static_cast<float>(count)};
}

Result<> reduce_split(Lowering& in, const Split& s, Place from, Place to, Reduction how) {
  Kernel& k = in.kernel;
  const std::int64_t most = resident_bytes(k.arch) / 4 / kWord;
  for (const Cell& c : cells_of(s, most)) {
    const Tile x = TRY(in.tile(c.elements() * kWord));
    const Tile y = TRY(in.tile(c.each * c.inner * kWord));
    const View result = line(address_of(y), c.partitions, c.each * c.inner);
    k.load({load_cell(c, from, address_of(x))});
    k.reduce(Engine::Vector, result, by_axis(c, address_of(x)), how.op, 1);
    if (how.scale != 1) k.tensor_scalar(Engine::Vector, result, result, Alu::Mult, how.scale);
    k.store({{{kLocal, address_of(y)},
              {to.variable, to.offset + c.to * kWord},
              c.inner * kWord,
              {{c.each, c.inner * kWord, c.inner * kWord},
               {c.partitions, isa::kPartitionStride, c.to_step * kWord}}}});
  }
  return {};
}

/// Feature maps on chip, reduced over all that is not batch or channel.
Result<bool> reduce_on_chip(Lowering& in, const Node& node,
                            const std::vector<std::int64_t>& axes_) {
  const Shape& shape = input_of(in.graph, node, 0).shape;
  bool spatial =
      shape.size() > 2 && axes_.size() == shape.size() - 2 && in.on_chip(*node.inputs[0]);
  for (std::size_t a = 0; spatial && a < axes_.size(); ++a)
    spatial = axes_[a] == static_cast<std::int64_t>(a) + 2;
  if (!spatial || output_of(in.graph, node).shape.size() < 2) return false;
  const auto x = TRY(in.feature(*node.inputs[0]));
  auto y = TRY(in.make_feature(output_of(in.graph, node).shape));
  if (!x || !y) return false;
  const Reduction how = reduction_of(node, x->s);
  for (std::size_t p = 0; p < x->pieces.size(); ++p) {
    const Piece& from = x->pieces[p];
    const View dst = axes(y->pieces[p].address, from.count, {{x->n, 1}});
    in.kernel.reduce(Engine::Vector, dst, axes(from.address, from.count, {{x->s, 1}, {x->n, x->s}}),
                     how.op, 1);
    if (how.scale != 1) in.kernel.tensor_scalar(Engine::Vector, dst, dst, Alu::Mult, how.scale);
  }
  in.define_feature(node.outputs[0], *std::move(y));
  return true;
}

std::vector<std::int64_t> reduced_axes(const Node& node, const Shape& shape) {
  std::vector<std::int64_t> out = ints_of(node, "axes");
  const bool global = node.op == "GlobalAveragePool" || node.op == "GlobalMaxPool";
  if (out.empty())
    for (std::size_t d = global ? 2 : 0; d < shape.size(); ++d)
      out.push_back(static_cast<std::int64_t>(d));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

/// Rows that are on chip stay there.
static Result<bool> softmax_rows(Lowering& in, const Node& node) {
  const RowBlocks* here = in.rows(*node.inputs[0]);
  if (!here || !here->is_dense()) return false;
  const RowBlocks x = *here;
  auto y = TRY(in.make_rows(input_of(in.graph, node, 0).shape));
  if (!y) return false;
  Cell c;
  c.partitions = static_cast<int>(x.form.rows);
  c.each = x.form.blocks;
  c.axis = x.form.columns;
  TRY(Softmax(in, node.op == "LogSoftmax").compute(c, x.address(0), y->address(0)));
  in.define_rows(node.outputs[0], *std::move(y));
  return true;
}

Result<> lower_softmax(Lowering& in, const Node& node) {
  const Value& x = input_of(in.graph, node, 0);
  if (x.type != DType::Float32) return unsupported(node, "not float32", "float32");
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", -1));
  if (axis + 1 == x.shape.size()) {
    const bool done = TRY(softmax_rows(in, node));
    if (done) return {};
  }
  const Split s = split_at(x.shape, axis, axis);
  const Place from = TRY(in.device(*node.inputs[0]));
  const Place to = in.define_device(node.outputs[0]);
  Softmax softmax(in, node.op == "LogSoftmax");
  for (const Cell& c : cells_of(s, resident_bytes(in.kernel.arch) / 4 / kWord))
    TRY(softmax.cell(c, from, to));
  return {};
}

Result<> lower_reduce(Lowering& in, const Node& node) {
  const Value& x = input_of(in.graph, node, 0);
  const auto* given = find_attribute<std::vector<std::int64_t>>(node, "axes");
  if (given && given->empty()) return in.alias(*node.inputs[0], node.outputs[0]);
  const std::vector<std::int64_t> axes_ = reduced_axes(node, x.shape);
  if (count_of(output_of(in.graph, node).shape) == 0) {
    in.define_device(node.outputs[0]);
    return {};
  }
  if (count_of(x.shape) == 0) return unsupported(node, "an empty axis", "at least one element");
  if (x.type != DType::Float32) return lower_wide_reduce(in, node, axes_);
  if (TRY(reduce_on_chip(in, node, axes_))) return {};
  // Runs of neighbouring axes, the last first; what is left of the shape shrinks with each.
  Shape shape = x.shape;
  std::int64_t count = 1;
  for (std::int64_t a : axes_) count *= shape[static_cast<std::size_t>(a)];
  const Reduction how = reduction_of(node, count);
  Place from = TRY(in.device(*node.inputs[0]));
  std::vector<Tile> hold;
  for (std::size_t end = axes_.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && axes_[begin - 1] + 1 == axes_[begin]) --begin;
    const auto first = static_cast<std::size_t>(axes_[begin]);
    const auto last = static_cast<std::size_t>(axes_[end - 1]);
    const Split s = split_at(shape, first, last);
    const Place to = begin == 0 ? in.define_device(node.outputs[0])
                                : in.scratch(s.outer * s.inner * kWord, hold);
    TRY(reduce_split(in, s, from, to, begin == 0 ? how : Reduction{how.op, 1}));
    for (std::size_t d = first; d <= last; ++d) shape[d] = 1;
    from = to;
    end = begin;
  }
  return {};
}

}  // namespace neuron::compile
