// SPDX-License-Identifier: Apache-2.0
// The double-row form of the tensor engine: each cell of the array holds two weights, and two rows
// of 8-bit floats stream in for each partition, so that 256 rows are summed at once.
#include "sim/ops/prelude.h"

INSTRUCTION(ldweights_double) {
  for (unsigned k = 0; k < in.src.partitions; ++k) {
    const auto row = m.read(in.src, k, m.a);
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned c = 0; c < in.columns; ++c)
        m.kept.double_rows[(std::size_t{k} * 2 + r) * kArray + c] = row[r * in.columns + c];
  }
}

INSTRUCTION(matmul_double) {
  const unsigned count = in.dst.count;
  std::vector<float> sums(std::size_t{in.columns} * count);
  const auto sum = [&](unsigned c) { return std::span(sums).subspan(c * count, count); };
  for (unsigned k = 0; k < in.src.partitions; ++k) {
    const auto row = m.read(in.src, k, m.a);
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned c = 0; c < in.columns; ++c) {
        const float weight = m.kept.double_rows[(std::size_t{k} * 2 + r) * kArray + c];
        for (unsigned n = 0; n < count; ++n) sum(c)[n] += weight * row[r * count + n];
      }
  }
  for (unsigned c = 0; c < in.columns; ++c) {
    if (!(in.acc_flags & kOverwrite)) {
      const auto old = m.read(in.dst, c, m.b);
      apply(isa::Alu::Add, old, sum(c), sum(c));
    }
    m.write(in.dst, c, sum(c));
  }
}
