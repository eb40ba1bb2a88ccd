// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "neff/model.h"
#include "sim/sim.h"

namespace neuron::nrt {

/// The program of one subgraph of a package, free of its file format: streams decoded, variables at
/// the index of their id, transfers and queues resolved by name, the DGE table listed. Errors name
/// the subgraph's member and what is wrong in it.
Result<sim::Program> program_of(const neff::Model& model, std::size_t subgraph);

}  // namespace neuron::nrt
