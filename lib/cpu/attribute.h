// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "base/tensor.h"

/// What an operator is told beside its inputs; the same on the device and on the CPU.
namespace neuron {

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, Tensor>;
using Attributes = std::map<std::string, Attribute>;

}  // namespace neuron
