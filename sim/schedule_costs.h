// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <cstdint>

#include "isa/arch.h"

/// Constants of the schedule, in nanoseconds; costs.def says where each comes from.
namespace neuron::sim {

struct SimCosts {
#define NEURON_SIM_COST(name, v2, v3, v4, source) double name;
#include "sim/costs.def"
#undef NEURON_SIM_COST
};
const SimCosts& sim_costs(isa::ArchId arch);

/// Picoseconds: the schedule's own time. Every cost is rounded once, here, and then only added.
using Ps = std::uint64_t;
inline Ps ps_of(double ns) { return ns <= 0 ? 0 : static_cast<Ps>(std::llround(ns * 1000)); }

}  // namespace neuron::sim
