// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/sim.h"

namespace neuron::sim {

/// A read of bytes that nothing has written.
struct Unwritten {
  std::size_t core = 0;
  isa::Engine engine = isa::Engine::Tensor;
  std::uint32_t pc = 0;
  bool by_transfer = false;  ///< by the transfer that this instruction started
  std::string operand;       ///< "src", or the name of the variable
  std::string place;         ///< of the first such byte
  std::uint64_t bytes = 0;   ///< how many, in all executions of the instruction
};

/// Runs the parts on memory filled with kPoison: a NaN in every floating type. `written` are the
/// bytes of device memory that hold values from the start; all other device memory is filled too.
/// One report for each operand, in the order of execution.
Result<std::vector<Unwritten>> execute_poisoned(std::span<const Part> parts,
                                                std::span<const std::span<std::byte>> written);
inline constexpr std::byte kPoison{0xff};

}  // namespace neuron::sim
