// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "base/result.h"
#include "nrt/nrt.h"

/// A prepared collective operation of a world of one rank: what comes in goes out.
struct nrt_cc_context {
  std::uint32_t vnc = 0;
  std::vector<nrt_tensor_t*> inputs, outputs;
};

namespace neuron::nrt {

/// The world must have one rank, this one; collectives between processes are not simulated.
Result<> check_world(std::uint64_t rank, std::uint64_t ranks);
NRT_STATUS run_collective(const nrt_cc_context& context);

}  // namespace neuron::nrt
