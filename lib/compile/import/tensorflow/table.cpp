// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow/table.h"

#include <algorithm>
#include <unordered_map>

#include "compile/import/tensorflow.h"
#include "compile/import/tensorflow/handles.h"
#include "compile/unsupported.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr Row kRows[] = {
#define NEURON_TF(op, min, max, function, word, outputs) \
  {op, min, max, function, nullptr, word, outputs},
#define NEURON_TF_FLOW(op, min, max, function, outputs) \
  {op, min, max, nullptr, function, "", outputs},
#include "compile/import/tensorflow/tf_rows.def"
#undef NEURON_TF
#undef NEURON_TF_FLOW
};

constexpr Advice kAdvice[] = {
#define NEURON_TF_ADVICE(op, form) {op, form},
#include "compile/import/tensorflow/tf_advice.def"
#undef NEURON_TF_ADVICE
};

}  // namespace

const Row* find_row(std::string_view op) {
  static const auto* index = [] {
    auto* rows = new std::unordered_map<std::string_view, const Row*>;
    for (const Row& row : kRows) rows->emplace(row.op, &row);
    return rows;
  }();
  const auto at = index->find(op);
  return at == index->end() ? nullptr : at->second;
}

std::vector<std::string> operator_names() {
  std::vector<std::string> names;
  for (const Row& row : kRows) names.emplace_back(row.op);
  std::sort(names.begin(), names.end());
  return names;
}

Error unknown_operator(const std::string& op) { return unsupported(op, kAdvice, operator_names()); }

}  // namespace neuron::compile::tensorflow
