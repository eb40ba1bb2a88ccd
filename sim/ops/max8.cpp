// SPDX-License-Identifier: Apache-2.0
// The eight largest of a row, and where they stand. The stream of eight runs backwards, as that of
// weights does: its first element is the smallest, and belongs into the last place.
#include <algorithm>
#include <functional>

#include "sim/ops/prelude.h"

INSTRUCTION(max8) {
  std::vector<float> sorted;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    sorted.assign(row.begin(), row.end());
    std::partial_sort(sorted.begin(), sorted.begin() + 8, sorted.end(), std::greater<>());
    std::reverse(sorted.begin(), sorted.begin() + 8);
    m.write(in.dst, p, std::span(sorted).first(8));
  }
}

INSTRUCTION(match_load) {
  for (unsigned p = 0; p < in.src.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    std::reverse_copy(row.begin(), row.end(), m.kept.matches[p].begin());
  }
}

INSTRUCTION(match_replace8) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    std::copy(row.begin(), row.end(), out.begin());
    std::vector<bool> replaced(out.size());
    for (const float match : m.kept.matches[p])
      for (std::size_t i = 0; i < out.size(); ++i)
        if (!replaced[i] && out[i] == match) {
          out[i] = in.value;
          replaced[i] = true;
          break;
        }
    m.write(in.dst, p, out);
  }
}

INSTRUCTION(find_index8) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    std::array<std::byte, 64> found;
    for (unsigned i = 0; i < 8; ++i) {
      const auto at = std::find(row.begin(), row.end(), m.kept.matches[p][i]);
      const std::uint64_t index =
          at == row.end() ? ~std::uint64_t{} : static_cast<std::uint64_t>(at - row.begin());
      for (unsigned b = 0; b < in.dst.size; ++b)
        found[i * in.dst.size + b] = static_cast<std::byte>(index >> 8 * b);
    }
    m.write_raw(in.dst, p, std::span(found).first(std::size_t{8} * in.dst.size));
  }
}
