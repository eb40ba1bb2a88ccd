// SPDX-License-Identifier: Apache-2.0
// dst[p][i] = (lhs[p][i] op0 dst[p][i - 1]) op1 rhs[p][i]; the state stays float32 and is rounded
// on its way out only. SCALAR_TENSOR_TENSOR is the same with a number in the place of the state.
#include "sim/ops/prelude.h"

INSTRUCTION(tensor_tensor_scan) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    float state = m.operand(in.initial_is_address, in.initial, p);
    const auto lhs = m.read(in.lhs, p, m.a), rhs = m.read(in.rhs, p, m.b);
    std::vector<float> out(in.dst.count);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = state = apply(in.op1, apply(in.op0, lhs[i], state), rhs[i]);
    m.write(in.dst, p, out);
  }
}

INSTRUCTION(scalar_tensor_tensor) {
  for (unsigned p = 0; p < in.dst.partitions; ++p) {
    const float operand = m.operand(in.operand0_is_address, in.operand0, p);
    const auto lhs = m.read(in.lhs, p, m.a), rhs = m.read(in.rhs, p, m.b);
    std::vector<float> row(in.dst.count, operand);
    if (in.reversed & 1)
      apply(in.op0, row, lhs, row);
    else
      apply(in.op0, lhs, operand, row);
    if (in.reversed & 2)
      apply(in.op1, rhs, row, row);
    else
      apply(in.op1, row, rhs, row);
    m.write(in.dst, p, row);
  }
}
