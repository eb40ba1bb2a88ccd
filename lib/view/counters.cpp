// SPDX-License-Identifier: Apache-2.0
#include "view/counters.h"

#include <algorithm>

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
void reads(Instruction& row, const isa::Pattern& pattern, DType type) {
  add(pattern.start >= isa::kPsumBase ? row.psum_read : row.sbuf_read, bytes_of(pattern, type));
}
void writes(Instruction& row, const isa::Pattern& pattern, DType type) {
  add(pattern.start >= isa::kPsumBase ? row.psum_write : row.sbuf_write, bytes_of(pattern, type));
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
      return arch == isa::ArchId::V2 ? 2 : 1;
    default:
      return 2;
  }
}

struct Counter {
  Instruction& row;
  isa::ArchId arch;

  void operator()(const isa::ldweights& op) const {
    reads(row, op.src, op.src_type);
    row.is_transpose = op.transpose != 0;
  }
  void operator()(const isa::matmul& op) const {
    reads(row, op.src, op.src_type);
    // Compilers leave the type of the destination open; the official counts then follow the source.
    writes(row, op.dst, op.dst_type == DType::Unknown ? op.src_type : op.dst_type);
    const std::uint64_t columns = std::min<std::uint64_t>(op.src.count(), UINT32_MAX);
    row.flops = 2 * columns * op.rows * op.columns;
    row.adjusted_flops = row.flops / 2 * per_two(op, arch);
    row.is_transpose = op.transpose != 0;
  }
  void operator()(const isa::tensor_tensor& op) const {
    reads(row, op.lhs, op.lhs_type);
    reads(row, op.rhs, op.rhs_type);
    writes(row, op.dst, op.dst_type);
  }
  /// All others: a source, a destination, both or none. Scalars by address are not counted, as
  /// officially.
  template <class Op>
  void operator()(const Op& op) const {
    if constexpr (requires {
                    op.src.start;
                    op.src_type;
                  })
      reads(row, op.src, op.src_type);
    if constexpr (requires {
                    op.dst.start;
                    op.dst_type;
                  })
      writes(row, op.dst, op.dst_type);
  }
  void operator()(const isa::pseudo_dma_direct2d&) const {}  // counted from the package's variables
  void operator()(std::monostate) const {}
};

}  // namespace

void put_counters(Instruction& row, const isa::Instruction& from, isa::ArchId arch) {
  std::visit(Counter{row, arch}, from.op);
}

}  // namespace neuron::view
