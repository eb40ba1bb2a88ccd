// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"

/// The modelled time of one collective operation on devices: by size, ranks and what joins them.
/// No data moves, so that worlds of any size can be asked about.
namespace neuron::sim {

enum class CollectiveKind { AllReduce, AllGather, ReduceScatter, AllToAll, Permute };
/// How devices of a box are joined.
enum class CollectiveShape { Single, Line, Ring, Torus };

/// Boxes that are filled rank by rank, device by device.
struct CollectiveWorld {
  std::uint32_t ranks = 1, boxes = 1;
  std::uint32_t ranks_per_device = 1;  ///< logical cores
  CollectiveShape shape = CollectiveShape::Torus;
  double link_bytes = 0, network_bytes = 0, memory_bytes = 0;  ///< a second; collective_links.def
};
/// Numbers of an instance type; NotFound for types whose links nobody published.
Result<CollectiveWorld> collective_world(std::string_view instance_type);

struct CollectiveTime {
  const char* algorithm = "";  ///< mesh, rdh, kangaring, ring, or hier between boxes
  std::uint64_t picoseconds = 0;
};
/// `bytes`: what nccom-test calls the size (all_gather: of the output, else of the input).
CollectiveTime collective_time(const CollectiveWorld& world, CollectiveKind kind,
                               std::uint64_t bytes);

}  // namespace neuron::sim
