// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/operations.h"
#include "nrt/nrt.h"

/// A prepared collective operation of the C API: who, what, and the tensors that come in and go out
/// one pair after another.
struct nrt_cc_context {
  std::uint32_t vnc = 0;
  std::shared_ptr<neuron::nrt::cc::World> world;
  neuron::nrt::cc::Group group;
  nrt_cc_op_type_t operation = NRT_CC_ALLGATHER;
  neuron::DType type = neuron::DType::Unknown;
  neuron::nrt::cc::Reduction reduction = neuron::nrt::cc::Reduction::Add;
  std::vector<nrt_tensor_t*> inputs, outputs;
};

namespace neuron::nrt {

/// Runs it as the next operation of its group on a queue of the core.
NRT_STATUS run_collective(nrt_cc_context& context, int queue);

}  // namespace neuron::nrt
