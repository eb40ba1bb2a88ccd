// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

/// Questions of the kind "what if": other values for constants of costs.def and archs.def, for this
/// process. Ask before the first schedule is computed; no other thread may be computing one.
namespace neuron::isa {

/// A constant that may be changed, for one generation. Whole numbers are rounded.
struct Constant {
  std::string name;  ///< "matmul_warm", "tensor_ghz"
  double value = 0;  ///< of the generation asked for
};
/// All constants of a generation (0: NeuronCore-v2, ...), in the order of their tables.
std::vector<Constant> constants(int generation);
/// Sets `name` for all generations; false when there is no such constant.
bool set_constant(std::string_view name, double value);
/// Back to the tables.
void reset_constants();

/// The part of both that archs.def holds.
bool set_arch_constant(std::string_view name, double value);
void reset_archs();

}  // namespace neuron::isa
