// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "view/timeline.h"

namespace neuron::view {
/// The small tables of the JSON format, by key: summary, terminology, neff_header, metadata ...
Json small_tables(const Timeline& timeline);
}  // namespace neuron::view
