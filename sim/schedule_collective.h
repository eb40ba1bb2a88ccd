// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/loaded.h"
#include "sim/schedule_costs.h"

namespace neuron::sim {

/// Who triggers an operation, and when its CC-core is free for it.
struct CollectiveStart {
  isa::Engine issuer;
  std::uint32_t pc;
  Ps trigger, begin;
};
/// An operation from its trigger to its semaphore, all ranks triggering at once on boxes of the
/// largest instance type of the generation, filled rank by rank.
CollectiveSpan collective_span(const Transfer& transfer, isa::ArchId arch,
                               const CollectiveStart& start);

}  // namespace neuron::sim
