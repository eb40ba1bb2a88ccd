// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/sim.h"

/// Looking on while the reference interpreter runs: what the detectors and the debugger are made
/// of.
namespace neuron::sim {

class Interpreter;

/// One instruction, or one transfer that `pc` of `engine` started.
struct Moment {
  std::size_t core = 0;  ///< index of the part
  Interpreter& machine;
  isa::Engine engine;
  std::uint32_t pc;
  const Transfer* transfer;  ///< null for an instruction
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  /// False: only order and places matter; values are computed where addresses depend on them.
  virtual bool needs_values() const { return true; }
  /// What a core did before the first instruction, its program being new to it.
  virtual void prepared(const Moment&) {}
  /// An error ends the run, and is its result.
  virtual Result<> before(const Moment&) { return {}; }
  virtual Result<> after(const Moment&) { return {}; }
};

Result<> execute_watched(std::span<const Part> parts, Watcher* watcher,
                         std::optional<std::uint64_t> shuffle = {});

}  // namespace neuron::sim
