// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/graph.h"

/// One rank's share of a graph that several ranks compute together: the same nodes on all of them,
/// each on its own part of the values, and collective operations where a node needs the whole.
///   Tensor: factors of products are cut by columns; a product of what is cut already takes rows of
///   its factor, and the ranks add up what they get. Data: inputs are cut along their first axis.
/// Inputs and outputs of the graph stay whole on every rank.
namespace neuron::compile {

enum class Split { Tensor, Data };
struct Share {
  Split split = Split::Tensor;
  std::uint32_t rank = 0, ranks = 1;
};

/// `whole` is canonical, without nodes of the CPU. Errors: UnsupportedOperator when nothing in it
/// can be cut in so many parts.
Result<Graph> share_of(const Graph& whole, const Share& share);

// Operators that only shares have; their outputs' shapes tell.
/// Both have the attribute "ranks"; with "core" they stand between the two cores of a logical one.
/// The inputs of all ranks, one after another.
inline constexpr const char* kAllGather = "neuron.AllGather";
/// The sum of the inputs of all ranks.
inline constexpr const char* kAllReduce = "neuron.AllReduce";

}  // namespace neuron::compile
