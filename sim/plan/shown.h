// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <fmt/format.h>

#include "sim/loaded.h"

namespace neuron::sim {

/// The instruction's name, and the rows that it writes.
template <class Op>
std::string shown(const Op& op) {
  const char* name = "";
#define NEURON_OP(code, type, text, engines, cost, evidence, operands, sentence) \
  if constexpr (std::is_same_v<Op, bound::type>) name = text;
#include "isa/isa.def"
#undef NEURON_OP
  if constexpr (requires { op.dst.partitions; })
    return fmt::format("{}, {} rows of {}", name, op.dst.partitions, op.dst.count);
  return name;
}

}  // namespace neuron::sim
