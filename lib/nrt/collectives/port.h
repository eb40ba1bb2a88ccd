// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "nrt/collectives/world.h"
#include "nrt/model.h"
#include "sim/collective.h"

namespace neuron::nrt::cc {

/// Runs the collective operations of a program as one rank of a world.
class Port : public sim::CollectivePort {
 public:
  explicit Port(std::shared_ptr<World> world) : world_(std::move(world)) {}
  Result<> run(const sim::Collective& what, ByteView in, std::span<std::byte> out) override;

 private:
  Result<Group> group_of(const sim::Collective& what) const;
  const std::shared_ptr<World> world_;
};

/// Makes a loaded model rank `rank` of `ranks`; one without collective operations needs no others.
Result<> join(nrt_model& model, std::uint32_t rank, std::uint32_t ranks);

}  // namespace neuron::nrt::cc
