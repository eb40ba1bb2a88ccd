// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "compile/compile.h"
#include "compile/graph.h"
#include "neff/neff.h"

/// The second half of the compiler: a graph in the canonical forms of operators.def to a package.
namespace neuron::compile {

/// What the NeuronCore cannot do goes to the CPU, and the graph becomes parts around it. Errors:
/// UnsupportedOperator for a canonical node that neither can do, NoResource when a tensor does not
/// fit the machine. `warnings` grows by what a user should know; `report` is filled when given.
Result<neff::Package> lower(Graph graph, const Options& options, std::vector<std::string>& warnings,
                            Report* report = nullptr);

/// Whether constants stay in SBUF, as asked or by default.
bool weights_stay(const Options& options);

}  // namespace neuron::compile
