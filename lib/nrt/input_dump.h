// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/model.h"

namespace neuron::nrt {

/// Writes the inputs of an execution that failed with the status that
/// NEURON_RT_DBG_DUMP_INPUTS_ON_ERR names: input_dump_*/inputN.bin, then model_name.txt.
void dump_inputs_when_asked(const nrt_model& model, const TensorSet& inputs, const Error& error);

}  // namespace neuron::nrt
