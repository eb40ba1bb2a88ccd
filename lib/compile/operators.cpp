// SPDX-License-Identifier: Apache-2.0
#include "compile/operators.h"

#include <algorithm>

#include "compile/shapes.h"

namespace neuron::compile {

const std::vector<Operator>& operators() {
  static const std::vector<Operator> rows = {
#define NEURON_OPERATOR(name, min_in, max_in, min_out, max_out, shape, stage, form) \
  {name, min_in, max_in, min_out, max_out, shapes::shape, Stage::stage, form},
#include "compile/operators.def"
#undef NEURON_OPERATOR
  };
  return rows;
}

const Operator* find_operator(std::string_view name) {
  const auto& rows = operators();
  const auto at =
      std::find_if(rows.begin(), rows.end(), [&](const Operator& row) { return row.name == name; });
  return at == rows.end() ? nullptr : &*at;
}

}  // namespace neuron::compile
