// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/timeline.h"

namespace neuron::view {

/// What the operands of an instruction say of semaphores: "S[8] (qSyncIO0)>=16 S[5]++@complete".
struct SyncText {
  std::int64_t waits_for = -1, at_least = 0;  ///< semaphore and value; -1: waits for nobody
  std::string owner;                          ///< of the semaphore it waits for; may be empty
  std::int64_t raises = -1;                   ///< semaphore; -1: none
};
SyncText parse_sync(std::string_view operands);

/// Instruction `to` began because of an update that came as `from` ended; indices in
/// Timeline::instructions.
struct Edge {
  std::uint32_t from = 0, to = 0;
};
/// All waits between instructions that the recorded semaphore updates explain, in order of `to`.
std::vector<Edge> edges_of(const Timeline& timeline);

}  // namespace neuron::view
