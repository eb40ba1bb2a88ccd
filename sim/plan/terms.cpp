// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/terms.h"

#include "sim/plan/array.h"
#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

constexpr std::size_t kLongSum = 4;  ///< terms

/// LOW and HIGH of the same weights, over the same columns.
bool are_halves(const Term& last, const Term& term) {
  Weights other = term.weights;
  other.pass = last.weights.pass;
  return last.weights.pass + term.weights.pass == kLow + kHigh &&
         last.weights.pass != term.weights.pass && last.weights.pass != 0 &&
         term.weights.pass != 0 && other == last.weights && last.high == term.high &&
         last.constant == term.constant && same_place(last.moving, term.moving) &&
         (last.copied == term.copied ||
          (last.copied && term.copied && *last.copied == *term.copied)) &&
         same_place(last.to, term.to);
}

}  // namespace

Weights weights_of(const bound::matmul& op, const bound::ldweights& load) {
  const Cells all = cells_of(load), used = cells_of(op);
  Weights w;
  w.view = load.src;
  w.view.at += (used.row0 - all.row0) * isa::kPartitionStride;
  w.view.partitions = w.rows = used.row1 - used.row0;
  w.columns = used.column1 - used.column0;
  w.first = all.column1 - 1 - used.column0;
  w.pass = load.src.type == DType::Float32 && !load.transpose ? load.fp32_mode : 0;
  return w;
}

bool merge_halves(Sum& sum, const Term& term) {
  if (sum.terms.empty() || !are_halves(sum.terms.back(), term)) return false;
  sum.terms.back().weights.pass = 0;
  return true;
}

bool is_long(const Sum& sum, const Term& term) {
  return sum.base.count <= kNarrow && sum.terms.size() >= kLongSum && !term.weights.constant &&
         !are_halves(sum.terms.back(), term);
}

}  // namespace neuron::sim
