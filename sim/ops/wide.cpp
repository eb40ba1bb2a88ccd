// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = dst[p][i] op src[p][i], whole numbers exactly, else in doubles.
#include "sim/wide.h"

#include "sim/ops/prelude.h"

INSTRUCTION(wide) {
  Bytes src, dst;
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const auto from = m.read_raw(in.src, p);
    src.assign(from.begin(), from.end());
    const auto old = m.read_raw(in.dst, p);
    dst.assign(old.begin(), old.end());
    for (std::size_t i = 0; i < in.dst.count; ++i)
      apply(static_cast<isa::Wide>(in.op), dst, i, in.dst.type, src, i, in.src.type);
    m.write_raw(in.dst, p, dst);
  }
}
