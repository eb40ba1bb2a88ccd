// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = the elements of src along its innermost axes, folded in order by op.
#include "sim/ops/prelude.h"

INSTRUCTION(tensor_reduce) {
  const std::size_t length = in.src.count / in.dst.count;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto row = m.read(in.src, p, m.a);
    const auto out = std::span(m.b).first(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const float folded = fold(in.op, row.subspan(i * length, length));
      out[i] = in.negate ? -folded : folded;
    }
    m.write(in.dst, p, out);
  }
}
