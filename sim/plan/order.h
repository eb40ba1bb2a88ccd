// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/loaded.h"

namespace neuron::sim {

/// What happens next in one legal order: an instruction, or a transfer that completes.
struct Event {
  const Step* step = nullptr;
  const Transfer* transfer = nullptr;
  const bound::dma_indirect* rows = nullptr;  ///< finds those of the transfer
};

/// The order of the reference interpreter, found by its semaphores alone: nothing in a program
/// depends on data. What is done at load comes first. Fails on a deadlock.
Result<std::vector<Event>> order_of(const Loaded& loaded);

}  // namespace neuron::sim
