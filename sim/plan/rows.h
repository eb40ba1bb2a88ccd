// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/kernel.h"

/// Elementwise instructions and reductions as kernels: rows move by runs, and functions are applied
/// to thousands of elements at a time. The same arithmetic as in sim/ops, in the same order.
namespace neuron::sim {

/// A kernel for `op`, or one without `run` when only the reference's way will do (an operand that
/// overlaps the result at other elements, for one).
Kernel row_kernel(const bound::tensor_tensor& op);
Kernel row_kernel(const bound::tensor_scalar& op);
Kernel row_kernel(const bound::tensor_reduce& op);
Kernel row_kernel(const bound::activate& op);
Kernel row_kernel(const bound::copy& op);
Kernel row_kernel(const bound::cast& op);
Kernel row_kernel(const bound::reciprocal& op);
Kernel row_kernel(const bound::memset& op);

/// One row of `op`, whose source is a run of float32, to `out` instead of its destination.
void compute_row(const bound::tensor_scalar& op, const Memory& m, unsigned row, float* out);

}  // namespace neuron::sim
