// SPDX-License-Identifier: Apache-2.0
#include "view/accesses.h"

#include <algorithm>

namespace neuron::view {
namespace {

/// From the first to the last byte that a pattern touches; empty where it touches none.
MemoryAccess access_of(const Operand& operand) {
  const isa::Pattern& p = operand.pattern;
  const std::uint32_t base = p.start >= isa::kPsumBase ? isa::kPsumBase : 0;
  std::int64_t first = 0, last = 0;
  for (std::size_t i = 0; i < p.nums.size(); ++i) {
    if (p.nums[i] == 0) return {};
    const std::int64_t reach = std::int64_t{p.steps[i]} * (p.nums[i] - 1);
    (reach < 0 ? first : last) += reach;
  }
  const auto size = static_cast<std::int64_t>(size_of(operand.type));
  const std::int64_t start = (p.start - base) % isa::kPartitionStride;
  const auto clip = [&](std::int64_t at) {
    return base + static_cast<std::uint32_t>(
                      std::clamp<std::int64_t>(at, 0, std::int64_t{isa::kPartitionStride}));
  };
  MemoryAccess access;
  access.begin = clip(start + first * size);
  access.end = clip(start + last * size + size);
  access.first_partition = static_cast<std::uint8_t>(
      std::min<std::uint32_t>((p.start - base) / isa::kPartitionStride, isa::kPartitions));
  access.partitions = operand.partitions;
  access.is_write = operand.is_write;
  return access;
}

}  // namespace

std::vector<MemoryAccess> accesses_of(const isa::Instruction& instruction) {
  std::vector<MemoryAccess> list;
  std::visit(
      [&](const auto& op) {
        for_each_operand(op, [&](const Operand& operand) {
          const MemoryAccess access = access_of(operand);
          if (access.end > access.begin) list.push_back(access);
        });
      },
      instruction.op);
  // A product that is added to what stands there keeps it alive.
  if (const auto* product = std::get_if<isa::matmul>(&instruction.op);
      product && !(product->acc_flags & 1) && !list.empty() && list.back().is_write) {
    MemoryAccess read = list.back();
    read.is_write = false;
    list.insert(list.end() - 1, read);
  }
  return list;
}

}  // namespace neuron::view
