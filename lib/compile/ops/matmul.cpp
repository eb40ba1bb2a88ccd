// SPDX-License-Identifier: Apache-2.0
// Gemm and MatMul: where their matrices lie, and which of them there are.
#include "compile/ops/multiply.h"

namespace neuron::compile {
namespace {

Result<> check_floats(const Lowering& in, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (has_input(node, i) && input_of(in.graph, node, i).type != DType::Float32)
      return unsupported(node,
                         fmt::format("input of type {}", name_of(input_of(in.graph, node, i).type)),
                         "float32");
  return {};
}

/// A matrix operand; a transposed constant is turned here, once. One that is used whole may be
/// packed.
Result<Matrix> operand(Lowering& in, ValueId id, std::int64_t rows, std::int64_t columns,
                       bool transposed, float scale, bool whole = true) {
  const std::vector<float> data = in.floats(id);
  const DType type = in.precision.operands;
  if (data.empty() || (!transposed && scale == 1 && type == DType::Float32)) {
    auto place = TRY(in.device(id));
    return Matrix{place, rows, columns, transposed};
  }
  std::vector<float> turned(data.size());
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t c = 0; c < columns; ++c)
      turned[static_cast<std::size_t>(r * columns + c)] =
          scale * data[static_cast<std::size_t>(transposed ? c * rows + r : r * columns + c)];
  const bool packs = whole && type != DType::Float32;
  const auto runs = packs ? packed(turned, rows, columns) : std::nullopt;
  const VariableId v = in.constant("matrix", {rows, columns}, runs ? *runs : turned, type);
  Matrix m{{v}, rows, columns, false, type};
  m.packed = runs.has_value();
  return m;
}

/// What a Gemm adds: one number for each column, each row, or each element.
Result<> take_bias(Lowering& in, const Node& node, Product& p) {
  const float beta = float_of(node, "beta", 1);
  if (!has_input(node, 2) || beta == 0) return {};
  const Shape& c = input_of(in.graph, node, 2).shape;
  const std::vector<float> data = in.floats(*node.inputs[2]);
  if (beta != 1 && data.empty()) return unsupported(node, "beta with a computed c", "beta 1");
  if (beta == 1) {
    p.bias = TRY(in.device(*node.inputs[2]));
  } else {
    std::vector<float> scaled = data;
    for (float& f : scaled) f *= beta;
    p.bias = Place{in.constant("bias", c, scaled)};
  }
  p.bias_column = !c.empty() && c.back() != 1;
  p.bias_row = count_of(c) != (p.bias_column ? c.back() : 1) ? (p.bias_column ? c.back() : 1) : 0;
  return {};
}

/// Whether a matrix of so many rows can be used block by block: its blocks are those of the array.
const RowBlocks* even_rows(const Lowering& in, ValueId id) {
  const RowBlocks* here = in.rows(id);
  if (!here || !joins_rows(in.graph.value(id).shape)) return nullptr;
  return here;
}

/// The left operand: on chip in either way, or in HBM.
Result<> take_left(Lowering& in, ValueId id, Product& p) {
  if (const RowBlocks* here = even_rows(in, id)) {
    p.a.chip = *here;
    return {};
  }
  if (in.on_chip(id) && !p.a.transposed && in.graph.value(id).shape.size() == 2)
    p.a_on_chip = TRY(in.operand(id));
  if (!p.a_on_chip) p.a.place = TRY(in.device(id));
  return {};
}

/// Where the result goes: it stays on chip where it can.
Result<> choose_out(Lowering& in, ValueId id, bool joins, Product& p) {
  const Shape& shape = in.graph.value(id).shape;
  if (!joins || joins_rows(shape)) p.out_on_chip = TRY(in.make_rows(shape));
  if (!p.out_on_chip) p.out = in.define_device(id);
  return {};
}
/// Only what is computed may be moved away to make room.
void define_out(Lowering& in, ValueId id, const Product& p) {
  if (p.out_on_chip) in.define_rows(id, *p.out_on_chip);
}

}  // namespace

Result<> lower_gemm(Lowering& in, const Node& node) {
  TRY(check_floats(in, node));
  const Shape& a = input_of(in.graph, node, 0).shape;
  const Shape& out = output_of(in.graph, node).shape;
  const bool turn_a = int_of(node, "transA", 0) != 0, turn_b = int_of(node, "transB", 0) != 0;
  const std::int64_t sum = turn_a ? a[0] : a.back(), columns = out.back();
  const std::int64_t rows = turn_a ? a[1] : count_of(Shape(a.begin(), a.end() - 1));
  const float alpha = float_of(node, "alpha", 1);
  Product p;
  p.finish = limits_of(node);
  p.a = {{}, rows, sum, turn_a};
  if (turn_a)
    p.a.place = TRY(in.device(*node.inputs[0]));
  else
    TRY(take_left(in, *node.inputs[0], p));
  const bool folds = in.graph.value(*node.inputs[1]).constant.has_value();
  p.b = TRY(operand(in, *node.inputs[1], sum, columns, turn_b, folds ? alpha : 1));
  p.finish.scale = folds ? 1 : alpha;
  TRY(take_bias(in, node, p));
  TRY(choose_out(in, node.outputs[0], true, p));
  TRY(multiply(in, p));
  define_out(in, node.outputs[0], p);
  return {};
}

