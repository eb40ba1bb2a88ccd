// SPDX-License-Identifier: Apache-2.0
#include "compile/unsupported.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "compile/operators.h"

namespace neuron::compile {
namespace {

constexpr Advice kAdvice[] = {
#define NEURON_ADVICE(op, form) {op, form},
#include "compile/unsupported.def"
#undef NEURON_ADVICE
};

// Insertions, deletions and changes that make one word of the other.
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

/// The name that a few changed letters make of `op`; empty when none is near.
std::string nearest_name(const std::string& op, const std::vector<std::string>& names) {
  std::string_view best;
  std::size_t least = std::min<std::size_t>(op.size() / 2, 3) + 1;
  if (op.size() <= 40)
    for (const std::string& name : names)
      if (const std::size_t e = edits(op, name); e < least) best = name, least = e;
  return std::string(best);
}

std::string nearest_form(const std::string& op) {
  for (const Advice& advice : kAdvice)
    if (advice.op == op) return advice.form;
  std::vector<std::string> names;
  for (const Operator& row : operators()) names.emplace_back(row.name);
  const Operator* best = find_operator(nearest_name(op, names));
  return best ? best->form : "the same computation in the operators that neuron-compile(1) lists";
}

}  // namespace

Error unsupported(const std::string& domain, const std::string& op) {
  const bool standard = domain.empty() || domain == "ai.onnx";
  return fail(Code::UnsupportedOperator,
              "operator '{}{}{}' is not supported; nearest supported "
              "form: {}",
              standard ? "" : domain, standard ? "" : "::", op, nearest_form(op));
}

Error unsupported(const std::string& op, std::span<const Advice> advice,
                  const std::vector<std::string>& names) {
  const auto row =
      std::find_if(advice.begin(), advice.end(), [&](const Advice& one) { return one.op == op; });
  const std::string near = row != advice.end() ? row->form : nearest_name(op, names);
  return fail(Code::UnsupportedOperator,
              "operator '{}' is not supported; nearest supported form: {}", op,
              near.empty() ? "the same computation in operators that are" : near);
}

}  // namespace neuron::compile
