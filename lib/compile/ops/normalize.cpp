// SPDX-License-Identifier: Apache-2.0
// Normalizations: mean and variance of rows, rows on partitions.
#include "compile/ops/tiles.h"

namespace neuron::compile {
namespace {

/// Rows of `length` elements, `each` of them in a partition.
struct Rows {
  std::uint32_t at;
  int partitions;
  std::int64_t length, each;
  View all() const { return line(at, partitions, length * each); }
  View by_row() const { return axes(at, partitions, {{length, 1}, {each, length}}); }
};

/// One value for each row: repeats it along the row.
View spread(const Rows& r, std::uint32_t at) {
  return grid(at, r.partitions, {{r.length, 0}, {r.each, 1}});
}

/// Subtracts means, divides by sqrt(variance + epsilon): from `from`, which lies like r, to r.
/// `tmp` is as large, `small` one value a row.
void standardize(Kernel& k, const Rows& r, std::uint32_t from, std::uint32_t tmp,
                 std::uint32_t small, float epsilon) {
  const View x = r.all(), values = line(small, r.partitions, r.each);
  const Rows source{from, r.partitions, r.length, r.each};
  const Rows squares{tmp, r.partitions, r.length, r.each};
  const float inverse = 1.0f / static_cast<float>(r.length);
  const auto combine = [&](const View& what, Alu op) {
    if (r.each == 1)
      k.tensor_pointer(k.lighter(r.length), x, what, op, small);
    else
      k.tensor_tensor(Engine::Vector, x, what, op, spread(r, small));
  };
  k.reduce(Engine::Vector, values, source.by_row(), Alu::Add, 1);
  k.tensor_scalar(Engine::Vector, values, values, Alu::Mult, -inverse);
  combine(source.all(), Alu::Add);
  k.tensor_tensor(Engine::Vector, squares.all(), x, Alu::Mult, x);
  k.reduce(Engine::Vector, values, squares.by_row(), Alu::Add, 1);
  k.tensor_scalar(Engine::Vector, values, values, Alu::Mult, inverse, Alu::Add, epsilon);
  k.activate(values, values, isa::Activation::Sqrt);
  k.reciprocal(values, values);
  combine(x, Alu::Mult);
}

/// Multiplies every row by `scale` and adds `bias`, where there is one.
void scale_and_shift(Kernel& k, const Rows& r, const Tile& scale, const Tile& bias) {
  const auto along = [&](const Tile& row) {
    return grid(address_of(row), r.partitions, {{r.length, 1}, {r.each, 0}});
  };
  k.tensor_tensor(Engine::Vector, r.all(), r.all(), Alu::Mult, along(scale));
  if (bias) k.tensor_tensor(Engine::Vector, r.all(), r.all(), Alu::Add, along(bias));
}

Result<> all_floats(const Lowering& in, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (has_input(node, i) && input_of(in.graph, node, i).type != DType::Float32)
      return unsupported(node, "not float32", "float32");
  return {};
}

}  // namespace

/// Rows that are on chip stay there.
static Result<bool> norm_rows(Lowering& in, const Node& node) {
  const RowBlocks* here = in.rows(*node.inputs[0]);
  if (!here || !here->is_dense()) return false;
  const RowBlocks x = *here;
  auto y = TRY(in.make_rows(input_of(in.graph, node, 0).shape));
  if (!y) return false;
  const std::int64_t length = x.form.columns, each = x.form.blocks;
  const Tile scale = TRY(in.spread_row(*node.inputs[1], length));
  Tile bias;
  if (has_input(node, 2)) bias = TRY(in.spread_row(*node.inputs[2], length));
  const Tile tmp = TRY(in.tile(each * length * kWord)), small = TRY(in.tile(each * kWord));
  const Rows r{y->address(0), static_cast<int>(x.form.rows), length, each};
  standardize(in.kernel, r, x.address(0), address_of(tmp), address_of(small),
              float_of(node, "epsilon", 1e-5f));
  scale_and_shift(in.kernel, r, scale, bias);
  in.define_rows(node.outputs[0], *std::move(y));
  return true;
}

Result<> lower_layer_norm(Lowering& in, const Node& node) {
  TRY(all_floats(in, node));
  const Shape& shape = input_of(in.graph, node, 0).shape;
  const auto axis = static_cast<std::size_t>(int_of(node, "axis", -1));
  std::int64_t rows = 1, length = 1;
  for (std::size_t d = 0; d < shape.size(); ++d) (d < axis ? rows : length) *= shape[d];
  if (count_of(input_of(in.graph, node, 1).shape) != length)
    return unsupported(node, "scale of another shape than the normalized axes", "the same shape");
  if (axis + 1 == shape.size()) {
    const bool done = TRY(norm_rows(in, node));
    if (done) return {};
  }
  Kernel& k = in.kernel;
  const Place from = TRY(in.device(*node.inputs[0]));
  const Place to = in.define_device(node.outputs[0]);
  const Tile scale = TRY(in.spread_row(*node.inputs[1], length));
  Tile bias;
  if (has_input(node, 2)) bias = TRY(in.spread_row(*node.inputs[2], length));
  for (const RowTile& t : row_tiles(rows, length, resident_bytes(k.arch) / 8 / kWord)) {
    const Tile x = TRY(in.tile(t.each * length * kWord)),
               tmp = TRY(in.tile(t.each * length * kWord)), small = TRY(in.tile(t.each * kWord));
    const Rows r{address_of(x), t.partitions, length, t.each};
    const std::int64_t bytes = t.each * length * kWord;
    const std::int64_t offset = t.first * length * kWord;
    k.load({row_load({from.variable, from.offset + offset}, bytes, r.at, t.partitions, bytes)});
    standardize(k, r, r.at, address_of(tmp), address_of(small), float_of(node, "epsilon", 1e-5f));
    scale_and_shift(k, r, scale, bias);
    k.store({row_store(r.at, t.partitions, bytes, {to.variable, to.offset + offset}, bytes)});
  }
  return {};
}

/// Every channel of every image is a row of its own; scale and bias are one value a partition.
Result<> lower_instance_norm(Lowering& in, const Node& node) {
  TRY(all_floats(in, node));
  const auto x = TRY(in.feature(*node.inputs[0]));
  auto y = TRY(in.make_feature(output_of(in.graph, node).shape));
  const std::vector<float> scale = in.floats(*node.inputs[1]), bias = in.floats(*node.inputs[2]);
  if (!x || !y) return unsupported(node, "an image larger than SBUF", "smaller images");
  if (scale.empty() || bias.empty())
    return unsupported(node, "scale or bias is computed", "constant scale and bias");
  Kernel& k = in.kernel;
  const Tile tmp = TRY(in.tile(x->n * x->s * kWord)), small = TRY(in.tile(x->n * kWord));
  for (std::size_t p = 0; p < x->pieces.size(); ++p) {
    const Piece& piece = y->pieces[p];
    const auto part = [&](const std::vector<float>& all) {
      return std::span(all).subspan(static_cast<std::size_t>(piece.first),
                                    static_cast<std::size_t>(piece.count));
    };
    const View out = y->all(piece);
    const Rows r{piece.address, piece.count, x->s, x->n};
    k.copy(k.lighter(x->n * x->s), out, x->all(x->pieces[p]));
    standardize(k, r, r.at, address_of(tmp), address_of(small), float_of(node, "epsilon", 1e-5f));
    const std::uint32_t factor = TRY(in.scalars(part(scale)));
    const std::uint32_t shift = TRY(in.scalars(part(bias)));
    k.tensor_pointer(k.lighter(x->n * x->s), out, out, Alu::Mult, factor);
    k.tensor_pointer(k.lighter(x->n * x->s), out, out, Alu::Add, shift);
  }
  in.define_feature(node.outputs[0], *std::move(y));
  return {};
}

}  // namespace neuron::compile
