// SPDX-License-Identifier: Apache-2.0
#include "compile/attributes.h"
#include "compile/fold.h"
#include "compile/passes/passes.h"

namespace neuron::compile::passes {

Result<> fold_constants(Graph& graph) {
  FoldBudget budget;
  return rewrite_each(graph,
                      [&](Graph& g, const Node& node) -> Result<std::optional<std::vector<Node>>> {
                        const bool folded = TRY(fold(g, node, budget));
                        if (!folded) return std::optional<std::vector<Node>>{};
                        return std::optional(std::vector<Node>{});
                      });
}

}  // namespace neuron::compile::passes
