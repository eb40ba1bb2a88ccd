// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "compile/kernel.h"

/// Who must wait for whom: dependences between steps become waits on counting semaphores.
namespace neuron::compile {

/// What counts on its own: five engines, by instructions done, and the queues, by transfers done.
inline constexpr int kAgents = isa::kEngines + kQueues;
using Clock = std::array<std::uint32_t, kAgents>;  ///< how much of each agent's work is done

struct Wait {
  int agent;
  std::uint32_t count;  ///< of the agent's work
};
struct StepSync {
  std::vector<Wait> waits;    ///< none that follows from what the engine knows already
  std::uint32_t ordinal = 0;  ///< of this step in its agent's work, from 1
};
struct SyncPlan {
  std::vector<StepSync> steps;  ///< one per Kernel step
  std::vector<Wait> last;       ///< what must be done when the program ends
  /// For each engine and ordinal, whether somebody waits for that instruction.
  std::array<std::vector<bool>, isa::kEngines> awaited;
};
/// Reads after writes, writes after reads and writes after writes, on overlapping bytes. Steps of
/// one note never store to the same bytes of HBM twice, so such stores need no order.
SyncPlan plan_sync(const Kernel& kernel);

}  // namespace neuron::compile
