// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cpu/step.h"

/// One function for each name in the kernel column of operators.def.
namespace neuron::cpu {

#define NEURON_CPU_OPERATOR(name, min_in, max_in, max_out, kernel, shaping) void kernel(Step& s);
#include "cpu/operators.def"
#undef NEURON_CPU_OPERATOR

}  // namespace neuron::cpu
