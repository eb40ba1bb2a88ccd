// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "compile/compile.h"
#include "compile/graph.h"
#include "neff/neff.h"

/// The second half of the compiler: a graph in the canonical forms of operators.def to a package.
namespace neuron::compile {

/// Errors: UnsupportedOperator for a canonical node without a lowering, NoResource when a tensor
/// does not fit the machine. `warnings` grows by what a user should know.
Result<neff::Package> lower(const Graph& graph, const Options& options,
                            std::vector<std::string>& warnings);

}  // namespace neuron::compile
