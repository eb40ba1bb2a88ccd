// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/clock.h"

/// Programs whose branches depend on data: their times follow the way that an execution took.
///   Way way;
///   TRY(sim::execute(*loaded, core, variables, way));
///   sim::Schedule when = TRY(sim::schedule(*loaded, way));
namespace neuron::sim {

/// The instructions of each engine in the order in which they ran.
struct Way {
  struct Stop {
    std::uint32_t pc;
    std::uint32_t value;  ///< of the register that it waits for or takes an address from
    bool operator==(const Stop&) const = default;
  };
  std::array<std::vector<Stop>, isa::kEngines> stops;
  bool is_whole = true;  ///< false: longer than what is remembered
};

bool has_branches(const Loaded& loaded);
/// As execute(), and tells the way.
Result<> execute(const Loaded& loaded, Core& core, std::span<const std::span<std::byte>> variables,
                 Way& way);
/// The clock of an execution that went this way. ExecutionFault where it was too long to remember.
Result<Schedule> schedule(const Loaded& loaded, const Way& way, const Clock& clock = {});

}  // namespace neuron::sim
