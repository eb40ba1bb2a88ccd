// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "view/timeline.h"

namespace neuron::view {
/// The small tables of the JSON format, by key: summary, terminology, neff_header, metadata ...
Json small_tables(const Timeline& timeline);
/// Adds layer_summary, active_time, pending_dma and dma_throughput.
void put_usage_tables(Json& out, const Timeline& timeline);
}  // namespace neuron::view
