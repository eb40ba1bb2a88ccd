// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "isa/what_if.h"

/// Constants of the schedule, in nanoseconds; costs.def says where each comes from.
namespace neuron::sim {

struct SimCosts {
#define NEURON_SIM_COST(name, v1, v2, v3, v4, source) double name;
#include "sim/costs.def"
#undef NEURON_SIM_COST
};
/// All that a schedule goes by, of one generation.
struct Timing {
  isa::Timing engines;
  SimCosts machine;
};
/// By the tables, but for what is `asked`: names of constants().
Timing timing(isa::ArchId arch, const std::vector<isa::Constant>& asked = {});

/// Picoseconds: the schedule's own time. Every cost is rounded once, here, and then only added.
using Ps = std::uint64_t;
inline Ps ps_of(double ns) { return ns <= 0 ? 0 : static_cast<Ps>(std::llround(ns * 1000)); }

}  // namespace neuron::sim
