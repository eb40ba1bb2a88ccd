// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/world.h"

/// The worlds of this process: one for each of its logical cores that is a rank.
namespace neuron::nrt::cc {

/// The world in which logical core `vnc` is `rank` of `ranks`; begins to meet the others when it is
/// new, has other numbers, or was broken. Ranks meet at NEURON_RT_ROOT_COMM_ID; without it all are
/// of this process.
Result<std::shared_ptr<World>> join(std::uint32_t vnc, std::uint32_t rank, std::uint32_t ranks);
/// Says good-bye; nrt_close does so.
void leave_all();

}  // namespace neuron::nrt::cc
