// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>

/// Memory for what is filled once and read often, such as packed weights. Many takers share regions
/// of huge pages, so that a hundred megabytes cost fifty page faults instead of 25,000.
namespace neuron::sim {

inline constexpr std::size_t kLine = 64;  ///< bytes of a line of the host's caches
/// Bytes from which memory is worth being taken here.
inline constexpr std::size_t kManyBytes = std::size_t{64} << 10;

/// `bytes` that begin with a line; zeros where a page appears for the first time, else what was
/// left. Throws bad_alloc.
void* take_pages(std::size_t bytes);
/// Ends the use of what take_pages() gave; a region goes with its last user.
void give_pages_back(void* at);

}  // namespace neuron::sim
