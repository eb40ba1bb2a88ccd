// SPDX-License-Identifier: Apache-2.0
// One operation at a time: every operand is held to the rules of the machine and becomes a view.
// Rules: spec of memories and ports of the public architecture guides; all public packages keep
// them.
#include <algorithm>
#include <bit>
#include <cstdlib>

#include "sim/binder.h"
#include "sim/machine.h"
#include "sim/wide.h"

namespace neuron::sim {
namespace {

/// Partitions of an operand: one count for all, or rows and columns of the array.
template <class Op>
unsigned partitions_of(const Op& op, std::string_view field) {
  if constexpr (requires { op.partitions; })
    return op.partitions;
  else
    return field == "dst" ? op.columns : op.rows;
}

#define U8(field, at) out.field = in.field;
#define U16(field, at) out.field = in.field;
#define U32(field, at) out.field = in.field;
#define F32(field, at) out.field = in.field;
#define TYPE(field, at) out.field = in.field;
#define TYPE_LOW(field, at) out.field = in.field;
#define TYPE_HIGH(field, at) out.field = in.field;
#define ALU(field, at) out.field = in.field;
#define ACT(field, at) out.field = in.field;
#define AP3(field, at) \
  out.field = TRY(b.view({#field, in.field, in.field##_type, partitions_of(in, #field)}));
#define AP4(field, at) AP3(field, at)
#define NAME(field, at)
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  Result<bound::name> bind_views([[maybe_unused]] const isa::name& in,           \
                                 [[maybe_unused]] const Binder& b) {             \
    bound::name out;                                                             \
    operands return out;                                                         \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

/// A mask of 32-wide groups must hold every group that `count` rows or columns from `first` touch.
Result<> check_groups(const char* name, unsigned mask, unsigned first, unsigned count) {
  for (unsigned group = first / 32; group <= (first + count - 1) / 32; ++group)
    if (group > 3 || !(mask >> group & 1))
      return broken(RuleId::ArraySize, "{} is 0x{:x}, expected bit {} for {} from {}", name, mask,
                    group, count, first);
  return {};
}

// What a row of isa.def cannot say about an instruction. `in` is complete here.
template <class Op>
Result<> check(const Op& in, const Binder&) {
  if constexpr (requires {
                  in.src.count;
                  in.dst.count;
                })
    TRY(same_count("src", in.src, in.dst));
  return {};
}

Result<> check(const bound::ldweights& in, const Binder&) {
  if (in.src.count != in.columns)
    return fail(Code::ExecutionFault, "src has {} elements a partition, columns is {}",
                in.src.count, in.columns);
  if (in.fp32_mode > kHigh)
    return fail(Code::UnknownInstruction, "fp32_mode is {}, known are 0, 1 and 2", in.fp32_mode);
  TRY(check_groups("row_groups", in.row_groups, in.src.at / isa::kPartitionStride, in.rows));
  TRY(check_groups("column_groups", in.column_groups, first_column(in.column_groups), in.columns));
  return {};
}

Result<> check(const bound::matmul& in, const Binder&) {
  TRY(same_count("src", in.src, in.dst));
  if (in.fp32_mode == kLow || in.fp32_mode > kLowHigh)
    return fail(Code::UnknownInstruction, "fp32_mode is {}, known are 0, 2 and 3", in.fp32_mode);
  if (in.acc_flags > 3)
    return fail(Code::UnknownInstruction, "acc_flags is {}, known are 0 to 3", in.acc_flags);
  TRY(check_groups("row_groups", in.row_groups, in.src.at / isa::kPartitionStride, in.rows));
  TRY(check_groups("column_groups", in.column_groups, first_column(in.column_groups), in.columns));
  return check_bank(in.dst);
}

Result<> check(const bound::activate& in, const Binder& b) {
  TRY(same_count("src", in.src, in.dst));
  if (!in.bias_is_value) TRY(b.scalar("bias", in.bias, in.bias_type, in.partitions));
  if (in.scale_is_address) {
    const auto at = std::bit_cast<std::uint32_t>(in.scale);
    TRY(b.scalar("scale", at, DType::Float32, in.partitions));
  }
  return {};
}

Result<> check(const bound::tensor_tensor& in, const Binder&) {
  TRY(same_count("lhs", in.lhs, in.dst));
  return same_count("rhs", in.rhs, in.dst);
}

Result<> check(const bound::tensor_reduce& in, const Binder&) {
  TRY(check_fold(in.op));
  if (in.axes != 2 && in.axes != 3)
    return fail(Code::UnknownInstruction, "axes is {}, known are 2 (X) and 3 (XY)", in.axes);
  const std::uint64_t length = std::uint64_t{in.src.nums[0]} * (in.axes == 3 ? in.src.nums[1] : 1);
  if (length * in.dst.count != in.src.count)
    return fail(Code::ExecutionFault, "src has {} elements a partition, expected {} for each of {}",
                in.src.count, length, in.dst.count);
  return {};
}

Result<> check(const bound::tensor_scalar& in, const Binder& b) {
  TRY(same_count("src", in.src, in.dst));
  if (in.operand0_is_address > 1)
    return fail(Code::UnknownInstruction, "operand0_is_address is {}, known are 0 and 1",
                in.operand0_is_address);
  if (in.operand0_is_address) TRY(b.scalar("operand0", in.operand0, DType::Float32, in.partitions));
  return {};
}

Result<> check(const bound::memset& in, const Binder&) {
  if (in.count != in.dst.count)
    return fail(Code::ExecutionFault, "count is {}, dst has {} elements a partition", in.count,
                in.dst.count);
  return {};
}

Result<> check(const bound::gather_loaded&, const Binder&) { return {}; }
Result<> check(const bound::gather_load& in, const Binder&) {
  if (in.last_index >= in.src.count) return {};
  return fail(Code::UnknownInstruction, "a pass over {} of {} elements is not understood",
              in.last_index + 1, in.src.count);
}
Result<> check(const bound::stream_shuffle& in, const Binder&) {
  TRY(same_count("src", in.src, in.dst));
  if (in.src.type != in.dst.type)
    return fail(Code::UnknownInstruction, "a shuffle that casts has not been seen");
  return {};
}
Result<> check(const bound::stream_transpose& in, const Binder&) {
  if (in.src.type != in.dst.type || in.src.count != 32 || in.src.partitions != 32 ||
      in.dst.count > 32)
    return fail(Code::UnknownInstruction,
                "{} partitions of {} elements to {}: known is 32 of 32 to at most 32 of one type",
                in.src.partitions, in.src.count, in.dst.count);
  return {};
}
Result<> check(const bound::max8& in, const Binder&) {
  TRY(check_count("dst", in.dst, 8));
  if (in.src.count < 8) return check_count("src", in.src, 8);
  return {};
}
Result<> check(const bound::match_load& in, const Binder&) { return check_count("src", in.src, 8); }
Result<> check(const bound::find_index8& in, const Binder&) {
  return check_count("dst", in.dst, 8);
}
Result<> check(const bound::copy_predicated& in, const Binder&) {
  if (in.reversed > 1)
    return fail(Code::UnknownInstruction, "reversed is {}, known are 0 and 1", in.reversed);
  TRY(same_count("predicate", in.predicate, in.dst));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::copy_predicated_scalar& in, const Binder& b) {
  if (in.reversed != 1 || in.src_is_address != 1 || in.src_type != in.dst.type)
    return fail(Code::UnknownInstruction,
                "reversed is {} and src_is_address {}: known is 1 for both, with equal types",
                in.reversed, in.src_is_address);
  TRY(b.scalar("src", in.src, in.src_type, in.partitions));
  return same_count("predicate", in.predicate, in.dst);
}
Result<> check(const bound::register_alu& in, const Binder&) {
  if (in.op != isa::Alu::Add && in.op != isa::Alu::Mult)
    return fail(Code::UnknownInstruction, "{} of registers is not known, known are ADD, MULTIPLY",
                isa::text_of(in.op));
  if (in.takes_immediate != 1)
    return fail(Code::UnknownInstruction, "two registers are not known, only an immediate");
  TRY(check_register("src", in.src_register));
  return check_register("dst", in.dst_register);
}
Result<> check(const bound::tensor_load& in, const Binder& b) {
  if (size_of(in.type) != 4)
    return fail(Code::UnknownInstruction, "a register of {}, known are 32 bits", name_of(in.type));
  if (in.mode0 != 1 || in.mode1 != 1 || in.count != 1)
    return fail(Code::UnknownInstruction, "modes {}, {} and count {}: known is 1 for each",
                in.mode0, in.mode1, in.count);
  TRY(b.scalar("address", in.address, in.type, 1));
  return check_register("dst", in.dst_register);
}

Result<> not_in_packages(const char* pseudo) {
  return fail(Code::UnknownInstruction,
              "is made by a runtime on the device, a package holds {} instead", pseudo);
}
Result<> check(const bound::write&, const Binder&) { return not_in_packages("PSEUDO_DMA_TRIGGER"); }
Result<> check(const bound::dma_direct2d&, const Binder&) {
  return not_in_packages("PSEUDO_DMA_DIRECT2D");
}

/// Fills in what an encoding leaves to convention.
template <class Op>
Op settled(const Op& op) {
  return op;
}
isa::matmul settled(isa::matmul op) {
  // Before NeuronCore-v4 the field is 0: sums are float32, what passes through keeps its type.
  if (op.dst_type == DType::Unknown) op.dst_type = op.transpose ? op.src_type : DType::Float32;
  return op;
}

template <class Op>
Result<bound::Operation> bind_one(const Op& op, const Binder& binder) {
  auto out = TRY(bind_views(settled(op), binder));
  TRY(check(out, binder));
  return bound::Operation(std::move(out));
}

}  // namespace

Result<bound::Operation> bind(const isa::Operation& op, isa::Engine engine, const isa::Arch& arch) {
  return std::visit(
      [&](const auto& fields) -> Result<bound::Operation> {
        using Op = std::decay_t<decltype(fields)>;
        if constexpr (std::is_same_v<Op, std::monostate>) {
          return fail(Code::UnknownInstruction, "a slot without an operation");
        } else {
          const isa::OpInfo& row = *isa::find_op(Op::kOpcode);
          if (!(row.engines >> static_cast<unsigned>(engine) & 1))
            return fail(Code::UnknownInstruction, "{} does not run on this engine", row.text);
          return bind_one(fields, Binder(arch, engine)).within(row.text);
        }
      },
      op);
}

}  // namespace neuron::sim
