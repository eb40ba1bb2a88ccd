// SPDX-License-Identifier: Apache-2.0
// What the rows of our own instructions cannot say about their operands.
#include <algorithm>
#include <bit>

#include "sim/binder.h"
#include "sim/machine.h"
#include "sim/wide.h"

namespace neuron::sim {
namespace {

constexpr unsigned kLastWide = static_cast<unsigned>(isa::Wide::Round);
Result<> known_wide(unsigned op) {
  if (op <= kLastWide) return {};
  return fail(Code::UnknownInstruction, "op is {}, known are 0 to {}", op, kLastWide);
}
Result<> whole_index(const View& index) {
  if (is_whole(index.type)) return {};
  return fail(Code::UnknownInstruction, "index is {}, expected whole numbers", name_of(index.type));
}
Result<> same_size(const View& src, const View& dst) {
  if (src.size == dst.size) return {};
  return fail(Code::UnknownInstruction, "src is {}, dst is {}: expected equal sizes",
              name_of(src.type), name_of(dst.type));
}

Result<> at_most(const char* name, unsigned value, unsigned last) {
  if (value <= last) return {};
  return fail(Code::UnknownInstruction, "{} is {}, known are 0 to {}", name, value, last);
}

/// A number for all partitions, or the address of one float32 for each.
template <class Op>
Result<> check_operand(const char* name, const Op& in, unsigned is_address, std::uint32_t value,
                       const Binder& b) {
  TRY(at_most("the flag of an address", is_address, 1));
  if (is_address) TRY(b.scalar(name, value, DType::Float32, in.partitions));
  return {};
}

/// Where a fold goes, if there is one.
template <class Op>
Result<> check_reduced(const Op& in, const Binder& b) {
  TRY(at_most("reduce", in.reduce, 2));
  if (in.reduce) TRY(b.scalar("reduced", in.reduced, DType::Float32, in.partitions));
  return {};
}

Result<> check_comparison(isa::Alu op) {
  using isa::Alu;
  constexpr Alu kComparing[] = {Alu::IsLess,    Alu::IsLessEq,    Alu::IsEqual,
                                Alu::IsGreater, Alu::IsGreaterEq, Alu::NotEqual};
  if (std::find(std::begin(kComparing), std::end(kComparing), op) != std::end(kComparing))
    return {};
  return fail(Code::UnknownInstruction, "{} is no comparison", isa::text_of(op));
}

Result<> check_generator(unsigned generator) {
  return at_most("generator", generator, kGenerators - 1);
}
Result<> check_words(const View& v) {
  if (v.type == DType::UInt32 || v.type == DType::Int32) return {};
  return fail(Code::UnknownInstruction, "a state of {}, expected uint32", name_of(v.type));
}

}  // namespace

Result<> check(const bound::wide& in, const Binder&) {
  TRY(known_wide(in.op));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::gather& in, const Binder&) {
  TRY(whole_index(in.index));
  TRY(same_size(in.src, in.dst));
  return same_count("index", in.index, in.dst);
}
Result<> check(const bound::scatter& in, const Binder&) {
  TRY(known_wide(in.op));
  TRY(whole_index(in.index));
  return same_count("index", in.index, in.src);
}
Result<> check(const bound::sort& in, const Binder&) {
  if (is_whole(in.dst.type) && in.dst.count <= in.src.count) return {};
  return fail(Code::ExecutionFault, "dst has {} elements of type {}, expected at most {} indices",
              in.dst.count, name_of(in.dst.type), in.src.count);
}

Result<> check(const bound::random& in, const Binder&) { return check_generator(in.generator); }
Result<> check(const bound::rand_set_state& in, const Binder&) {
  TRY(check_generator(in.generator));
  TRY(check_words(in.src));
  if (in.src.count == 1) return {};
  return check_count("src", in.src, kGeneratorWords);
}
Result<> check(const bound::rand_get_state& in, const Binder&) {
  TRY(check_generator(in.generator));
  TRY(check_words(in.dst));
  return check_count("dst", in.dst, kGeneratorWords);
}
Result<> check(const bound::dropout& in, const Binder& b) {
  TRY(check_generator(in.generator));
  TRY(at_most("keeps", in.keeps, 1));
  TRY(check_operand("rate", in, in.rate_is_address, in.rate, b));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::partition_reduce& in, const Binder&) {
  TRY(check_fold(in.op));
  if (in.columns != 1) return at_most("columns", in.columns, 1);
  return same_count("src", in.src, in.dst);
}

Result<> check(const bound::register_op& in, const Binder&) {
  TRY(known_wide(in.op));
  TRY(check_register("src", in.src_register));
  TRY(check_register("other", in.other_register));
  return check_register("dst", in.dst_register);
}
Result<> check(const bound::compare_branch& in, const Binder&) {
  TRY(at_most("condition", in.condition, 6));
  TRY(check_register("other", in.other_register));
  return check_register("src", in.src_register);
}
Result<> check(const bound::tensor_store& in, const Binder& b) {
  if (size_of(in.type) != 4)
    return fail(Code::UnknownInstruction, "a register of {}, known are 32 bits", name_of(in.type));
  TRY(b.scalar("address", in.address, in.type, 1));
  return check_register("src", in.src_register);
}
Result<> check(const bound::wait_register& in, const Binder&) {
  return check_register("src", in.src_register);
}
Result<> check(const bound::dma_indirect& in, const Binder& b) {
  TRY(at_most("scatters", in.scatters, 1));
  TRY(at_most("skips", in.skips, 1));
  TRY(at_most("accumulates", in.accumulates, 1));
  TRY(b.scalar("index", in.index, DType::UInt32, in.partitions));
  const isa::Pattern row{in.local, {1, 0, 0, 0}, {in.bytes, 1, 1, 1}};
  TRY(b.view({"local", row, DType::UInt8, in.partitions}));
  return {};
}

/// Two rows of `count` elements of 8-bit floats in each partition.
Result<> check_double(const Binder& b, const View& src, unsigned count) {
  TRY(b.since(RuleId::Generation3));
  if (src.size != 1 || !is_floating(src.type))
    return fail(Code::UnknownInstruction, "src is {}, expected an 8-bit float", name_of(src.type));
  return check_count("src", src, 2 * count);
}
Result<> check(const bound::ldweights_double& in, const Binder& b) {
  if (in.columns > kArray)
    return broken(RuleId::ArraySize, "{} columns, there are {}", in.columns, kArray);
  return check_double(b, in.src, in.columns);
}
Result<> check(const bound::matmul_double& in, const Binder& b) {
  TRY(at_most("acc_flags", in.acc_flags, 3));
  TRY(check_double(b, in.src, in.dst.count));
  return check_bank(in.dst);
}

Result<> check(const bound::tensor_tensor_scan& in, const Binder& b) {
  TRY(check_reads("lhs", in.lhs.at, "rhs", in.rhs.at));
  TRY(check_operand("initial", in, in.initial_is_address, in.initial, b));
  TRY(same_count("lhs", in.lhs, in.dst));
  return same_count("rhs", in.rhs, in.dst);
}
Result<> check(const bound::scalar_tensor_tensor& in, const Binder& b) {
  TRY(check_reads("lhs", in.lhs.at, "rhs", in.rhs.at));
  TRY(at_most("reversed", in.reversed, 3));
  TRY(check_operand("operand0", in, in.operand0_is_address, in.operand0, b));
  TRY(same_count("lhs", in.lhs, in.dst));
  return same_count("rhs", in.rhs, in.dst);
}
Result<> check(const bound::tensor_scalar_reduce& in, const Binder& b) {
  TRY(check_fold(in.reduce_op));
  TRY(check_reduced(in, b));
  TRY(check_operand("operand0", in, in.operand0_is_address, in.operand0, b));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::activate_reduce& in, const Binder& b) {
  TRY(check_fold(in.reduce_op));
  TRY(check_reduced(in, b));
  if (!in.bias_is_value) TRY(b.scalar("bias", in.bias, in.bias_type, in.partitions));
  TRY(check_operand("scale", in, in.scale_is_address, std::bit_cast<std::uint32_t>(in.scale), b));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::affine_select& in, const Binder&) {
  TRY(check_comparison(in.op));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::range_select& in, const Binder& b) {
  TRY(b.since(RuleId::Generation3));
  TRY(check_comparison(in.op0));
  TRY(check_comparison(in.op1));
  TRY(check_reduced(in, b));
  TRY(b.scalar("bound0", in.bound0, DType::Float32, in.partitions));
  TRY(b.scalar("bound1", in.bound1, DType::Float32, in.partitions));
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::bn_stats& in, const Binder&) {
  constexpr unsigned kMost = 512;  // published
  if (in.src.count > kMost)
    return fail(Code::ExecutionFault, "src has {} elements a partition, expected at most {}",
                in.src.count, kMost);
  return check_count("dst", in.dst, 6);
}
Result<> check(const bound::bn_aggr& in, const Binder&) {
  if (in.src.count % 3 != 0)
    return fail(Code::ExecutionFault, "src has {} elements a partition, expected triples",
                in.src.count);
  return check_count("dst", in.dst, 2);
}
Result<> check(const bound::match_replace8& in, const Binder&) {
  return same_count("src", in.src, in.dst);
}
Result<> check(const bound::select_reduce& in, const Binder& b) {
  TRY(at_most("reversed", in.reversed, 1));
  TRY(check_reads("predicate", in.predicate.at, "src", in.src.at));
  TRY(check_operand("on_false", in, in.on_false_is_address, in.on_false, b));
  TRY(check_reduced(in, b));
  TRY(same_count("predicate", in.predicate, in.dst));
  return same_count("src", in.src, in.dst);
}

}  // namespace neuron::sim
