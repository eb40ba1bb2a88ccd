// SPDX-License-Identifier: Apache-2.0
// Values in the type that products take, beside or instead of float32.
#include <algorithm>

#include "compile/ops/lowering.h"

namespace neuron::compile {

/// The same value in another type, by an engine; nothing when it is too large to stay.
Result<std::optional<Feature>> Lowering::converted(const Feature& from, DType type) {
  auto to = TRY(make_feature({from.n, from.c, from.s}, type));
  if (!to) return to;
  for (std::size_t p = 0; p < to->pieces.size(); ++p)
    kernel.copy(kernel.lighter(to->n * to->s), to->all(to->pieces[p]), from.all(from.pieces[p]));
  return to;
}

Result<std::optional<Feature>> Lowering::operand(ValueId id) {
  if (!precision.narrows()) return feature(id);
  if (homes_[id.value].rounded) return homes_[id.value].rounded;
  const auto wide = TRY(feature(id));
  if (!wide) return std::optional<Feature>{};
  auto narrow = TRY(converted(*wide, precision.operands));
  homes_[id.value].rounded = narrow;
  return narrow;
}

Result<std::optional<Feature>> Lowering::as_it_is(ValueId id) {
  if (homes_[id.value].rounded && !homes_[id.value].feature) return homes_[id.value].rounded;
  return feature(id);
}

Result<Feature> Lowering::resident(ValueId id) {
  auto f = TRY(feature(id));
  if (!f) return fail(Code::NoResource, "no room for a value in float32");
  return *std::move(f);
}

DType Lowering::chip_type(ValueId id) const {
  if (!precision.narrows()) return DType::Float32;
  if (precision.keeps) return precision.operands;
  const auto& uses = homes_[id.value].uses;
  const bool only_products = std::all_of(uses.begin(), uses.end(), [&](std::size_t n) {
    return n < graph.nodes.size() && graph.nodes[n].op == "Conv" &&
           graph.nodes[n].inputs[0]->value == id.value;
  });
  return only_products ? precision.operands : DType::Float32;
}

Result<Tile> Lowering::narrowed(std::uint32_t address, int partitions, std::int64_t elements) {
  const Tile to = TRY(tile(elements * static_cast<std::int64_t>(size_of(precision.operands))));
  View dst = line(address_of(to), partitions, elements);
  dst.type = precision.operands;
  kernel.copy(kernel.lighter(elements), dst, line(address, partitions, elements));
  return to;
}

}  // namespace neuron::compile
