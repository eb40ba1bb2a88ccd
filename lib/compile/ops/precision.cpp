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

Result<std::optional<Feature>> Lowering::resident(ValueId id) {
  if (!on_chip(id)) return std::optional<Feature>{};
  return feature(id);
}

/// A float32 copy of the whole may not fit beside the value: parts of it do.
Result<> Lowering::store_rounded(const Feature& f, Place to) {
  const std::int64_t most = resident_bytes(kernel.arch) / 4 / kWord;
  const std::int64_t images = std::clamp<std::int64_t>(most / f.s, 1, f.n);
  const std::int64_t length = std::min(f.s, most);
  for (const Piece& p : f.pieces)
    for (std::int64_t n = 0; n < f.n; n += images)
      for (std::int64_t k = 0; k < f.s; k += length) {
        const std::int64_t count = std::min(images, f.n - n), run = std::min(length, f.s - k);
        const auto wide = TRY(tile(count * run * kWord));
        View from =
            line(p.address + static_cast<std::uint32_t>((n * f.s + k) *
                                                        static_cast<std::int64_t>(size_of(f.type))),
                 p.count, count * run);
        from.type = f.type;
        kernel.copy(kernel.lighter(count * run), line(address_of(wide), p.count, count * run),
                    from);
        kernel.store({{{kLocal, address_of(wide)},
                       {to.variable, to.offset + ((n * f.c + p.first) * f.s + k) * kWord},
                       run * kWord,
                       {{count, run * kWord, f.c * f.s * kWord},
                        {p.count, isa::kPartitionStride, f.s * kWord}}}});
      }
  return {};
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
