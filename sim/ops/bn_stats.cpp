// SPDX-License-Identifier: Apache-2.0
// Statistics of a row: of the elements at even places and of those at odd ones, count, mean and
// variance * count; then mean and variance of what several such triples stand for together. Sums
// are taken in double, since the order that the engine sums in is not published.
#include "sim/ops/prelude.h"

namespace neuron::sim {
namespace {

void put_triple(std::span<const float> row, std::size_t first, std::span<float> out) {
  double count = 0, sum = 0, squares = 0;
  for (std::size_t i = first; i < row.size(); i += 2) sum += row[i], ++count;
  const double mean = count == 0 ? 0 : sum / count;
  for (std::size_t i = first; i < row.size(); i += 2) squares += (row[i] - mean) * (row[i] - mean);
  out[0] = static_cast<float>(count);
  out[1] = static_cast<float>(mean);
  out[2] = static_cast<float>(squares);
}

}  // namespace
}  // namespace neuron::sim

INSTRUCTION(bn_stats) {
  std::array<float, 6> out;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    put_triple(row, 0, std::span(out).first(3));
    put_triple(row, 1, std::span(out).last(3));
    m.write(in.dst, p, out);
  }
}

INSTRUCTION(bn_aggr) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    double count = 0, mean = 0, squares = 0;
    for (std::size_t i = 0; i < row.size(); i += 3) {
      const double more = row[i], delta = row[i + 1] - mean;
      if (more == 0) continue;
      const double whole = count + more;
      mean += delta * more / whole;
      squares += row[i + 2] + delta * delta * count * more / whole;
      count = whole;
    }
    const float out[] = {static_cast<float>(mean),
                         static_cast<float>(count == 0 ? 0 : squares / count)};
    m.write(in.dst, p, out);
  }
}
