// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace neuron::cmd {

/// The candidate that a user who typed `word` most likely meant, or "" when none is near: at most
/// a third of the letters (and no fewer than one) added, dropped, changed or swapped.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace neuron::cmd
