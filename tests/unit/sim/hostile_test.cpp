// SPDX-License-Identifier: Apache-2.0
// Programs of random instructions: what load() lets through stays inside memory.
#include <algorithm>
#include <map>
#include <random>

#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;

namespace {

using Random = std::mt19937;

std::uint32_t pick(Random& random, std::initializer_list<std::uint32_t> values) {
  return values.begin()[random() % values.size()];
}

isa::Pattern pattern(Random& random) {
  isa::Pattern p;
  p.start = pick(random, {0, 0x37000, 0x37ffc, isa::kPsumBase, isa::kPsumBase + 0x3ffc,
                          32 * isa::kPartitionStride + 4, isa::kPsumBase + 0x1802000, 0x1fc0000}) +
            pick(random, {0, 0, 1, 2, 4, 8, 0x7ff});
  for (int d = 0; d < 4; ++d) {
    p.steps[d] = static_cast<std::int16_t>(pick(random, {0, 1, 1, 2, 0xffff, 0x7fff, 0x8000, 16}));
    p.nums[d] = static_cast<std::uint16_t>(pick(random, {1, 1, 1, 2, 4, 0, 0xffff}));
  }
  return p;
}

/// Fields that one and the same row of isa.def may carry, drawn so that many programs load.
#define U8(field, at) op.field = static_cast<std::uint8_t>(pick(random, {0, 0, 1, 2, 3, 15}));
#define U16(field, at) op.field = static_cast<std::uint16_t>(pick(random, {1, 1, 2, 4, 8, 0xffff}));
#define U32(field, at) \
  op.field = pick(random, {0, 4, 0x40000, 0x10000000, 0x10000001, 0x20000000, 0xffffffff});
#define F32(field, at) op.field = static_cast<float>(random()) / 1e9f;
#define TYPE(field, at) op.field = static_cast<DType>(random() % 16);
#define TYPE_LOW(field, at) TYPE(field, at)
#define TYPE_HIGH(field, at) TYPE(field, at)
#define ALU(field, at) op.field = random() % 2 ? isa::Alu::Add : isa::Alu::Divide;
#define ACT(field, at) op.field = random() % 2 ? isa::Activation::Exp : isa::Activation::Copy;
#define AP3(field, at)        \
  op.field = pattern(random); \
  op.field.nums[3] = 1;
#define AP4(field, at) op.field = pattern(random);
#define NAME(field, at) op.field = "q";
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence)                \
  [[maybe_unused]] void fill([[maybe_unused]] isa::name& op, [[maybe_unused]] Random& random) { \
    operands                                                                                    \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

template <class Op>
isa::Operation made(Random& random) {
  Op op;
  fill(op, random);
  if constexpr (requires { op.partitions; })
    op.partitions = static_cast<std::uint8_t>(pick(random, {1, 1, 3, 32, 64, 128, 200}));
  if constexpr (requires { op.columns; }) {
    op.rows = static_cast<std::uint8_t>(pick(random, {1, 32, 128}));
    op.columns = static_cast<std::uint8_t>(pick(random, {1, 2, 4, 128}));
  }
  if constexpr (requires { op.row_groups; }) {
    op.row_groups = op.column_groups = 15;
  }
  // Equal counts are rare by chance.
  if constexpr (requires {
                  op.src.nums;
                  op.dst.nums;
                }) {
    if (random() % 4) op.dst.nums = op.src.nums;
    if (random() % 2) op.dst_type = op.src_type = DType::Float32;
  }
  if constexpr (requires { op.src_element; }) {
    op.dst_num0 = op.src_num0 = static_cast<std::uint16_t>(pick(random, {1, 2, 128}));
    op.dst_num1 = op.src_num1;
    op.dst_element = op.src_element;
    op.dst_type = op.src_type;
    op.src_register = 0;
  }
  if constexpr (requires { op.lhs.nums; }) op.rhs.nums = op.lhs.nums = op.dst.nums;
  return op;
}

isa::Operation any_operation(Random& random) {
  using Make = isa::Operation (*)(Random&);
  static const Make kMakers[] = {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) made<isa::name>,
#include "isa/isa.def"
#undef NEURON_OP
  };
  return kMakers[random() % std::size(kMakers)](random);
}

/// Nothing was written between the ends of partitions and the starts of the next ones.
bool gaps_are_empty(Core& core) {
  const isa::Arch& arch = isa::arch(core.arch());
  for (std::size_t at = 0; at < core.memory().size(); at += isa::kPartitionStride) {
    const std::size_t used =
        at < isa::kPsumBase ? arch.sbuf_partition_bytes : arch.psum_partition_bytes;
    const auto gap = core.memory().subspan(at + used, isa::kPartitionStride - used);
    if (std::any_of(gap.begin(), gap.end(), [](std::byte b) { return b != std::byte{}; }))
      return false;
  }
  return true;
}

}  // namespace

TEST_CASE("random programs that load stay inside memory") {
  Random random(1);
  Bench b;
  b.program.variables.push_back({"x", Storage::Device, 100});
  b.program.dge_table = {{1}};
  for (int e = 0; e < isa::kEngines; ++e)
    b.program.queues.push_back({"q", QueueKind::HardwareDynamic, static_cast<isa::Engine>(e), 16});
  Bytes x(100);
  const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, x};
  std::map<std::uint8_t, int> ran;
  for (int i = 0; i < 150000; ++i) {
    const isa::Operation op = any_operation(random);
    for (auto& stream : b.program.streams) stream.clear();
    const auto engine = static_cast<isa::Engine>(random() % isa::kEngines);
    b.add(engine, op);
    auto loaded = load(b.program);
    if (!loaded) continue;
    if (needs_peer(**loaded)) continue;
    const auto done = execute(**loaded, b.core, variables);
    // An address from a register is only checked when it is known.
    if (!done) REQUIRE(done.error().code == Code::ExecutionFault);
    if (!done) continue;
    ++ran[isa::opcode_of(b.program.streams[static_cast<int>(engine)][0])];
  }
  CHECK(gaps_are_empty(b.core));
  // All that compute were tried (and some control).
  for (const std::uint8_t opcode :
       {0x01, 0x02, 0x21, 0x41, 0x42, 0x43, 0x46, 0x47, 0x48, 0x49, 0xd4})
    CHECK(ran[opcode] > 0);
}
