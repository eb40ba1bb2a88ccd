// SPDX-License-Identifier: Apache-2.0
// Einsum: two operands at a time, labels in both become batches or are summed by a matrix product.
#include <algorithm>
#include <set>

#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

struct Term {
  ValueId value;
  std::string labels;  ///< one a axis
};

/// Labels of an operand, "..." written out: capital letters that no equation has left over.
std::string labels_of(Builder& b, const std::string& word, std::int64_t rank) {
  const std::size_t dots = word.find("...");
  if (dots == std::string::npos) return word;
  const std::int64_t hidden = rank - (static_cast<std::int64_t>(word.size()) - 3);
  if (hidden < 0 || hidden > 8) {
    b.malformed("'{}' for {} axes", word, rank);
    return word;
  }
  std::string out = word.substr(0, dots);
  for (std::int64_t i = hidden; i > 0; --i)
    out += static_cast<char>('0' + i);  // aligned at the end
  return out + word.substr(dots + 3);
}

ValueId arranged(Builder& b, const Term& t, const std::string& to) {
  Ints perm;
  for (char label : to) perm.push_back(static_cast<std::int64_t>(t.labels.find(label)));
  return b.transpose(t.value, perm);
}

/// Axes with the same label become their diagonal.
void take_diagonals(Builder& b, Term& t) {
  for (std::size_t i = 0; i < t.labels.size() && !b.failed(); ++i) {
    const std::size_t j = t.labels.find(t.labels[i], i + 1);
    if (j == std::string::npos) continue;
    const auto first = static_cast<std::int64_t>(i), second = static_cast<std::int64_t>(j);
    const std::int64_t rank = b.rank(t.value), n = b.dim(t.value, first);
    const ValueId hit = b.op(
        "Equal", {b.iota(n, DType::Int64, rank, first), b.iota(n, DType::Int64, rank, second)});
    const ValueId kept = b.where(hit, t.value, b.scalar_like(0, t.value));
    t.value = b.reduce("ReduceSum", kept, {second}, false);
    t.labels.erase(j, 1);
    --i;
  }
}

/// Sums over the labels that nobody else needs.
void sum_out(Builder& b, Term& t, const std::set<char>& needed) {
  for (std::size_t i = t.labels.size(); i-- > 0;) {
    if (needed.count(t.labels[i])) continue;
    t.value = b.reduce("ReduceSum", t.value, {static_cast<std::int64_t>(i)}, false);
    t.labels.erase(i, 1);
  }
}

std::int64_t size_of_labels(Builder& b, const Term& t, const std::string& labels) {
  std::int64_t size = 1;
  for (char label : labels) size *= b.dim(t.value, static_cast<std::int64_t>(t.labels.find(label)));
  return size;
}

Term product(Builder& b, const Term& x, const Term& y, const std::set<char>& needed) {
  std::string batch, left, right, summed;
  for (char label : x.labels) {
    const bool shared = y.labels.find(label) != std::string::npos;
    (!shared ? left : needed.count(label) ? batch : summed) += label;
  }
  for (char label : y.labels)
    if (x.labels.find(label) == std::string::npos) right += label;
  Shape out;
  for (char label : batch)
    out.push_back(std::max(b.dim(x.value, static_cast<std::int64_t>(x.labels.find(label))),
                           b.dim(y.value, static_cast<std::int64_t>(y.labels.find(label)))));
  const auto append = [&](const Term& t, const std::string& labels) {
    for (char label : labels)
      out.push_back(b.dim(t.value, static_cast<std::int64_t>(t.labels.find(label))));
  };
  append(x, left);
  append(y, right);
  const auto three = [&](const Term& t, const std::string& second, const std::string& third) {
    return b.reshape(
        arranged(b, t, batch + second + third),
        {size_of_labels(b, t, batch), size_of_labels(b, t, second), size_of_labels(b, t, third)});
  };
  const ValueId sum = b.matmul(three(x, left, summed), three(y, summed, right));
  return {b.reshape(sum, out), batch + left + right};
}

}  // namespace

Values einsum(Builder& b) {
  std::string equation = b.text("equation");
  std::erase(equation, ' ');
  const std::size_t arrow = equation.find("->");
  const std::string given = equation.substr(0, arrow);
  std::vector<Term> terms;
  for (std::size_t at = 0; terms.size() < b.inputs() && at <= given.size();) {
    const std::size_t end = std::min(given.find(',', at), given.size());
    const ValueId v = b.in(terms.size());
    terms.push_back({v, labels_of(b, given.substr(at, end - at), b.rank(v))});
    if (static_cast<std::int64_t>(terms.back().labels.size()) != b.rank(v))
      b.malformed("'{}' for {} axes", terms.back().labels, b.rank(v));
    at = end + 1;
  }
  if (terms.size() != b.inputs()) b.malformed("'{}' for {} inputs", equation, b.inputs());
  if (b.failed()) return {b.in(0)};
  std::string result;
  std::string most;
  for (const Term& t : terms)
    for (char c : t.labels)
      if (c >= '1' && c <= '9' && most.find(c) == std::string::npos) most += c;
  std::sort(most.rbegin(), most.rend());
  if (arrow != std::string::npos) {
    result = equation.substr(arrow + 2);
    if (const std::size_t dots = result.find("..."); dots != std::string::npos)
      result.replace(dots, 3, most);
  } else {
    std::map<char, int> counts;
    for (const Term& t : terms)
      for (char c : t.labels) ++counts[c];
    result = most;
    for (const auto& [label, count] : counts)
      if (count == 1 && !(label >= '1' && label <= '9')) result += label;
  }
  for (Term& t : terms) take_diagonals(b, t);
  Term all = terms[0];
  for (std::size_t i = 0; i < terms.size() && !b.failed(); ++i) {
    std::set<char> needed(result.begin(), result.end());
    for (std::size_t k = i + 1; k < terms.size(); ++k)
      needed.insert(terms[k].labels.begin(), terms[k].labels.end());
    if (i > 0) {
      std::set<char> own = needed;
      own.insert(all.labels.begin(), all.labels.end());
      sum_out(b, terms[i], own);
      all = product(b, all, terms[i], needed);
    }
    sum_out(b, all, needed);
  }
  for (char label : result)
    if (all.labels.find(label) == std::string::npos)
      b.malformed("label '{}' of the result is in no operand", label);
  if (b.failed()) return {b.in(0)};
  return {arranged(b, all, result)};
}

}  // namespace neuron::compile::onnx
