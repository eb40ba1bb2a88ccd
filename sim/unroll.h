// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/loaded.h"

namespace neuron::sim {

/// Lays out a program with branches along the way that it takes, where no branch and no wait
/// depends on data and the way is not too long: then plan, clock and detectors read it as any
/// other. Program::path tells which instruction of the package each one is. Any other program
/// stays as it is, with Loaded::has_branches. Fails on a way that has no end.
Result<> unroll(Loaded& loaded);

}  // namespace neuron::sim
