// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/timeline.h"

namespace neuron::view {

/// A quantity over time as means over steps of 2^shift picoseconds.
struct Counter {
  const char* name;  ///< "DMA Throughput"
  const char* unit;  ///< "bytes/s", "count", "fraction"
  std::uint8_t core = 0;
  int shift = 0;
  std::vector<double> mean;
};

/// Pending DMA Count, DMA Throughput and TensorMatrix Utilization of each core, top to bottom.
/// Utilization is flops over the peak of the tensor engine; where clock or flops are not known, the
/// share of time in which it multiplies.
std::vector<Counter> counters_of(const Timeline& timeline);

}  // namespace neuron::view
