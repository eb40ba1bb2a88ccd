// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store/segment.h"

namespace neuron::view {

/// What the operands of an instruction say of semaphores: "S[8] (qSyncIO0)>=16 S[5]++@complete".
struct SyncText {
  std::int64_t waits_for = -1, at_least = 0;  ///< semaphore and value; -1: waits for nobody
  std::string owner;                          ///< of the semaphore it waits for; may be empty
  std::int64_t raises = -1;                   ///< semaphore; -1: none
};
SyncText parse_sync(std::string_view operands);

/// Whom instruction `index` waited for and who waited for it, as [{"direction": "before"|"after",
/// "semaphore", "value", "at_ps", "track", "index", "begin_ps", "end_ps", "row", "label"}]: the
/// recorded update that made its condition true, and the event that ended just before that update.
/// Empty where the trace holds no updates.
Result<Json> dependencies_of(const Segment& segment, std::uint32_t index);

}  // namespace neuron::view
