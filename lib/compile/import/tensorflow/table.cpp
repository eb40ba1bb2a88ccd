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

struct Advice {
  std::string_view op;
  const char* form;
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

Error unknown_operator(const std::string& op) {
  for (const Advice& advice : kAdvice)
    if (advice.op == op)
      return fail(Code::UnsupportedOperator,
                  "operator '{}' is not supported; nearest supported form: {}", op, advice.form);
  std::vector<std::string_view> names;
  for (const Row& row : kRows) names.push_back(row.op);
  const std::string near = nearest_name(op, names);
  return fail(Code::UnsupportedOperator,
              "operator '{}' is not supported; nearest supported form: {}", op,
              near.empty() ? "the same computation in operators that are" : near);
}

}  // namespace neuron::compile::tensorflow
