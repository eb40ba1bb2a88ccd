// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

#include "compile/import/draft.h"

/// operators.def as a table: what becomes of each operator of TensorFlow.
namespace neuron::compile::tensorflow {

class Runner;
struct Op;
struct Item;

/// `onnx` is the row's word, for functions that serve several operators.
using Translate = Values (*)(Draft& d, const char* onnx);
/// Operators that deal in more than tensors: loops, lists, variables, functions.
using Handle = Result<> (*)(Runner& runner, const Op& op, const std::vector<Item>& in,
                            std::vector<Item>& out);
struct Row {
  std::string_view op;
  std::size_t min_inputs, max_inputs;
  Translate translate;
  Handle handle;
  const char* onnx;
  const char* outputs;  ///< names as functions refer to them, with ',' between; "" for one list
};
/// The row, or null.
const Row* find_row(std::string_view op);
/// The failure for an operator without a row; names what is near. The caller adds the node.
Error unknown_operator(const std::string& op);

}  // namespace neuron::compile::tensorflow
