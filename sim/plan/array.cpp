// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/array.h"

#include <algorithm>

#include "sim/machine.h"

namespace neuron::sim {
namespace {
unsigned row_of(const View& v) { return v.at % isa::kPsumBase / isa::kPartitionStride; }
}  // namespace

Cells cells_of(const bound::ldweights& in) {
  const unsigned column = first_column(in.column_groups);
  return {row_of(in.src), row_of(in.src) + in.src.partitions, column, column + in.src.count};
}
Cells cells_of(const bound::matmul& in) {
  const unsigned column = first_column(in.column_groups);
  return {row_of(in.src), row_of(in.src) + in.src.partitions, column, column + in.dst.partitions};
}

Uses uses_of(const std::vector<Event>& order) {
  Uses uses;
  std::vector<const bound::ldweights*> array;  // the last one on top
  for (const Event& event : order) {
    if (!event.step) continue;
    if (const auto* load = std::get_if<bound::ldweights>(&event.step->op)) {
      std::erase_if(array, [&](const auto* o) { return cells_of(*load).contains(cells_of(*o)); });
      array.push_back(load);
    }
    const auto* product = std::get_if<bound::matmul>(&event.step->op);
    if (!product) continue;
    const Cells cells = cells_of(*product);
    const auto top = std::find_if(array.rbegin(), array.rend(), [&](const auto* load) {
      return cells_of(*load).overlaps(cells);
    });
    // What passes through the array keeps the type of the last weights of all.
    const bool fits = top != array.rend() && cells_of(**top).contains(cells) &&
                      (!product->transpose || ((*top)->transpose && *top == array.back()));
    if (fits)
      uses.weights[product] = *top;
    else
      uses.clear = false;
  }
  return uses;
}

}  // namespace neuron::sim
