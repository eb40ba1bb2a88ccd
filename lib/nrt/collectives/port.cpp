// SPDX-License-Identifier: Apache-2.0
#include "nrt/collectives/port.h"

#include <algorithm>

#include "nrt/collectives/operations.h"
#include "nrt/collectives/worlds.h"

namespace neuron::nrt::cc {
namespace {

constexpr std::uint32_t kFirstStream = 4;  ///< before it: the caller's and those of three queues

Reduction reduction_of(sim::CollectiveReduction how) {
  if (how == sim::CollectiveReduction::Max) return Reduction::Max;
  return how == sim::CollectiveReduction::Min ? Reduction::Min : Reduction::Add;
}

}  // namespace

/// The replica group that this rank is in.
Result<Group> Port::group_of(const sim::Collective& what) const {
  for (const auto& ranks : what.groups) {
    for (const std::uint32_t rank : ranks)
      if (rank >= world_->ranks())
        return fail(Code::BadUsage, "a replica group names rank {}, the world has {} ranks", rank,
                    world_->ranks());
    const auto at = std::find(ranks.begin(), ranks.end(), world_->rank());
    if (at != ranks.end())
      return Group{ranks, static_cast<std::uint32_t>(at - ranks.begin()),
                   kFirstStream + what.stream};
  }
  return fail(Code::BadUsage, "rank {} is in no replica group of a collective operation",
              world_->rank());
}

Result<> Port::run(const sim::Collective& what, ByteView in, std::span<std::byte> out) {
  const Group group = TRY(group_of(what));
  const Reduction how = reduction_of(what.reduction);
  switch (what.op) {
    case sim::CollectiveOp::AllGather:
      return all_gather(*world_, group, in, out);
    case sim::CollectiveOp::AllReduce:
      return all_reduce(*world_, group, in, out, what.type, how);
    case sim::CollectiveOp::ReduceScatter:
      return reduce_scatter(*world_, group, in, out, what.type, how);
    case sim::CollectiveOp::AllToAll:
      return all_to_all(*world_, group, in, out);
    case sim::CollectiveOp::Permute:
      return permute(*world_, group, what.pairs, in, out);
    case sim::CollectiveOp::SendReceive:
      break;
  }
  return send_receive(*world_, group, what.pairs[0].first, what.pairs[0].second, in, out);
}

Result<> join(nrt_model& model, std::uint32_t rank, std::uint32_t ranks) {
  const auto is_joint = [](const Stage& stage) {
    for (const auto& transfers : sim::program_of(*stage.loaded).transfers)
      for (const sim::Transfer& t : transfers)
        if (t.collective) return true;
    return false;
  };
  if (std::none_of(model.stages.begin(), model.stages.end(), is_joint)) return {};
  auto world = TRY(join(static_cast<std::uint32_t>(model.vnc), rank, ranks));
  model.port = std::make_shared<Port>(std::move(world));
  return {};
}

}  // namespace neuron::nrt::cc
