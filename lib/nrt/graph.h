// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/model.h"

namespace neuron::nrt {

/// Fills tensors, values, stages and steps of a model from its package: names become indices, once.
/// Loads cpu.so when there are CPU nodes.
Result<> build_graph(nrt_model& model);

}  // namespace neuron::nrt
