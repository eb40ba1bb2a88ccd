// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/product.h"

/// From LDWEIGHTS and MATMUL to the terms of a sum.
namespace neuron::sim {

/// The rows and columns of what `load` brings that take part in `op`.
Weights weights_of(const bound::matmul& op, const bound::ldweights& load);
/// Makes LOW and HIGH of the same weights the whole of them, if `term` is the half that the last
/// term of `sum` lacks.
bool merge_halves(Sum& sum, const Term& term);
/// Whether a sum is better done before `term`: its weights are read as they lie, from the caches
/// if nothing comes between.
bool is_long(const Sum& sum, const Term& term);

}  // namespace neuron::sim
