// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/compile.h"
#include "compile/graph.h"

namespace neuron::compile {

/// The first half of the compiler: a model file as a graph in the canonical forms of operators.def.
/// Errors name the file.
Result<Graph> graph_of(const fs::path& model, const Options& options);

}  // namespace neuron::compile
