// SPDX-License-Identifier: Apache-2.0
// dst = (src op0 operand0) op1 operand1. Operand 0 is a float32 or the address of one in each
// partition; operand 1 is a float32.
#include <bit>

#include "sim/ops/prelude.h"

INSTRUCTION(tensor_scalar) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float operand0 = in.operand0_is_address ? m.scalar(in.operand0, DType::Float32, p)
                                                  : std::bit_cast<float>(in.operand0);
    const auto out = std::span(m.b).first(in.dst.count);
    apply(in.op0, m.read(in.src, p, m.a), operand0, out);
    apply(in.op1, out, std::bit_cast<float>(in.operand1), out);
    m.write(in.dst, p, out);
  }
}
