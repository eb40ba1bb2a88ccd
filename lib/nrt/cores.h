// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "base/result.h"

namespace neuron::nrt {

/// The cores that this process asks for.
struct Range {
  std::uint32_t first = 0, count = 0;
  bool anywhere = false;  ///< the first cores that are free will do
};

/// From NEURON_RT_VISIBLE_CORES, else NEURON_RT_NUM_CORES, else all that AWS_NEURON_VISIBLE_DEVICES
/// leaves of a box of `total` cores, `per_device` each; in logical cores of `lnc` physical ones,
/// the answer in physical ones.
Result<Range> wanted_cores(std::uint32_t total, std::uint32_t per_device, std::uint32_t lnc);

}  // namespace neuron::nrt
