// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/host.h"
#include "nrt/model.h"

/// What the runtime tells the box: memory and models while they are there, executions as they end.
namespace neuron::nrt {

/// One part for each physical core from `first` on, with the memory that loading took.
std::vector<host::ModelPart> parts_of(const nrt_model& model, std::uint32_t first);
/// Floating-point operations of one execution on the core that works most.
std::uint64_t flops_of(const nrt_model& model);
/// The same storage, counted as tensor memory of `core` (-1: of the host) until it is freed.
std::shared_ptr<Storage> counted(std::shared_ptr<Storage> storage,
                                 const std::shared_ptr<host::Process>& process, int core);

}  // namespace neuron::nrt
