// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "compile/graph.h"

/// operators.def as a table: what an operator takes, what it gives, and what becomes of it.
namespace neuron::compile {

/// Type and shape of one output.
struct Form {
  DType type = DType::Float32;
  Shape shape;
};
/// Fills `out`, one for each output; `out` comes in with the type of the first input. Inputs have
/// static shapes. Errors tell the fact; the caller adds the node.
using ShapeFunction = Result<> (*)(const Graph& graph, const Node& node, std::vector<Form>& out);

enum class Stage { Lowered, Rewritten, Folded };

struct Operator {
  std::string_view name;
  std::size_t min_inputs, max_inputs, min_outputs, max_outputs;
  ShapeFunction shape;
  Stage stage;
  const char* form;
};
/// The row, or null for an operator that is not known.
const Operator* find_operator(std::string_view name);
/// All rows, in the order of the table.
const std::vector<Operator>& operators();

}  // namespace neuron::compile
