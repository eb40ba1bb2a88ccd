// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/tensorflow/table.h"

/// The functions of tf_rows.def.
namespace neuron::compile::tensorflow {

#define NEURON_TF(op, min, max, function, word, outputs) \
  Values function(Draft& d, const char* onnx);
#define NEURON_TF_FLOW(op, min, max, function, outputs) \
  Result<> function(Runner&, const Op&, const std::vector<Item>&, std::vector<Item>&);
#include "compile/import/tensorflow/tf_rows.def"
#undef NEURON_TF
#undef NEURON_TF_FLOW

}  // namespace neuron::compile::tensorflow
