// SPDX-License-Identifier: Apache-2.0
#include "view/counters.h"

#include <algorithm>

#include "view/accesses.h"

namespace neuron::view {
namespace {

void add(std::uint32_t& sum, std::uint64_t bytes) {
  sum = static_cast<std::uint32_t>(std::min<std::uint64_t>(UINT32_MAX, sum + bytes));
}
std::uint64_t bytes_of(const isa::Pattern& pattern, DType type) {
  // Four 16-bit counts of a damaged word can reach 2^64; nothing real comes near 2^32.
  const std::uint64_t count = std::min<std::uint64_t>(pattern.count(), UINT32_MAX);
  return count * size_of(type);
}
void add_operand(Step& row, const Operand& operand) {
  const bool is_psum = operand.pattern.start >= isa::kPsumBase;
  auto& sum = operand.is_write ? (is_psum ? row.psum_write : row.sbuf_write)
                               : (is_psum ? row.psum_read : row.sbuf_read);
  add(sum, bytes_of(operand.pattern, operand.type));
}

/// How much more than bfloat16 a type costs the array; half steps are counted in `per_two`.
std::uint64_t per_two(const isa::matmul& op, isa::ArchId arch) {
  constexpr std::uint8_t kLowHigh = 3;
  switch (op.src_type) {
    case DType::Float32:
      // Officially four, of half the flops that a LOW_HIGH pass counts here.
      return op.fp32_mode == kLowHigh ? 4 : 8;
    case DType::UInt8:
      return 1;
    case DType::Fp8E3:
    case DType::Fp8E4:
    case DType::Fp8E5:
      return arch <= isa::ArchId::V2 ? 2 : 1;
    default:
      return 2;
  }
}

void put_work(Step& row, const isa::matmul& op, isa::ArchId arch) {
  const std::uint64_t columns = std::min<std::uint64_t>(op.src.count(), UINT32_MAX);
  row.flops = 2 * columns * op.rows * op.columns;
  row.adjusted_flops = row.flops / 2 * per_two(op, arch);
  row.is_transpose = op.transpose != 0;
}

}  // namespace

void put_counters(Step& row, const isa::Instruction& from, isa::ArchId arch) {
  const auto count = [&](const Operand& operand) { add_operand(row, operand); };
  std::visit([&](const auto& op) { for_each_operand(op, count); }, from.op);
  if (const auto* weights = std::get_if<isa::ldweights>(&from.op))
    row.is_transpose = weights->transpose != 0;
  if (const auto* product = std::get_if<isa::matmul>(&from.op)) put_work(row, *product, arch);
}

}  // namespace neuron::view
