// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "isa/what_if.h"

namespace neuron::sim {

/// All constants of the schedule: those of isa/costs.def, isa/archs.def and sim/costs.def.
std::vector<isa::Constant> constants(isa::ArchId arch);
/// What a JSON object of names and numbers asks for, as a Clock takes it:
/// {"matmul_warm": 150, "hbm_bytes_per_ns": 500}. Fails on a name that no table has.
Result<std::vector<isa::Constant>> what_if(ByteView json);

}  // namespace neuron::sim
