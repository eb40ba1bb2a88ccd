// SPDX-License-Identifier: Apache-2.0
#include "compile/ops/row_blocks.h"

#include "compile/ops/lowering.h"

namespace neuron::compile {
namespace {

constexpr std::int64_t kFewestRows = 32;  ///< fewer leave most of the machine idle

std::int64_t leading(const Shape& shape, std::size_t last) {
  std::int64_t count = 1;
  for (std::size_t d = 0; d + last < shape.size(); ++d) count *= shape[d];
  return count;
}

}  // namespace

std::optional<RowForm> row_form(const Shape& shape) {
  if (shape.size() < 2) return std::nullopt;
  const std::int64_t rows = shape[shape.size() - 2], outer = leading(shape, 2);
  if (rows < kFewestRows || outer == 0 || shape.back() == 0) return std::nullopt;
  if (rows <= isa::kPartitions) return RowForm{outer, rows, shape.back()};
  if (rows % isa::kPartitions != 0) return std::nullopt;
  return RowForm{outer * (rows / isa::kPartitions), isa::kPartitions, shape.back()};
}

bool joins_rows(const Shape& shape) {
  const auto form = row_form(shape);
  return form && (form->blocks == 1 || form->rows == isa::kPartitions);
}

bool RowBlocks::is_dense() const {
  for (std::size_t b = 1; b < at.size(); ++b)
    if (at[b] != at[0] + static_cast<std::int64_t>(b) * form.columns) return false;
  return true;
}

View RowBlocks::all() const {
  return line(address(0), static_cast<int>(form.rows), form.blocks * form.columns);
}

std::optional<RowBlocks> heads_first(const RowBlocks& x, const Shape& shape) {
  // [..., R, H, D] -> [..., H, R, D]
  const std::int64_t heads = shape[shape.size() - 2], width = shape.back();
  const std::int64_t outer = leading(shape, 3);
  const std::int64_t each = x.form.blocks / outer;  ///< blocks of the rows of one head
  RowBlocks y{x.tile, {x.form.blocks * heads, x.form.rows, width}, {}, 1};
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t b = 0; b < each; ++b)
        y.at.push_back(x.at[static_cast<std::size_t>(o * each + b)] + h * width);
  return y;
}

std::optional<RowBlocks> heads_last(const RowBlocks& x, const Shape& shape) {
  // [..., H, R, D] -> [..., R, H, D]
  const std::int64_t heads = shape[shape.size() - 3], width = shape.back();
  const std::int64_t outer = leading(shape, 3);
  const std::int64_t each = x.form.blocks / (outer * heads);
  RowBlocks y{x.tile, {x.form.blocks / heads, x.form.rows, heads * width}, {}, heads};
  const auto place = [&](std::int64_t o, std::int64_t h, std::int64_t b) {
    return x.at[static_cast<std::size_t>((o * heads + h) * each + b)];
  };
  for (std::int64_t o = 0; o < outer; ++o)
    for (std::int64_t b = 0; b < each; ++b) {
      for (std::int64_t h = 1; h < heads; ++h)
        if (place(o, h, b) != place(o, 0, b) + h * width) return std::nullopt;
      y.at.push_back(place(o, 0, b));
    }
  return y;
}

std::optional<RowBlocks> reshaped(const RowBlocks& x, const Shape& from, const Shape& to) {
  RowBlocks y = x;
  y.split = 1;
  Shape plain = from;  ///< without the split
  if (x.split > 1) {
    plain.pop_back();
    plain.back() = x.form.columns;
  }
  if (row_form(to) == x.form && count_of(to) == count_of(plain)) return y;
  // [..., R, C] -> [..., R, H, D]
  if (to.size() < 3 || to[to.size() - 2] * to.back() != x.form.columns) return std::nullopt;
  Shape joined(to.begin(), to.end() - 1);
  joined.back() = x.form.columns;
  if (row_form(joined) != x.form) return std::nullopt;
  y.split = to[to.size() - 2];
  return y.split > 1 ? std::optional(y) : std::nullopt;
}

Result<std::optional<RowBlocks>> Lowering::make_rows(const Shape& shape) {
  const auto form = row_form(shape);
  if (tight.count(node_) || !form ||
      form->blocks * form->columns * kWord > resident_bytes(kernel.arch))
    return std::optional<RowBlocks>{};
  RowBlocks out;
  out.tile = TRY(lasting_tile(form->blocks * form->columns * kWord));
  out.form = *form;
  for (std::int64_t b = 0; b < form->blocks; ++b) out.at.push_back(b * form->columns);
  return std::optional(std::move(out));
}

const RowBlocks* Lowering::rows(ValueId id) const {
  const auto& home = homes_[id.value];
  return home.rows && home.rows->split == 1 ? &*home.rows : nullptr;
}

Result<std::optional<RowBlocks>> Lowering::load_rows(ValueId id) {
  if (const RowBlocks* here = rows(id)) return std::optional(*here);
  const Place from = TRY(device(id));
  auto out = TRY(make_rows(graph.value(id).shape));
  if (!out) return out;
  kernel.load(moves_of(*out, from, true));
  homes_[id.value].rows = out;
  return out;
}

std::vector<Move> Lowering::moves_of(const RowBlocks& x, Place place, bool loads) const {
  std::vector<Move> moves;
  const std::int64_t bytes = x.form.columns * kWord;
  for (std::size_t b = 0; b < x.at.size(); ++b) {
    const Place at{place.variable,
                   place.offset + static_cast<std::int64_t>(b) * x.form.rows * bytes};
    const int rows = static_cast<int>(x.form.rows);
    moves.push_back(loads ? row_load(at, bytes, x.address(b), rows, bytes)
                          : row_store(x.address(b), rows, bytes, at, bytes));
  }
  return moves;
}

bool Lowering::transpose_rows(const Node& node) {
  const ValueId x = *node.inputs[0];
  const auto& rows = homes_[x.value].rows;
  const Shape& shape = graph.value(x).shape;
  const std::vector<std::int64_t> perm = ints_of(node, "perm");
  if (!rows || shape.size() < 3) return false;
  for (std::size_t d = 0; d + 3 < perm.size(); ++d)
    if (perm[d] != static_cast<std::int64_t>(d)) return false;
  const auto first = static_cast<std::int64_t>(shape.size()) - 3;
  const auto* last = &perm[static_cast<std::size_t>(first)];
  if (last[0] != first + 1 || last[1] != first || last[2] != first + 2) return false;
  const auto turned = rows->split > 1 ? heads_first(*rows, shape) : heads_last(*rows, shape);
  if (!turned) return false;
  homes_[node.outputs[0].value].rows = turned;
  return true;
}

Result<Tile> Lowering::spread_row(ValueId id, std::int64_t count) {
  const Place from = TRY(device(id));
  return loaded(count * kWord, [&](std::uint32_t at) {
    return std::vector<Move>{row_load(from, 0, at, isa::kPartitions, count * kWord)};
  });
}

}  // namespace neuron::compile
