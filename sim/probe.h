// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>

#include "base/tensor.h"
#include "sim/sim.h"

namespace neuron::sim {

/// Which bytes of SBUF or PSUM an instruction wrote: the same runs of each of its partitions, in
/// the order of the elements.
struct Extent {
  bool psum = false;
  DType type = DType::Unknown;
  std::uint32_t first = 0;  ///< lowest byte in a partition's row
  std::uint32_t partition = 0, partitions = 0;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs;  ///< byte in the row, count
  auto operator<=>(const Extent&) const = default;
};

/// What one instruction did, or one transfer that it started.
struct Traced {
  std::size_t core = 0;
  isa::Engine engine = isa::Engine::Tensor;
  std::uint32_t pc = 0;
  bool is_transfer = false;
  std::string text;  ///< as the profiler prints it; "DMA 4096 bytes SB -> output0" for a transfer
  std::string summary;                ///< of what it wrote: "fp32 [128,512] min -1 max 2 mean 0.1"
  std::optional<Tensor> value;        ///< what it wrote to SBUF or PSUM
  std::string place;                  ///< where `value` lies
  std::optional<Extent> extent = {};  ///< of an instruction's `value`
};
/// Runs the parts with the reference interpreter and tells each step when it is done.
Result<> execute_traced(std::span<const Part> parts,
                        const std::function<Result<>(const Traced&)>& tell);

/// "fp32 [128,512] min -1 max 2 mean 0.1", with the number of NaNs if there are some.
std::string summary_of(const Tensor& value);

}  // namespace neuron::sim
