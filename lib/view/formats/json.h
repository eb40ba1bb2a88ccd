// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/formats/sink.h"
#include "view/timeline.h"

namespace neuron::view {
/// All tables of a profile as one JSON object, with the keys and fields of the official tool's
/// `--output-format json`. Times are nanoseconds, rounded down.
Result<> write_json(const Timeline& timeline, const Sink& sink);

/// 'S[24] (qSyncDynamicHW)', or '24' when nobody is named.
std::string semaphore_label(const Timeline& timeline, const SemaphoreUpdate& update);
}  // namespace neuron::view
