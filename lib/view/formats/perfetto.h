// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/formats/sink.h"
#include "view/timeline.h"

namespace neuron::view {
/// A trace for Perfetto: one process for each core, with rows for engines, DMA engines and queues
/// (what overlaps goes to Row 1, 2 ...), semaphores as instants, and counters.
Result<> write_perfetto(const Timeline& timeline, const Sink& sink);
/// The same, with an arrow for each wait of an instruction for another.
Result<> write_perfetto_with_flows(const Timeline& timeline, const Sink& sink);
}  // namespace neuron::view
