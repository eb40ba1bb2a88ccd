// SPDX-License-Identifier: Apache-2.0
#include "sim/binder.h"

#include <algorithm>

#include "sim/registers.h"

namespace neuron::sim {
namespace {

bool is_dense(const View& v) {
  std::int64_t expected = v.size;
  for (int d = 0; d < 4; ++d) {
    if (v.nums[d] != 1 && v.steps[d] != expected) return false;
    expected *= v.nums[d];
  }
  return true;
}

}  // namespace

const Rule& rule(RuleId id) {
  using isa::ArchId;
  static constexpr Rule kRules[] = {
#define NEURON_RULE(id, name, first, last, sentence, source) \
  {name, ArchId::first, ArchId::last, sentence, source},
#include "sim/rules.def"
#undef NEURON_RULE
  };
  return kRules[static_cast<std::size_t>(id)];
}

Result<View> Binder::view(const Operand& o) const {
  View v;
  v.at = o.pattern.start;
  v.partitions = o.partitions;
  v.type = o.type;
  v.size = static_cast<std::uint8_t>(size_of(o.type));
  if (v.size == 0) return fail(Code::UnknownInstruction, "{} has no dtype", o.name);
  TRY(check_place(o.name, v.at, v.partitions));
  TRY(check_port(o.name, v.at));
  TRY(lay_out(o, v));
  return v;
}

Result<> Binder::scalar(const char* name, std::uint32_t at, DType type, unsigned partitions) const {
  isa::Pattern one;
  one.start = at;
  TRY(view({name, one, type, partitions}));
  return {};
}

Result<> Binder::since(RuleId id) const {
  if (arch_.id >= rule(id).first && arch_.id <= rule(id).last) return {};
  return broken(id, "does not run on {}: {}", arch_.name, rule(id).sentence);
}

/// "Start partition 0, 32, 64 or 96; more than 32 partitions: 0 or 64; more than 64: 0."
Result<> Binder::check_place(const char* name, std::uint32_t at, unsigned partitions) {
  if (at >= 2 * isa::kPsumBase)
    return fail(Code::ExecutionFault, "{} starts at 0x{:x}, memory ends at 0x{:x}", name, at,
                2 * isa::kPsumBase);
  if (partitions < 1 || partitions > isa::kPartitions)
    return broken(RuleId::Partitions, "{} has {} partitions, expected 1 to {}", name, partitions,
                  isa::kPartitions);
  const unsigned first = at % isa::kPsumBase / isa::kPartitionStride;
  const unsigned step = partitions > 64 ? 128 : partitions > 32 ? 64 : 32;
  if (first % step != 0)
    return broken(RuleId::Quadrant, "{} of {} partitions starts at partition {}, expected {}", name,
                  partitions, first,
                  step == 128  ? "0"
                  : step == 64 ? "0 or 64"
                               : "0, 32, 64 or 96");
  return {};
}

/// The tensor engine reads SBUF and writes PSUM only; GpSimd has no port to PSUM.
Result<> Binder::check_port(std::string_view name, std::uint32_t at) const {
  const bool psum = at >= isa::kPsumBase;
  if (engine_ == isa::Engine::Tensor && psum != (name == "dst"))
    return broken(RuleId::TensorPort, "{} lies in {}: the tensor engine reads SBUF and writes PSUM",
                  name, psum ? "PSUM" : "SBUF");
  if (engine_ == isa::Engine::Gpsimd && psum)
    return broken(RuleId::GpsimdPort, "{} lies in PSUM: the GpSimd engine has no port to it", name);
  return {};
}

Result<> Binder::lay_out(const Operand& o, View& v) const {
  const bool psum = v.at >= isa::kPsumBase;
  const std::int64_t end = psum ? arch_.psum_partition_bytes : arch_.sbuf_partition_bytes;
  std::int64_t low = v.at % isa::kPartitionStride, high = low + v.size;
  std::uint64_t count = 1;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t span = std::int64_t{o.pattern.steps[d]} * v.size * (o.pattern.nums[d] - 1);
    (span < 0 ? low : high) += span;
    count = std::min<std::uint64_t>(count * o.pattern.nums[d], std::uint64_t{1} << 32);
    v.steps[d] = o.pattern.steps[d] * v.size;
    v.nums[d] = o.pattern.nums[d];
  }
  if (count == 0) return fail(Code::ExecutionFault, "{} has no elements", o.name);
  if (low < 0 || high > end)
    return broken(RuleId::Partitions, "{} reaches bytes {} to {} of a partition of {} {} bytes",
                  o.name, low, high, psum ? "PSUM" : "SBUF", end);
  if (count > isa::kPartitionStride)
    return fail(Code::ExecutionFault, "{} has {} elements a partition, a partition has {} bytes",
                o.name, count, end);
  v.count = static_cast<std::uint32_t>(count);
  v.dense = is_dense(v);
  v.direct = v.dense && v.type == DType::Float32 && v.at % alignof(float) == 0;
  return {};
}

Result<> same_count(const char* name, const View& view, const View& dst) {
  if (view.count == dst.count) return {};
  return fail(Code::ExecutionFault, "{} has {} elements a partition, dst has {}", name, view.count,
              dst.count);
}

Result<> check_count(const char* name, const View& view, std::uint32_t count) {
  if (view.count == count) return {};
  return fail(Code::ExecutionFault, "{} has {} elements a partition, expected {}", name, view.count,
              count);
}

Result<> check_bank(const View& dst) {
  std::int64_t low = dst.at % isa::kPsumBankBytes, high = low + dst.size;
  for (int d = 0; d < 4; ++d) {
    const std::int64_t span = std::int64_t{dst.steps[d]} * (std::int64_t{dst.nums[d]} - 1);
    (span < 0 ? low : high) += span;
  }
  if (low < 0 || high > isa::kPsumBankBytes)
    return broken(RuleId::PsumBank, "dst leaves its PSUM bank of {} bytes", isa::kPsumBankBytes);
  return {};
}

Result<> check_reads(const char* first, std::uint32_t a, const char* second, std::uint32_t b) {
  if (a < isa::kPsumBase || b < isa::kPsumBase) return {};
  return broken(RuleId::PsumReads, "{} and {} both lie in PSUM", first, second);
}

Result<> check_register(const char* name, unsigned index) {
  if (index < kRegisters) return {};
  return fail(Code::UnknownInstruction, "{} is register {}, there are {}", name, index, kRegisters);
}

Result<> check_fold(isa::Alu op) {
  constexpr isa::Alu kFolding[] = {isa::Alu::Add, isa::Alu::Mult, isa::Alu::Max, isa::Alu::Min};
  if (std::find(std::begin(kFolding), std::end(kFolding), op) != std::end(kFolding)) return {};
  return fail(Code::UnknownInstruction, "{} is no reduction", isa::text_of(op));
}

}  // namespace neuron::sim
