// SPDX-License-Identifier: Apache-2.0
// Puts K rows of M weights into the array, in the rows of the partitions they come from. The
// stream runs backwards: its first element belongs into the highest column. Float32 is loaded in
// two passes, LOW and then HIGH half, so that their products add up.
#include <cstring>

#include "sim/ops/prelude.h"

namespace {
float part_of(float weight, unsigned fp32_mode) {
  if (fp32_mode == neuron::sim::kLow) return weight - neuron::sim::high_half(weight);
  if (fp32_mode == neuron::sim::kHigh) return neuron::sim::high_half(weight);
  return weight;
}
}  // namespace

INSTRUCTION(ldweights) {
  const unsigned row0 = in.src.at / isa::kPartitionStride, column0 = first_column(in.column_groups);
  const bool split = in.src.type == DType::Float32 && !in.transpose;
  for (unsigned k = 0; k < in.src.partitions; ++k) {
    const auto row = m.read(in.src, k, m.a);
    for (unsigned i = 0; i < in.src.count; ++i) {
      const unsigned column = column0 + in.src.count - 1 - i;
      m.weights.values[Stationary::index(row0 + k, column)] =
          split ? part_of(row[i], in.fp32_mode) : row[i];
    }
    if (!in.transpose) continue;
    const auto raw = m.read_raw(in.src, k);
    for (unsigned i = 0; i < in.src.count; ++i) {
      std::uint32_t& cell =
          m.weights.bits[Stationary::index(row0 + k, column0 + in.src.count - 1 - i)];
      cell = 0;
      std::memcpy(&cell, raw.data() + std::size_t{i} * in.src.size, in.src.size);
    }
  }
  m.weights.type = in.src.type;
}
