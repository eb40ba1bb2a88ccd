// SPDX-License-Identifier: Apache-2.0
// dst = 1 / src, in float32.
#include <algorithm>

#include "sim/ops/prelude.h"

INSTRUCTION(reciprocal) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    std::transform(row.begin(), row.end(), out.begin(), [](float x) { return 1 / x; });
    m.write(in.dst, p, out);
  }
}
