// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "compile/graph.h"
#include "compile/kernel.h"
#include "neff/model.h"

/// A kernel as a subgraph of a package: instruction streams, transfers, variables, debug notes.
namespace neuron::compile {

/// `kernel` was made for `graph`; its input and output variables carry the names of the graph's.
/// Constants are taken out of it, not copied.
neff::Subgraph subgraph_of(Kernel& kernel, const Graph& graph, std::string name);

}  // namespace neuron::compile
