// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/pairing.h"

namespace neuron::view {

/// Collective operations of one core from the records of its CC-cores, in order of their begin.
/// `instructions` are the core's; what the operations are the package tells.
SpoolList<Collective> pair_collectives(const ntff::CoreTrace& core, std::uint8_t index,
                                       const SpoolList<Instruction>& instructions,
                                       Programs& programs, const TimeWindow& window, Texts& texts);

}  // namespace neuron::view
