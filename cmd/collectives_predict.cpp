// SPDX-License-Identifier: Apache-2.0
#include "cmd/collectives_predict.h"

#include <algorithm>

#include "host/host.h"
#include "sim/collective_time.h"

namespace neuron::cmd {
namespace {

using sim::CollectiveKind;
constexpr struct {
  std::string_view name;
  CollectiveKind kind;
} kKinds[] = {
    {"all_reduce", CollectiveKind::AllReduce},  {"all_gather", CollectiveKind::AllGather},
    {"all_gatherv", CollectiveKind::AllGather}, {"reduce_scatter", CollectiveKind::ReduceScatter},
    {"alltoall", CollectiveKind::AllToAll},     {"alltoallv", CollectiveKind::AllToAll},
    {"sendrecv", CollectiveKind::Permute},      {"permute", CollectiveKind::Permute},
};

sim::CollectiveShape shape_of(host::Links links) {
  switch (links) {
    case host::Links::Line:
      return sim::CollectiveShape::Line;
    case host::Links::Ring:
      return sim::CollectiveShape::Ring;
    case host::Links::Torus:
      return sim::CollectiveShape::Torus;
    default:
      return sim::CollectiveShape::Single;
  }
}

}  // namespace

Result<nrt::cc::BenchmarkRow> predict_row(const nrt::cc::Benchmark& benchmark, std::uint64_t size,
                                          DType type, std::uint32_t ranks, std::uint32_t boxes) {
  const host::Box box = TRY(host::box());
  auto world = TRY(sim::collective_world(box.instance->type));
  const std::uint32_t cores = box.instance->cores() / box.lnc;
  if (ranks > cores * boxes)
    return fail(Code::NoResource, "{} ranks, {} {} have {} logical cores; see NEURON_SIM_INSTANCE",
                ranks, boxes, box.instance->type, cores * boxes);
  world.ranks = ranks;
  world.boxes = boxes;
  world.ranks_per_device = std::max(1u, box.instance->cores_per_device / box.lnc);
  world.shape = shape_of(box.instance->links);
  const auto kind = std::find_if(std::begin(kKinds), std::end(kKinds),
                                 [&](const auto& k) { return k.name == benchmark.name; });
  if (kind == std::end(kKinds))
    return fail(Code::Internal, "{} has no kind of collective", benchmark.name);
  const auto time = sim::collective_time(world, kind->kind, size);
  nrt::cc::BenchmarkRow row = nrt::cc::row_of(benchmark, size, type, ranks);
  row.microseconds = {static_cast<double>(time.picoseconds) / 1e6};
  row.algorithm = time.algorithm;
  return row;
}

}  // namespace neuron::cmd
