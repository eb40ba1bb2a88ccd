// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "isa/cost.h"

/// Questions of the kind "what if": other values for constants of costs.def and archs.def.
namespace neuron::isa {

/// A constant that may be changed.
struct Constant {
  std::string name;  ///< "matmul_warm", "tensor_ghz"
  double value = 0;
};
/// All constants of a generation, in the order of their tables.
std::vector<Constant> constants(const Timing& timing);
/// False when there is no such constant.
bool set_constant(Timing& timing, std::string_view name, double value);

}  // namespace neuron::isa
