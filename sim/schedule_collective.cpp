// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule_collective.h"

#include <algorithm>

#include "sim/collective_time.h"

namespace neuron::sim {
namespace {

struct Box {
  const char* type;
  std::uint32_t devices, ranks_per_device;
};
Box box_of(isa::ArchId arch) {
  return arch <= isa::ArchId::V2 ? Box{"trn1.32xlarge", 16, 2} : Box{"trn2.48xlarge", 16, 8};
}

CollectiveKind kind_of(CollectiveOp op) {
  switch (op) {
    case CollectiveOp::AllGather:
      return CollectiveKind::AllGather;
    case CollectiveOp::AllReduce:
      return CollectiveKind::AllReduce;
    case CollectiveOp::ReduceScatter:
      return CollectiveKind::ReduceScatter;
    case CollectiveOp::AllToAll:
      return CollectiveKind::AllToAll;
    default:
      return CollectiveKind::Permute;
  }
}

}  // namespace

CollectiveSpan collective_span(const Transfer& t, isa::ArchId arch, const CollectiveStart& start) {
  const Collective& c = *t.collective;
  const Descriptor& d = t.descriptors[0];
  CollectiveSpan span{t.collective,
                      static_cast<std::uint64_t>(bytes_of(d.from[0])),
                      static_cast<std::uint64_t>(bytes_of(d.to)),
                      "",
                      start.issuer,
                      start.pc,
                      start.trigger,
                      start.begin,
                      start.begin};
  const Box box = box_of(arch);
  auto world = collective_world(box.type);
  if (!world) return span;
  world->ranks_per_device = box.ranks_per_device;
  world->ranks = c.groups.empty() ? 1 : static_cast<std::uint32_t>(c.groups[0].size());
  const std::uint32_t in_box = box.devices * box.ranks_per_device;
  world->boxes = (world->ranks + in_box - 1) / in_box;
  const std::uint64_t bytes = c.op == CollectiveOp::AllGather ? span.out_bytes : span.in_bytes;
  const CollectiveTime time = collective_time(*world, kind_of(c.op), bytes);
  span.algorithm = time.algorithm;
  span.end_ps += time.picoseconds;
  return span;
}

}  // namespace neuron::sim
