// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "neff/model.h"

/// `packager info --memory`: what a model will take of device memory, told before it is loaded.
///   for (const CoreMemory& core : neff::memory_of(model)) fmt::print("{}\n", core.total());
namespace neuron::neff {

/// Bytes on one core, in the classes of the runtime's own memory table.
struct CoreMemory {
  std::string subgraph;
  std::uint32_t node = 0;
  std::uint64_t code = 0;               ///< instructions of the package
  std::uint64_t added_code = 0;         ///< what the runtime puts around them (memory.def)
  std::uint64_t activation_tables = 0;  ///< of 82 KiB for each set: one set observed
  std::uint64_t constants = 0;
  std::uint64_t tensors = 0;            ///< inputs and outputs, once for all cores that share them
  std::uint64_t shared_scratchpad = 0;  ///< as far as the subgraph reaches into it
  std::uint64_t scratchpad = 0;         ///< the subgraph's own
  std::uint64_t dma_rings_io = 0, dma_rings_spill = 0;  ///< estimates, 16 bytes a descriptor
  std::uint64_t dma_rings_runtime = 0, runtime = 0;     ///< memory.def
  std::uint64_t total() const;
  /// The same with the shared scratchpad in whole pages (NEURON_SCRATCHPAD_PAGE_SIZE, 512 MiB).
  std::uint64_t total_in_pages() const;
  std::uint64_t scratchpad_in_pages() const;
};
std::vector<CoreMemory> memory_of(const Model& model);

std::string memory_text(const std::vector<CoreMemory>& cores);
Json memory_json(const std::vector<CoreMemory>& cores);

}  // namespace neuron::neff
