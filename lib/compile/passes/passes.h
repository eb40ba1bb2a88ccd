// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <optional>

#include "compile/graph.h"

/// Passes that bring a graph to the canonical forms of operators.def, and what they share.
namespace neuron::compile::passes {

#define NEURON_PASS(name, sentence) Result<> name(Graph& graph);
#include "compile/passes/passes.def"
#undef NEURON_PASS

/// All passes in the order of passes.def; the graph is verified after each.
Result<> run_all(Graph& graph);
/// Answers whether every node has a canonical form; names the first that has none.
Result<> check_canonical(const Graph& graph);

// What passes share.

ValueId add_value(Graph& graph, std::string name, DType type, Shape shape);
ValueId add_constant(Graph& graph, std::string name, Tensor tensor);

/// How many node inputs and graph outputs name each value.
std::vector<std::uint32_t> use_counts(const Graph& graph);
bool is_output(const Graph& graph, ValueId id);

/// Replaces nodes: those for which `rewrite` gives a list become that list.
using Rewrite = std::function<Result<std::optional<std::vector<Node>>>(Graph&, const Node&)>;
Result<> rewrite_each(Graph& graph, const Rewrite& rewrite);

/// Takes out the nodes that `gone` marks: their readers read their first input instead. Where the
/// output must stay (a graph output whose name nobody else can take) the node becomes a Reshape.
void bypass(Graph& graph, const std::vector<bool>& gone);

/// Merges a node into the only one that it reads from. `merge(graph, first, second)` sees pairs
/// where `second` is the only reader of `first`, which gives its input `slot`, and answers with the
/// node that does the work of both; it takes the place of `second`.
using Merge = std::function<Result<std::optional<Node>>(Graph&, const Node& first,
                                                        const Node& second, std::size_t slot)>;
Result<> merge_pairs(Graph& graph, const Merge& merge);
/// "a+b", for Node::layer of a merged node.
std::string merged_layer(const Node& first, const Node& second);

}  // namespace neuron::compile::passes
