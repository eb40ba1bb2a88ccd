// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace neuron::compile {

/// The failure for an operator that no table row can compile: names it, and the nearest supported
/// form. `domain` is empty for the standard's own operators. The caller adds the node.
Error unsupported(const std::string& domain, const std::string& op);
/// The name that a few changed letters make of `op`; empty when none is near.
std::string nearest_name(const std::string& op, const std::vector<std::string_view>& names);

}  // namespace neuron::compile
