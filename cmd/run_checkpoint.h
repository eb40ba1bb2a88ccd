// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cmd/run_outputs.h"
#include "sim/clock.h"

namespace neuron::cmd {

/// Executes a partitioned checkpoint once: its subgraphs on the simulated NeuronCores, its other
/// nodes on the CPU, device times by `clock`. `inputs` are pairs NAME FILE; those of `npz` come by
/// name.
Result<> run_checkpoint(const fs::path& path, const std::vector<std::string>& inputs,
                        const fs::path& npz, const sim::Clock& clock, const OutputWishes& wishes,
                        Terminal& io);

}  // namespace neuron::cmd
