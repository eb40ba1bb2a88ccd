// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/pack.h"
#include "compile/partition/plan.h"

/// What nodes cost, and models in stages of about equal cost on several cores.
namespace neuron::compile {

/// Predicted work of each node of a part's graph, in nanoseconds of its busiest engine or of the
/// transfers; waits and overlap between nodes are not in it. `loads` is the part of the constants
/// that is counted.
std::vector<double> costs_of(const Kernel& kernel, const Graph& graph, double loads = 1);

/// The same plan with parts of the NeuronCore cut into stages, `cores` in all where the plan does
/// not need more: neighbours stay together, and the costliest stage is as cheap as it can be.
/// Constants that stay in SBUF cost nothing.
std::vector<Part> balanced(const std::vector<Part>& plan, const std::vector<Packed>& packed,
                           std::uint32_t cores, bool weights_stay,
                           std::vector<std::string>& warnings);

/// What became of every operator of the model.
Report report_of(const Graph& graph, const std::vector<Packed>& packed, const Options& options);

}  // namespace neuron::compile
