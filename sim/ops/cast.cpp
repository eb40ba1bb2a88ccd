// SPDX-License-Identifier: Apache-2.0
// dst = src in another type, over float32: to nearest even, integers saturate.
#include "sim/ops/prelude.h"

INSTRUCTION(cast) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) m.write(in.dst, p, m.read(in.src, p, m.a));
}
