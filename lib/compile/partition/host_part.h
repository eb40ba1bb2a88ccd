// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/operators.h"
#include "compile/partition/plan.h"
#include "cpu/program.h"

/// A part of the CPU as the node of a package that it becomes.
namespace neuron::compile {

struct HostPart {
  std::string name;
  cpu::Program program;
  std::vector<std::string> names;                     ///< of the program's inputs, in order
  std::map<std::string, const Tensor*> parameters;    ///< those of them that travel along
  std::vector<std::pair<std::string, Form>> outputs;  ///< in the order of the program's
};
/// UnsupportedOperator when a value whose shape data tell leaves for the NeuronCore. `part` is
/// looked into later.
Result<HostPart> host_part_of(const Cut& part, const Graph& whole, std::size_t number);

/// The operators' library that packages carry (lib/cpu/embed.cmake).
ByteView cpu_library();

}  // namespace neuron::compile
