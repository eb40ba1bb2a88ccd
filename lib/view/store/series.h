// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <functional>

#include "view/timeline.h"

namespace neuron::view {

/// A quantity over time as means over steps of 2^shift picoseconds.
struct Counter {
  const char* name;     ///< "DMA Throughput"
  const char* unit;     ///< "bytes/s", "count", "fraction"
  const char* of = "";  ///< the counter that this is a part of: "State Buffer Usage"; "" on a row
  std::uint8_t core = 0;
  int shift = 0;
  std::vector<double> mean;
};

/// State Buffer Usage and PSUM Usage with their partitions and banks (occupancy.h; left out where
/// nothing is on chip), Pending DMA Count, DMA Throughput, HBM Throughput and TensorMatrix
/// Utilization of each core, top to bottom. HBM Throughput is the part of each packet that the
/// package says is read from or written to HBM; packets that the trace ties to no transfer have
/// the mean part of those that the device makes; without a package it is left out. Utilization is
/// flops over the peak of the tensor engine; where clock or flops are not known, the share of time
/// in which it multiplies.
std::vector<Counter> counters_of(const Timeline& timeline);
/// Some of them after the other, a counter behind its parts.
enum class CounterGroup { StateBuffer, Psum, Work };
inline constexpr std::array kCounterGroups{CounterGroup::StateBuffer, CounterGroup::Psum,
                                           CounterGroup::Work};
void for_each_counter(const Timeline& timeline, CounterGroup group,
                      const std::function<void(Counter&&)>& take);
/// The place of a counter among the rows of its core; `name` is that of the whole.
std::size_t row_of_counter(std::string_view name);

}  // namespace neuron::view
