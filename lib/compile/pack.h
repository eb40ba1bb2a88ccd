// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "compile/compile.h"
#include "compile/graph.h"
#include "compile/kernel.h"
#include "compile/partition/host_part.h"

/// Kernels and CPU programs as a package: subgraphs, constants, and the graph of nodes above them.
namespace neuron::compile {

/// A part of the model, ready to be packed; exactly one of kernel and host is there.
struct Packed {
  const Graph* graph = nullptr;  ///< of the part: a kernel's inputs and outputs bear its names
  std::unique_ptr<Kernel> kernel;
  std::unique_ptr<HostPart> host;
  bool beside = false;  ///< on the other core of the logical core of the part before
};
/// `parts` in the order in which they run; values pass between them by name. `whole` tells inputs
/// and outputs of the package.
Result<neff::Package> pack(const std::vector<Packed>& parts, const Graph& whole,
                           const Options& options);

}  // namespace neuron::compile
