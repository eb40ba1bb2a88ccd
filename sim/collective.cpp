// SPDX-License-Identifier: Apache-2.0
// Collective operations of a program: what can be checked before other ranks are known.
#include "sim/collective.h"

#include <algorithm>
#include <set>

#include "sim/loaded.h"

namespace neuron::sim {
namespace {

Result<> check_groups(const Collective& c) {
  std::set<std::uint32_t> seen;
  for (const auto& group : c.groups) {
    if (group.empty() || group.size() != c.groups[0].size())
      return fail(Code::Malformed, "a replica group of {} ranks, the first has {}", group.size(),
                  c.groups[0].size());
    for (const std::uint32_t rank : group)
      if (!seen.insert(rank).second)
        return fail(Code::Malformed, "rank {} is in two replica groups, or twice in one", rank);
  }
  return {};
}

Result<> check_pairs(const Collective& c) {
  const bool is_permute = c.op == CollectiveOp::Permute;
  if (!is_permute && c.pairs.size() != (c.op == CollectiveOp::SendReceive ? 1u : 0u))
    return fail(Code::Malformed, "{} pairs of source and target, expected {}", c.pairs.size(),
                c.op == CollectiveOp::SendReceive ? 1 : 0);
  std::set<std::uint32_t> targets;
  for (const auto& [from, to] : c.pairs) {
    if (!c.groups.empty() && std::max(from, to) >= c.groups[0].size())
      return fail(Code::Malformed, "pair [{}, {}] names no member of a group of {}", from, to,
                  c.groups[0].size());
    if (!targets.insert(to).second) return fail(Code::Malformed, "two pairs end at {}", to);
  }
  return {};
}

/// Collectives move whole runs of device memory.
Result<> check_run(const Side& side, const Program& program) {
  TRY(check_side(side, program));
  const bool is_run = side.steps[0] == 1 && side.sizes[1] * side.sizes[2] * side.sizes[3] == 1;
  if (!is_run || program.variables[side.variable.value].storage != Storage::Device)
    return fail(Code::UnsupportedVersion,
                "a collective operation on {}, expected one run of bytes in device memory",
                program.variables[side.variable.value].name);
  return {};
}

/// Bytes of one side by those of the other, where the ranks of a group are known.
Result<> check_sizes(const Collective& c, std::int64_t in, std::int64_t out) {
  const bool gathers = c.op == CollectiveOp::AllGather;
  const bool scatters = c.op == CollectiveOp::ReduceScatter;
  const auto ranks = static_cast<std::int64_t>(c.groups.empty() ? 0 : c.groups[0].size());
  const std::int64_t more = gathers ? out : in, less = gathers ? in : out;
  const bool is_cut = gathers || scatters;
  if (is_cut ? ranks != 0 && more != less * ranks : more != less)
    return fail(Code::Malformed, "{} bytes go in and {} come out of {} ranks", in, out, ranks);
  if (c.op == CollectiveOp::AllToAll && ranks != 0 && in % ranks != 0)
    return fail(Code::Malformed, "{} bytes cannot be cut in {} equal parts", in, ranks);
  return {};
}

}  // namespace

Result<> check_collective(const Transfer& t, const Program& program) {
  const Collective& c = *t.collective;
  if (t.descriptors.size() != 1 || t.descriptors[0].from.size() != 1)
    return fail(Code::Malformed, "a collective operation has one source and one destination");
  const Descriptor& d = t.descriptors[0];
  TRY(check_run(d.from[0], program));
  TRY(check_run(d.to, program));
  TRY(check_groups(c));
  TRY(check_pairs(c));
  return check_sizes(c, bytes_of(d.from[0]), bytes_of(d.to));
}

Result<> run_collective(const Transfer& t, Variables variables, CollectivePort* port) {
  if (port == nullptr)
    return fail(Code::ExecutionFault,
                "a collective operation needs its other ranks: load the package on each by "
                "nrt_load_collectives");
  const auto bytes = [&](const Side& s) {
    return variables[s.variable.value].subspan(static_cast<std::size_t>(s.offset),
                                               static_cast<std::size_t>(bytes_of(s)));
  };
  const Descriptor& d = t.descriptors[0];
  return port->run(*t.collective, bytes(d.from[0]), bytes(d.to));
}

}  // namespace neuron::sim
