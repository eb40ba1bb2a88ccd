// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace neuron::compile {

/// Refuses a node that has too few or too many of `what`, such as "input": "1 input, expected 2".
Result<> check_count(std::size_t count, std::string_view what, std::size_t least, std::size_t most);

}  // namespace neuron::compile
