// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/kernel.h"

namespace neuron::sim {

/// Fills in Plan::kernels.
Result<> build_kernels(Plan& plan, std::span<const ByteView> constants);

}  // namespace neuron::sim
