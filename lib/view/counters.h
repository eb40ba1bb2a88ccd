// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "isa/arch.h"
#include "isa/isa.h"
#include "view/timeline.h"

namespace neuron::view {
/// Fills in what one execution of `from` reads, writes and computes: bytes a partition and flops.
void put_counters(Step& row, const isa::Instruction& from, isa::ArchId arch);
}  // namespace neuron::view
