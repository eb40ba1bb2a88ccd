// SPDX-License-Identifier: Apache-2.0
#include "compile/lower.h"

#include "compile/emit.h"
#include "compile/ops/lowering.h"

namespace neuron::compile {

Result<neff::Package> lower(const Graph& graph, const Options& options,
                            std::vector<std::string>& warnings) {
  Lowering lowering(graph, isa::arch(options.target->arch));
  TRY(lowering.run());
  if (lowering.kernel.extended)
    warnings.push_back(
        "uses instruction codes of our own (see neuron-neff(5)), which only this simulator runs");
  return emit(lowering.kernel, graph, options);
}

}  // namespace neuron::compile
