// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/host.h"
#include "nrt/fair_mutex.h"
#include "nrt/model.h"

namespace neuron::nrt {

/// A physical core of this process: whoever holds `busy` runs on it.
struct CoreSlot {
  FairMutex busy;
  std::unique_ptr<sim::Core> core;  ///< made when a program first runs there
};

/// Walks the graph once. NeuronCore nodes hold their cores while they run, CPU nodes run in the
/// calling thread and hold nothing, so that calls of several threads overlap. BadInput names a
/// missing or wrong-sized tensor.
Result<> walk(nrt_model& model, const TensorSet& inputs, const TensorSet& outputs,
              std::span<const std::unique_ptr<CoreSlot>> cores, host::Process& process);

}  // namespace neuron::nrt
