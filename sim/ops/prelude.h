// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/arithmetic.h"
#include "sim/machine.h"

/// The vocabulary of instruction bodies. INSTRUCTION(name) defines what a row of isa.def does:
/// `m` is the machine, `in` the row's operands with views that are inside memory. Bodies are total.
namespace neuron::sim {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  void execute(Machine& m, const bound::name& in);
#include "isa/isa.def"
#undef NEURON_OP
}  // namespace neuron::sim

#define INSTRUCTION(name) \
  void neuron::sim::execute([[maybe_unused]] Machine& m, [[maybe_unused]] const bound::name& in)
