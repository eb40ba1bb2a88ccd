// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store.h"

namespace neuron::view {

/// What a page says about a profile beside its events: names, summary, layers, tensors, queues.
Json describe(const Timeline& timeline, const std::vector<Metric>& summary);

}  // namespace neuron::view
