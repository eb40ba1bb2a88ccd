// SPDX-License-Identifier: Apache-2.0
// What moves between memories: loads and stores, rows found by indices, and what cores and ranks do
// together.
#include <algorithm>

#include "compile/kernel.h"

namespace neuron::compile {
namespace {

/// Byte range of one side of a move; partitions of SBUF fall together, as everywhere here.
Access access_of(const Place& place, const Move& move, bool from) {
  const bool local = place.variable == kLocal;
  std::int64_t low = local ? place.offset % isa::kPartitionStride : place.offset, high = low;
  for (const Loop& loop : move.loops) {
    const std::int64_t step = from ? loop.from : loop.to;
    if (local && step % isa::kPartitionStride == 0) continue;
    const std::int64_t reach = step * (loop.count - 1);
    (reach < 0 ? low : high) += reach;
  }
  return {place.variable, static_cast<std::uint64_t>(low),
          static_cast<std::uint64_t>(high + move.run), !from};
}

}  // namespace

void Kernel::transfer(Queue queue, std::vector<Move> moves) {
  std::erase_if(moves, [](const Move& m) {
    return m.run == 0 ||
           std::any_of(m.loops.begin(), m.loops.end(), [](const Loop& l) { return l.count == 0; });
  });
  if (moves.empty()) return;
  Step& step = append(owner_of(queue), {});
  step.transfer = static_cast<int>(transfers.size());
  for (const Move& m : moves) {
    step.access.push_back(access_of(m.from, m, true));
    step.access.push_back(access_of(m.to, m, false));
  }
  transfers.push_back({queue, std::move(moves)});
}

bool Kernel::is_joint() const {
  return std::any_of(transfers.begin(), transfers.end(),
                     [](const KernelTransfer& t) { return t.together.has_value(); });
}

void Kernel::join(const Together& what) {
  const std::int64_t out = what.sums ? what.bytes : what.bytes * what.ranks;
  const auto run = [](const Place& place, std::int64_t bytes, bool write) {
    const auto begin = static_cast<std::uint64_t>(place.offset);
    return Access{place.variable, begin, begin + static_cast<std::uint64_t>(bytes), write};
  };
  Step& step = append(owner_of(Queue::Collective), {});
  step.transfer = static_cast<int>(transfers.size());
  step.access = {run(what.from, what.bytes, false), run(what.to, out, true)};
  transfers.push_back({Queue::Collective, {}, what});
}

/// A barrier between the cores, and what of memory it stands for.
void Kernel::meet(Access access) {
  isa::pseudo_core_barrier op;
  op.id = barriers_++;
  append(owner_of(Queue::Store), op).access.push_back(access);
}

void Kernel::exchange(std::int64_t core, std::uint32_t own, std::uint32_t theirs, int partitions,
                      std::int64_t bytes) {
  if (!remote)
    remote = variable({fmt::format("SB{{{}}}", 1 - core), VariableUse::Remote, 0, 0, {}});
  const Move sent{{kLocal, own},
                  {*remote, theirs},
                  bytes,
                  {{partitions, isa::kPartitionStride, isa::kPartitionStride}}};
  Access arrived = access_of(Place{kLocal, theirs}, sent, false);
  meet(arrived);  // both have done with what lay there
  store({sent});
  steps.back().access.back().begin = arrived.begin;
  steps.back().access.back().end = arrived.end;
  meet(arrived);  // both have sent
  steps.back().access.push_back({*remote, arrived.begin, arrived.end, false});
}

void Kernel::load_rows(Place table, std::int64_t rows, std::int64_t bytes, std::uint32_t to,
                       const View& index) {
  extended = true;
  isa::dma_indirect op;
  op.variable = 0x10000000u | table.variable.value;
  op.offset = static_cast<std::uint32_t>(table.offset);
  op.row_step = static_cast<std::uint32_t>(bytes);
  op.rows = static_cast<std::uint32_t>(rows);
  op.local = to;
  op.index = index.at.start;
  op.bytes = static_cast<std::uint16_t>(bytes);
  op.partitions = static_cast<std::uint8_t>(index.partitions);
  op.type = DType::UInt8;
  const Loop lines{index.partitions, bytes, isa::kPartitionStride};
  transfer(Queue::Rows, {{table, {kLocal, to}, bytes, {lines}}});
  transfers.back().rows = op;
  Access& read = steps.back().access.front();
  read.end = read.begin + static_cast<std::uint64_t>(rows * bytes);
  reads(steps.back(), index);
}

}  // namespace neuron::compile
