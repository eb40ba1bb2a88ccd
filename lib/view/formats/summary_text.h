// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "view/metrics.h"

namespace neuron::view {
/// Two aligned columns, names alphabetical; SI units as plain numbers, percents as fractions.
std::string summary_text(const std::vector<Metric>& metrics);
}  // namespace neuron::view
