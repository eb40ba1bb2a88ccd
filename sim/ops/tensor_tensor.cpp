// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = lhs[p][i] op rhs[p][i], in float32, rounded on store.
#include "sim/ops/prelude.h"

INSTRUCTION(tensor_tensor) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto out = std::span(m.a).first(in.dst.count);
    apply(in.op, m.read(in.lhs, p, m.a), m.read(in.rhs, p, m.b), out);
    m.write(in.dst, p, out);
  }
}
