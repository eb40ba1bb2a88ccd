// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/graph.h"

/// A graph in parts that run one after another: each on the NeuronCore or on the CPU.
namespace neuron::compile {

/// Nodes of one side, in order. Every part reads only from earlier ones.
struct Part {
  bool on_host = false;
  std::vector<std::size_t> nodes;  ///< indices in Graph::nodes
};
/// As few parts as there can be: a node joins the earliest part of its side that comes after all it
/// reads from.
std::vector<Part> plan_of(const Graph& graph);

/// A part as a graph of its own: its inputs and outputs are values of the whole.
struct Cut {
  Graph graph;
  std::vector<ValueId> inputs, outputs;  ///< in the whole, in the order of the part's
};
/// Constants are copied. Values have unique names (prepare).
Cut cut(const Graph& graph, const Part& part);

/// Gives every value a name of its own where parts could mistake it for another, and graph outputs
/// that no node makes a node of the CPU.
void prepare(Graph& graph);

}  // namespace neuron::compile
