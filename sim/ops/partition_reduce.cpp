// SPDX-License-Identifier: Apache-2.0
// dst[0][i] = src[0][i] op src[1][i] op ..., in the order of the partitions.
#include <algorithm>

#include "sim/ops/prelude.h"

INSTRUCTION(partition_reduce) {
  const auto first = m.read(in.src, 0, m.a);
  std::vector<float> sum(first.begin(), first.end());
  for (unsigned p = 1; p < in.src.partitions; ++p) apply(in.op, sum, m.read(in.src, p, m.a), sum);
  m.write(in.dst, 0, sum);
}
