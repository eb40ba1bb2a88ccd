// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "compile/import/onnx.h"
#include "compile/operators.h"

namespace neuron::compile::onnx {

std::vector<std::string> operator_names() {
  std::set<std::string> names = {
      "Constant", "If", "Loop", "Scan",  // while the model is read
#define NEURON_EXPANSION(op, min_inputs, max_inputs, function, sentence) op,
#define NEURON_LATE(op, first, needs, min_inputs, max_inputs, function, sentence) op,
#include "compile/import/expansions.def"
#undef NEURON_EXPANSION
#undef NEURON_LATE
  };
  for (const Operator& row : operators()) names.emplace(row.name);
  return {names.begin(), names.end()};
}

}  // namespace neuron::compile::onnx
