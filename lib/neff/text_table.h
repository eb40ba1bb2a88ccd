// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace neuron::neff {

/// Rows of cells as `packager info` prints them: four spaces before each, the first `aligned`
/// columns to the right, later ones as they are, nothing at line ends.
std::string table_text(const std::vector<std::vector<std::string>>& rows, std::size_t aligned);

}  // namespace neuron::neff
