// SPDX-License-Identifier: Apache-2.0
// One row a partition is kept, then read by index: dst[i] = row[index[i]]. Indices past its end
// take the last element, so that no index leaves memory.
#include <algorithm>

#include "sim/ops/prelude.h"

INSTRUCTION(gather_load) {
  for (unsigned p = 0; p < in.src.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    m.kept.table[p].assign(row.begin(), row.end());
  }
}

INSTRUCTION(gather_loaded) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const std::vector<float>& table = m.kept.table[p];
    const auto index = m.read(in.index, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float at = i < index.size() ? std::max(index[i], 0.0f) : 0.0f;
      const auto last = static_cast<float>(table.empty() ? 0 : table.size() - 1);
      out[i] = table.empty() ? 0.0f : table[static_cast<std::size_t>(std::min(at, last))];
    }
    m.write(in.dst, p, out);
  }
}
