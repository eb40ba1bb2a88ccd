// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/edges.h"
#include "view/store/segment.h"

namespace neuron::view {

/// Whom instruction `index` waited for and who waited for it, as [{"direction": "before"|"after",
/// "semaphore", "value", "at_ps", "track", "index", "begin_ps", "end_ps", "row", "label"}]: the
/// recorded update that made its condition true, and the event that ended just before that update.
/// Empty where the trace holds no updates.
Result<Json> dependencies_of(const Segment& segment, std::uint32_t index);

}  // namespace neuron::view
