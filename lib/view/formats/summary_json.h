// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "view/metrics.h"

namespace neuron::view {
/// The flat object of a summary: {"total_time": 0.017, ...}.
Json summary_object(const std::vector<Metric>& metrics);
/// One object keyed by the profile's name, as text with a final newline.
std::string summary_json(const std::string& profile_name, const std::vector<Metric>& metrics);
}  // namespace neuron::view
