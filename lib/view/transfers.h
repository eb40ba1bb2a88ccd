// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/pairing.h"

namespace neuron::view {
/// Gives the packets of a core to the triggers that started them: rings tell how many packets each
/// transfer makes, and a ring serves its triggers in the order in which they ran. Packets get the
/// number of their transfer, counted on from `first`.
std::vector<DmaTransfer> attribute_packets(const ntff::CoreTrace& core,
                                           const SpoolList<Instruction>& instructions,
                                           const Programs& programs, SpoolList<DmaPacket>& packets,
                                           std::size_t first);
}  // namespace neuron::view
