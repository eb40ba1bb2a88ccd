// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>

#include "base/tensor.h"

/// cpu.params: the named constants of CPU nodes, in the list format of TVM.
namespace neuron::neff {

inline constexpr std::uint64_t kParameterList = 0xF7E58D4F05049CB7,
                               kParameterArray = 0xDD5E40F096B4A13F;

/// The member's bytes. Bool and 8-bit floats travel as uint8, which is all that the format knows.
Bytes parameter_bytes(const std::map<std::string, Tensor>& parameters);

}  // namespace neuron::neff
