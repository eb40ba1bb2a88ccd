// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>

#include "compile/fold.h"
#include "compile/graph.h"
#include "compile/operators.h"

/// Nodes that run on the CPU, as operators of lib/cpu.
///   Result<> done = host::add(graph, node, "no lowering", opset, declared, budget);
namespace neuron::compile::host {

inline constexpr std::string_view kPrefix = "cpu.";
inline bool is_host(const Node& node) { return node.host.has_value(); }
/// "NonZero" of "cpu.NonZero".
inline std::string operator_of(const Node& node) { return node.op.substr(kPrefix.size()); }

/// Whether a node reads a value whose shape data tell; only the CPU can.
bool reads_open(const Graph& graph, const Node& node);

/// What the model says of a value's form, or null.
using Declared = std::function<const Form*(ValueId)>;
/// Appends `node`, with the operator, attributes and inputs of `opset`, as one of the CPU; its
/// outputs get their forms. Computes it at once when all inputs are constants. UnsupportedOperator
/// where lib/cpu cannot do it either.
Result<> add(Graph& graph, Node node, std::string why, std::int64_t opset, const Declared& declared,
             FoldBudget& budget);

/// A node in the form of operators.def as nodes of the CPU; nothing where lib/cpu has no such
/// operator.
std::optional<std::vector<Node>> moved(Graph& graph, const Node& node, const std::string& why);

}  // namespace neuron::compile::host
