// SPDX-License-Identifier: Apache-2.0
#include "sim/access.h"

#include <bit>
#include <string_view>

#include "sim/machine.h"

namespace neuron::sim {
namespace {

struct Collector {
  std::vector<Access> reads, writes;

  void add(const char* field, const View& view) {
    const bool writes_it = std::string_view(field) == "dst";
    (writes_it ? writes : reads).push_back({field, view, writes_it});
  }
  /// One element a partition, as bias and scale are given.
  void scalar(const char* field, std::uint32_t at, DType type, unsigned partitions,
              bool writes_it = false) {
    View v;
    v.at = at;
    v.nums = {1, 1, 1, 1};
    v.count = 1;
    v.partitions = partitions;
    v.type = type;
    v.size = static_cast<std::uint8_t>(size_of(type));
    (writes_it ? writes : reads).push_back({field, v, writes_it});
  }
  /// One float32 a partition that `is_address` says to be in memory.
  void operand(const char* field, bool is_address, std::uint32_t at, unsigned partitions) {
    if (is_address) scalar(field, at, DType::Float32, partitions);
  }
  /// Where a fold goes; onto what stands there, when `reduce` is 2.
  template <class Op>
  void reduced(const Op& in) {
    if (in.reduce == 2) scalar("reduced", in.reduced, DType::Float32, in.partitions);
    if (in.reduce != 0) scalar("reduced", in.reduced, DType::Float32, in.partitions, true);
  }
};

#define U8(field, at)
#define U16(field, at)
#define U32(field, at)
#define F32(field, at)
#define TYPE(field, at)
#define TYPE_LOW(field, at)
#define TYPE_HIGH(field, at)
#define ALU(field, at)
#define ACT(field, at)
#define AP3(field, at) c.add(#field, in.field);
#define AP4(field, at) c.add(#field, in.field);
#define NAME(field, at)
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  void views([[maybe_unused]] const bound::name& in, [[maybe_unused]] Collector& c) { operands }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

// What a row of isa.def does not say: addresses, and destinations that are read too.
template <class Op>
void others(const Op&, Collector&) {}
void others(const bound::activate& in, Collector& c) {
  if (!in.bias_is_value) c.scalar("bias", in.bias, in.bias_type, in.partitions);
  if (in.scale_is_address)
    c.scalar("scale", std::bit_cast<std::uint32_t>(in.scale), DType::Float32, in.partitions);
}
void others(const bound::tensor_scalar& in, Collector& c) {
  if (in.operand0_is_address) c.scalar("operand0", in.operand0, DType::Float32, in.partitions);
}
void others(const bound::tensor_load& in, Collector& c) {
  c.scalar("address", in.address, in.type, 1);
}
void others(const bound::matmul_double& in, Collector& c) {
  if (!(in.acc_flags & kOverwrite)) c.reads.push_back({"dst", in.dst, false});
}
void others(const bound::tensor_store& in, Collector& c) {
  c.scalar("address", in.address, in.type, 1, true);
}
void others(const bound::dma_indirect& in, Collector& c) {
  c.scalar("index", in.index, DType::UInt32, in.partitions);
}
void others(const bound::copy_predicated_scalar& in, Collector& c) {
  c.scalar("src", in.src, in.src_type, in.partitions);
}
void others(const bound::dropout& in, Collector& c) {
  c.operand("rate", in.rate_is_address, in.rate, in.partitions);
}
void others(const bound::tensor_tensor_scan& in, Collector& c) {
  c.operand("initial", in.initial_is_address, in.initial, in.partitions);
}
void others(const bound::scalar_tensor_tensor& in, Collector& c) {
  c.operand("operand0", in.operand0_is_address, in.operand0, in.partitions);
}
void others(const bound::tensor_scalar_reduce& in, Collector& c) {
  c.operand("operand0", in.operand0_is_address, in.operand0, in.partitions);
  c.reduced(in);
}
void others(const bound::activate_reduce& in, Collector& c) {
  if (!in.bias_is_value) c.scalar("bias", in.bias, in.bias_type, in.partitions);
  c.operand("scale", in.scale_is_address, std::bit_cast<std::uint32_t>(in.scale), in.partitions);
  c.reduced(in);
}
void others(const bound::range_select& in, Collector& c) {
  c.scalar("bound0", in.bound0, DType::Float32, in.partitions);
  c.scalar("bound1", in.bound1, DType::Float32, in.partitions);
  c.reduced(in);
}
void others(const bound::select_reduce& in, Collector& c) {
  c.operand("on_false", in.on_false_is_address, in.on_false, in.partitions);
  c.reduced(in);
}
void others(const bound::matmul& in, Collector& c) {
  if (!(in.acc_flags & kOverwrite)) c.reads.push_back({"dst", in.dst, false});
}

}  // namespace

std::vector<Access> accesses_of(const bound::Operation& op) {
  Collector c;
  std::visit(
      [&](const auto& in) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(in)>, std::monostate>) {
          views(in, c);
          others(in, c);
        }
      },
      op);
  c.reads.insert(c.reads.end(), c.writes.begin(), c.writes.end());
  return std::move(c.reads);
}

std::vector<SideAccess> accesses_of(const Transfer& transfer) {
  std::vector<SideAccess> out;
  for (const Descriptor& d : transfer.descriptors) {
    for (const Side& side : d.from) out.push_back({&side, false});
    out.push_back({&d.to, true});
  }
  return out;
}

std::string place_of(std::uint64_t address) {
  const bool psum = address >= isa::kPsumBase;
  const std::uint64_t at = address % isa::kPsumBase;
  const auto partition = at / isa::kPartitionStride, byte = at % isa::kPartitionStride;
  if (psum)
    return fmt::format("PSUM bank {} partition {} byte 0x{:x}", byte / isa::kPsumBankBytes,
                       partition, byte % isa::kPsumBankBytes);
  return fmt::format("SBUF partition {} byte 0x{:x}", partition, byte);
}

}  // namespace neuron::sim
