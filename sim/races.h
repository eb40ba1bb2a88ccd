// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/sim.h"

namespace neuron::sim {

/// One side of a race.
struct Racer {
  std::size_t core = 0;
  isa::Engine engine = isa::Engine::Tensor;
  std::uint32_t pc = 0;
  bool is_transfer = false;  ///< the transfer that this instruction started, not the instruction
  bool writes = false;
};
/// Two touch the same bytes, at least one writes, and no chain of semaphores says who comes first.
struct Race {
  Racer first, second;  ///< as the reference order runs them
  std::string memory;   ///< "SBUF", "PSUM" or the name of the variable
  std::string place;    ///< of the first byte in common
  std::uint64_t bytes = 0;
  std::string advice;  ///< the wait that would order them
};

/// All races of a program, by the clocks of engines and queues: engines and queues are in order, a
/// wait comes after each raise without which the semaphore cannot reach its value. Values are only
/// computed where addresses depend on them. At most `limit` pairs, in the order of execution.
Result<std::vector<Race>> find_races(std::span<const Part> parts, std::size_t limit = 1000);

}  // namespace neuron::sim
