// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/compile.h"
#include "compile/graph.h"
#include "compile/kernel.h"

/// A kernel as a package: instruction streams, transfers, variables, debug notes.
namespace neuron::compile {

/// `kernel` was made for `graph`; its input and output variables carry the names of the graph's.
Result<neff::Package> emit(const Kernel& kernel, const Graph& graph, const Options& options);

}  // namespace neuron::compile