namespace {

/// Matrices of a product with numpy's batches: a[at_a], b[at_b] for each of the result.
struct Batch {
  std::int64_t at_a = 0, at_b = 0;
};
std::vector<Batch> batches_of(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  const auto size_at = [](const Shape& s, std::size_t back) {
    return back <= s.size() ? s[s.size() - back] : 1;
  };
  std::int64_t count = 1;
  for (std::size_t back = 1; back <= rank; ++back)
    count *= size_at(a, back) == 1 ? size_at(b, back) : size_at(a, back);
  std::vector<Batch> out;
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t rest = i, step_a = 1, step_b = 1;
    Batch batch;
    for (std::size_t back = 1; back <= rank; ++back) {
      const std::int64_t na = size_at(a, back), nb = size_at(b, back);
      const std::int64_t index = rest % std::max(na, nb);
      rest /= std::max(na, nb);
      batch.at_a += na == 1 ? 0 : index * step_a;
      batch.at_b += nb == 1 ? 0 : index * step_b;
      step_a *= na;
      step_b *= nb;
    }
    out.push_back(batch);
  }
  return out;
}

/// A batch of matrices on chip or in HBM, of which one at a time is taken.
struct Matrices {
  Matrix all;
  std::size_t blocks = 1;  ///< of one matrix on chip
  Matrix at(std::int64_t index) const {
    Matrix m = all;
    m.block = static_cast<std::size_t>(index) * blocks;
    m.place.offset += index * m.rows * m.columns * static_cast<std::int64_t>(size_of(m.type));
    return m;
  }
};
std::size_t blocks_of(const RowBlocks& x, std::int64_t batches) {
  return static_cast<std::size_t>(x.form.blocks / std::max<std::int64_t>(1, batches));
}

/// Every matrix of `id`, [.., rows, columns] as products see them.
Result<Matrices> take_all(Lowering& in, ValueId id, std::int64_t rows, std::int64_t columns,
                          bool transposed, std::int64_t batches) {
  Matrices s;
  if (const RowBlocks* here = in.rows(id)) {
    s.all = {{}, rows, columns, transposed, DType::Float32, *here};
    s.blocks = blocks_of(*here, batches);
    return s;
  }
  if (in.graph.value(id).constant && !transposed) {
    s.all = TRY(operand(in, id, rows * batches, columns, false, 1, false));
    s.all.rows = rows;
    return s;
  }
  s.all = {{}, rows, columns, transposed};
  s.all.place = TRY(in.device(id));
  return s;
}

/// Every product of a batch.
Result<> multiply_all(Lowering& in, const Node& node, const Shape& a, const Shape& b, bool turn_b) {
  const Shape batch_a(a.begin(), a.end() - 2), batch_b(b.begin(), b.end() - 2);
  const std::int64_t rows = a[a.size() - 2], columns = turn_b ? b[b.size() - 2] : b.back();
  const Matrices left =
      TRY(take_all(in, *node.inputs[0], rows, a.back(), false, count_of(batch_a)));
  const Matrices right =
      TRY(take_all(in, *node.inputs[1], a.back(), columns, turn_b, count_of(batch_b)));
  Product p;
  p.finish = limits_of(node);
  TRY(choose_out(in, node.outputs[0], false, p));
  const Place out = p.out;
  const std::vector<Batch> batches = batches_of(batch_a, batch_b);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    p.a = left.at(batches[i].at_a);
    p.b = right.at(batches[i].at_b);
    p.out.offset = out.offset + static_cast<std::int64_t>(i) * rows * columns * kWord;
    if (p.out_on_chip) p.out_block = i * blocks_of(*p.out_on_chip, std::ssize(batches));
    TRY(multiply(in, p));
  }
  define_out(in, node.outputs[0], p);
  return {};
}

}  // namespace

Result<> lower_matmul(Lowering& in, const Node& node) {
  TRY(check_floats(in, node));
  Shape a = input_of(in.graph, node, 0).shape, b = input_of(in.graph, node, 1).shape;
  const bool turn_b = int_of(node, "transB", 0) != 0;
  if (a.size() == 1) a.insert(a.begin(), 1);
  if (b.size() == 1) b.push_back(1);
  const std::int64_t rows = a[a.size() - 2];
  const Shape batch_a(a.begin(), a.end() - 2);
  if (count_of(Shape(b.begin(), b.end() - 2)) != 1 || turn_b)
    return multiply_all(in, node, a, b, turn_b);
  Product p;  // one matrix for all rows of a
  p.finish = limits_of(node);
  p.a = {{}, rows * count_of(batch_a), a.back(), false};
  TRY(take_left(in, *node.inputs[0], p));
  p.b = TRY(operand(in, *node.inputs[1], b[b.size() - 2], b.back(), false, 1));
  TRY(choose_out(in, node.outputs[0], true, p));
  TRY(multiply(in, p));
  define_out(in, node.outputs[0], p);
  return {};
}

}  // namespace neuron::compile
