// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "isa/isa.h"
#include "view/timeline.h"

/// Which on-chip memory an operation reads and writes: said once, for byte counts and for the
/// occupancy of memory alike.
namespace neuron::view {

/// One operand: elements of `type` by `pattern` in each of `partitions` partitions.
struct Operand {
  const isa::Pattern& pattern;
  DType type;
  std::uint8_t partitions;
  bool is_write;
};

/// Calls visit(Operand) for each operand on chip, what is read before what is written. Scalars by
/// address (a bias, a scale) are not counted, as officially.
template <class Visit>
void for_each_operand(const isa::ldweights& op, Visit visit) {
  visit(Operand{op.src, op.src_type, op.rows, false});
}
template <class Visit>
void for_each_operand(const isa::matmul& op, Visit visit) {
  visit(Operand{op.src, op.src_type, op.rows, false});
  // Compilers leave the type of the destination open; the official counts then follow the source.
  const DType written = op.dst_type == DType::Unknown ? op.src_type : op.dst_type;
  visit(Operand{op.dst, written, op.columns, true});
}
template <class Visit>
void for_each_operand(const isa::tensor_tensor& op, Visit visit) {
  visit(Operand{op.lhs, op.lhs_type, op.partitions, false});
  visit(Operand{op.rhs, op.rhs_type, op.partitions, false});
  visit(Operand{op.dst, op.dst_type, op.partitions, true});
}
template <class Visit>
void for_each_operand(const isa::pseudo_dma_direct2d&, Visit) {}  // HBM: from the package
template <class Visit>
void for_each_operand(std::monostate, Visit) {}
/// All others: a source, a destination, both or none.
template <class Op, class Visit>
void for_each_operand(const Op& op, Visit visit) {
  const auto partitions = [&] {
    if constexpr (requires { op.partitions; }) return op.partitions;
    return std::uint8_t{isa::kPartitions};
  };
  if constexpr (requires {
                  op.src.start;
                  op.src_type;
                })
    visit(Operand{op.src, op.src_type, partitions(), false});
  if constexpr (requires {
                  op.dst.start;
                  op.dst_type;
                })
    visit(Operand{op.dst, op.dst_type, partitions(), true});
}

/// The operands of an instruction as runs of bytes, for Timeline::accesses.
std::vector<MemoryAccess> accesses_of(const isa::Instruction& instruction);

}  // namespace neuron::view
