// SPDX-License-Identifier: Apache-2.0
// dst = src: the bits themselves when the types are equal, else over float32.
#include "sim/ops/prelude.h"

INSTRUCTION(copy) {
  for (unsigned p = 0; p < in.dst.partitions; ++p)
    if (in.src.type == in.dst.type)
      m.write_raw(in.dst, p, m.read_raw(in.src, p));
    else
      m.write(in.dst, p, m.read(in.src, p, m.a));
}
