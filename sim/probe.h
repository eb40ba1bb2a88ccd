// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>

#include "base/tensor.h"
#include "sim/sim.h"

namespace neuron::sim {

/// What one instruction did, or one transfer that it started.
struct Traced {
  std::size_t core = 0;
  isa::Engine engine = isa::Engine::Tensor;
  std::uint32_t pc = 0;
  bool is_transfer = false;
  std::string text;  ///< as the profiler prints it; "DMA 4096 bytes SB -> output0" for a transfer
  std::string summary;          ///< of what it wrote: "fp32 [128,512] min -1 max 2 mean 0.1"
  std::optional<Tensor> value;  ///< what it wrote to SBUF or PSUM
  std::string place;            ///< where `value` lies
};
/// Runs the parts with the reference interpreter and tells each step when it is done.
Result<> execute_traced(std::span<const Part> parts,
                        const std::function<Result<>(const Traced&)>& tell);

/// "fp32 [128,512] min -1 max 2 mean 0.1", with the number of NaNs if there are some.
std::string summary_of(const Tensor& value);

}  // namespace neuron::sim
