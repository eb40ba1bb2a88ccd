// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <istream>
#include <ostream>

#include "sim/sim.h"

namespace neuron::sim {

/// What the debugger asks of whoever knows the package.
struct DebugNames {
  /// "I-50-0, conv1" for an instruction, or nothing.
  std::function<std::string(std::size_t core, isa::Engine engine, std::uint32_t pc)> name_of;
  /// Element type of a tensor in device memory, Unknown when nobody says.
  std::function<DType(const std::string& variable)> type_of;
};

/// Runs the parts under the commands of `in`, one a line ("help" lists them); what they print goes
/// to `out`. `prompt` is printed before each line is read; empty for scripts. A line that cannot be
/// understood is answered, and an error at the end if `strict`.
struct DebugOptions {
  std::string prompt;
  bool strict = false;
};
Result<> debug(std::span<const Part> parts, const DebugNames& names, std::istream& in,
               std::ostream& out, const DebugOptions& options);

}  // namespace neuron::sim
