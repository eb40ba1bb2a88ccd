// SPDX-License-Identifier: Apache-2.0
// dst[m][n] (+)= sum over k of stationary[k][m] * src[k][n], accumulated in float32 in PSUM.
// Transposing moves an identity: then the weights' bits pass through untouched.
#include <algorithm>

#include "base/numbers.h"
#include "sim/matrix.h"
#include "sim/ops/prelude.h"

namespace neuron::sim {
namespace {

void stream(Machine& m, const bound::matmul& in) {
  const unsigned rows = in.src.partitions;
  m.moving.resize(std::max(m.moving.size(), packed_size(rows, in.src.count)));
  const bool high_only = in.src.type == DType::Float32 && in.fp32_mode == kHigh;
  for (unsigned k = 0; k < rows; ++k) {
    auto row = m.read(in.src, k, m.a);
    if (high_only) {
      std::transform(row.begin(), row.end(), m.a.begin(), high_half);
      row = std::span(m.a).first(row.size());
    }
    pack(row, k, rows, m.moving.data());
  }
}

Product product_of(const Machine& m, const bound::matmul& in) {
  Product p{};
  p.weights = &m.weights;
  p.first_row = in.src.at / isa::kPartitionStride;
  p.first_column = first_column(in.column_groups);
  p.rows = in.src.partitions;
  p.columns = in.dst.partitions;
  p.count = in.src.count;
  p.moving = m.moving.data();
  p.accumulate = !(in.acc_flags & kOverwrite);
  return p;
}

/// The sum lands in PSUM in place; other layouts and types take the way over a buffer.
void compute(Machine& m, const bound::matmul& in) {
  Product p = product_of(m, in);
  if (in.dst.direct) {
    p.out = reinterpret_cast<float*>(m.memory.data() + in.dst.at);
    p.out_step = isa::kPartitionStride / sizeof(float);
    return multiply(p);
  }
  std::vector<float> sums(std::size_t{p.columns} * p.count);
  const auto row = [&](unsigned i) { return std::span(sums).subspan(i * p.count, p.count); };
  if (p.accumulate)
    for (unsigned i = 0; i < p.columns; ++i) {
      const auto old = m.read(in.dst, i, m.a);
      std::copy(old.begin(), old.end(), row(i).begin());
    }
  p.out = sums.data();
  p.out_step = p.count;
  multiply(p);
  for (unsigned i = 0; i < p.columns; ++i) m.write(in.dst, i, row(i));
}

/// The row whose 1 each moving column holds, if it holds nothing else: how a permutation looks.
bool selects_rows(const Machine& m, const bound::matmul& in, std::vector<unsigned>& row_of) {
  const unsigned rows = in.src.partitions;
  for (unsigned n = 0; n < in.src.count; ++n) {
    const float* column = m.moving.data() + std::size_t{n / kPanel} * kPanel * rows + n % kPanel;
    unsigned found = 0;
    for (unsigned k = 0; k < rows; ++k) {
      const float x = column[std::size_t{k} * kPanel];
      if (x == 0.0f) continue;
      if (x != 1.0f || found++) return false;
      row_of[n] = k;
    }
    if (!found) return false;
  }
  return true;
}

void pass_through(Machine& m, const bound::matmul& in, const std::vector<unsigned>& row_of) {
  const unsigned row0 = in.src.at / isa::kPartitionStride, column0 = first_column(in.column_groups);
  const std::size_t size = in.dst.size;
  std::vector<std::byte> row(in.dst.count * size);
  for (unsigned i = 0; i < in.dst.partitions; ++i) {
    for (unsigned n = 0; n < in.dst.count; ++n)
      std::memcpy(row.data() + n * size,
                  &m.weights.bits[Stationary::index(row0 + row_of[n], column0 + i)], size);
    m.write_raw(in.dst, i, row);
  }
}

}  // namespace
}  // namespace neuron::sim

INSTRUCTION(matmul) {
  stream(m, in);
  std::vector<unsigned> row_of(in.src.count);
  const bool passes = in.transpose && (in.acc_flags & kOverwrite) &&
                      m.weights.type == in.dst.type && selects_rows(m, in, row_of);
  passes ? pass_through(m, in, row_of) : compute(m, in);
}
