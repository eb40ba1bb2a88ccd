// SPDX-License-Identifier: Apache-2.0
#include "cpu/cpu.h"

#include <exception>

#include "cpu/kernels.h"

namespace neuron::cpu {

const std::vector<Operator>& operators() {
  static const std::vector<Operator> rows = {
#define NEURON_CPU_OPERATOR(name, min_in, max_in, max_out, kernel, shaping) \
  {name, min_in, max_in, max_out, kernel, shaping},
#include "cpu/operators.def"
#undef NEURON_CPU_OPERATOR
  };
  return rows;
}

const Operator* find(std::string_view name) {
  for (const Operator& row : operators())
    if (row.name == name) return &row;
  return nullptr;
}

std::optional<std::string> run(std::string_view name, Step& step) {
  const Operator* row = find(name);
  if (!row) return "the CPU has no operator " + std::string(name);
  if (step.inputs.size() < row->min_inputs || step.inputs.size() > row->max_inputs ||
      step.outputs > row->max_outputs || step.outputs == 0)
    return std::to_string(step.inputs.size()) + " inputs and " + std::to_string(step.outputs) +
           " outputs";
  step.op = row->name;
  step.out.clear();
  try {
    row->kernel(step);
  } catch (const Refusal& refusal) {
    return refusal.words;
  } catch (const std::exception& error) {
    return error.what();
  }
  if (step.out.size() < step.outputs) return "it gives fewer outputs";
  return std::nullopt;
}

}  // namespace neuron::cpu
