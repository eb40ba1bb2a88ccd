// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "isa/what_if.h"

namespace neuron::sim {

/// All constants of the schedule: those of isa/costs.def, isa/archs.def and sim/costs.def.
std::vector<isa::Constant> constants(int generation);
/// Applies a JSON object of names and numbers: {"matmul_warm": 150, "hbm_bytes_per_ns": 500}. Fails
/// on the first name that no table has, and then changes nothing.
Result<> what_if(ByteView json);
void reset_constants();

}  // namespace neuron::sim
