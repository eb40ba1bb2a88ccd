// SPDX-License-Identifier: Apache-2.0
// Registers, branches and transfers by index: what the sequencers decide while a program runs.
#include <algorithm>

#include "isa/wide.h"
#include "sim/plan.h"
#include "sim/way.h"
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;
using isa::Wide;

namespace {

constexpr std::uint32_t kCell = 0x100, kCount = 0x200, kRows = 0x1000;
enum Condition : std::uint8_t { Always, Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual };

isa::register_op set(std::uint8_t reg, Wide op, std::uint32_t immediate) {
  isa::register_op r;
  r.op = static_cast<std::uint8_t>(op);
  r.takes_immediate = 1;
  r.src_register = r.dst_register = reg;
  r.immediate = immediate;
  return r;
}
isa::compare_branch branch(Condition c, std::uint8_t reg, std::uint32_t immediate,
                           std::uint32_t target) {
  isa::compare_branch b;
  b.condition = c;
  b.takes_immediate = 1;
  b.src_register = reg;
  b.immediate = immediate;
  b.target = target;
  return b;
}
/// Adds 1 to a number in SBUF.
isa::tensor_scalar add_one() {
  isa::tensor_scalar t;
  t.src_type = t.dst_type = DType::Float32;
  t.partitions = 1;
  t.op0 = isa::Alu::Add;
  t.operand0 = std::bit_cast<std::uint32_t>(1.0f);
  t.src = t.dst = row(kCell, 1);
  return t;
}

/// Five times round, counted in a register.
void add_loop(Bench& b) {
  b.add(Engine::Vector, set(1, Wide::Set, 0));
  b.add(Engine::Vector, add_one());
  b.add(Engine::Vector, set(1, Wide::Add, 1));
  b.add(Engine::Vector, branch(Less, 1, 5, 1));
}

}  // namespace

TEST_CASE("a counted loop runs, is planned and is timed along its way") {
  Bench b;
  add_loop(b);
  auto loaded = REQUIRE_OK(load(b.program));
  REQUIRE_OK(execute(*loaded, b.core, {}));
  CHECK(b.get(kCell, 0, 0) == 5);
  auto plan = REQUIRE_OK(make_plan(*loaded));
  REQUIRE_OK(run(*plan, b.core, {}));
  CHECK(b.get(kCell, 0, 0) == 10);
  const Schedule when = REQUIRE_OK(schedule(*loaded));
  const auto times = [&](std::uint32_t pc) {
    return std::ranges::count_if(when.instructions,
                                 [&](const InstructionTime& t) { return t.pc == pc; });
  };
  CHECK(times(0) == 1);
  CHECK(times(1) == 5);
  CHECK(times(3) == 5);
  CHECK(program_of(*loaded).package_pc(Engine::Vector, 4) == 1);
}

TEST_CASE("every condition compares signed numbers") {
  struct Case {
    Condition condition;
    std::uint32_t left, right;
    bool taken;
  };
  constexpr std::uint32_t kMinus = 0xffffffff;
  for (const Case& c : {Case{Always, 0, 0, true}, Case{Equal, 3, 3, true}, Case{Equal, 3, 4, false},
                        Case{NotEqual, 3, 4, true}, Case{Less, kMinus, 0, true},
                        Case{Less, 0, 0, false}, Case{LessEqual, 0, 0, true},
                        Case{Greater, 0, kMinus, true}, Case{GreaterEqual, kMinus, 0, false}}) {
    CAPTURE(int{c.condition}, c.left, c.right);
    Bench b;
    b.add(Engine::Vector, set(2, Wide::Set, c.left));
    b.add(Engine::Vector, branch(c.condition, 2, c.right, 3));
    b.add(Engine::Vector, add_one());
    REQUIRE_OK(b.run());
    CHECK(b.get(kCell, 0, 0) == (c.taken ? 0 : 1));
  }
}

namespace {

/// Adds 1 as often as a number in SBUF says, counting down in a register.
void add_data_loop(Bench& b) {
  isa::tensor_load in;
  in.type = DType::UInt32;
  in.mode0 = in.mode1 = 1;
  in.step = in.count = 1;
  in.address = kCount;
  in.dst_register = 4;
  b.add(Engine::Vector, in);
  b.add(Engine::Vector, add_one());
  b.add(Engine::Vector, set(4, Wide::Subtract, 1));
  b.add(Engine::Vector, branch(Greater, 4, 0, 1));
}

}  // namespace

TEST_CASE("a loop that data counts has the times of the way that an execution took") {
  Bench b;
  add_data_loop(b);
  const auto loaded = REQUIRE_OK(load(b.program));
  std::uint64_t last = 0;
  for (const std::uint32_t count : {1u, 2u, 7u}) {
    neuron::store(b.core.memory(), kCount, count);
    Way way;
    REQUIRE_OK(execute(*loaded, b.core, {}, way));
    const Schedule when = REQUIRE_OK(schedule(*loaded, way));
    for (const std::uint32_t pc : {1u, 2u, 3u})
      CHECK(std::ranges::count_if(when.instructions,
                                  [&](const InstructionTime& t) { return t.pc == pc; }) == count);
    CHECK(when.total_ps > last);
    last = when.total_ps;
  }
  CHECK(b.get(kCell, 0, 0) == 10);
}

TEST_CASE("the way of a program that data does not decide has the times of its own") {
  Bench b;
  add_loop(b);
  const auto loaded = REQUIRE_OK(load(b.program));
  Way way;
  REQUIRE_OK(execute(*loaded, b.core, {}, way));
  CHECK(REQUIRE_OK(schedule(*loaded, way)).total_ps == REQUIRE_OK(schedule(*loaded)).total_ps);
  way.is_whole = false;
  CHECK(schedule(*loaded, way).error().message ==
        "sg00: an engine ran more than 262144 instructions, and no time is predicted");
}

TEST_CASE("a loop that data counts is interpreted; no plan and no time is made up") {
  Bench b;
  neuron::store(b.core.memory(), kCount, 3u);
  add_data_loop(b);
  isa::tensor_store out;
  out.type = DType::UInt32;
  out.address = kCount + 4;
  out.src_register = 4;
  b.add(Engine::Vector, set(4, Wide::Add, 77));
  b.add(Engine::Vector, out);
  auto loaded = REQUIRE_OK(load(b.program));
  REQUIRE_OK(execute(*loaded, b.core, {}));
  CHECK(b.get(kCell, 0, 0) == 3);
  CHECK(b.bits(kCount + 4) == 77);
  CHECK(!make_plan(*loaded));
  CHECK(schedule(*loaded).error().message ==
        "sg00: its branches depend on data, and no time is predicted before it is executed");
}

TEST_CASE("loops without end and targets outside are errors") {
  Bench endless;
  endless.add(Engine::Vector, branch(Always, 0, 0, 0));
  CHECK(endless.error() == "sg00: Vector: pc 0: the branch is taken for ever: a loop without end");
  Bench outside;
  outside.add(Engine::Vector, branch(Always, 0, 0, 2));
  CHECK(outside.error() ==
        "sg00: Vector pc 0: COMPARE_BRANCH: target 2, the stream has 1 instructions");
  Bench registers;
  registers.add(Engine::Vector, set(64, Wide::Set, 0));
  CHECK(registers.error() == "sg00: Vector pc 0: REGISTER_OP: src is register 64, there are 64");
}

TEST_CASE("a loop waits for each of its transfers by a register") {
  Bench b;
  Bytes data(64);
  b.program.variables.push_back({"x", Storage::Device, 64});
  b.program.queues.push_back({"q", QueueKind::HardwareDynamic, Engine::Sync, 16});
  isa::pseudo_dma_direct2d d;
  d.semaphore = 9;
  d.increment = 16;
  d.src_offset = kCell;
  d.src_variable = 0x10000000;
  d.dst_variable = 0x10000001;
  d.src_num0 = d.src_num1 = d.dst_num0 = d.dst_num1 = 1;
  d.src_element = d.dst_element = 4;
  d.src_type = d.dst_type = DType::UInt8;
  isa::wait_register wait;
  wait.semaphore = 9;
  wait.src_register = 1;
  b.add(Engine::Sync, d);
  b.add(Engine::Sync, set(1, Wide::Add, 16));
  b.add(Engine::Sync, wait);
  b.add(Engine::Sync, branch(Less, 1, 64, 0));
  neuron::store(b.core.memory(), kCell, 0x12345678u);
  const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, data};
  for (const std::uint64_t seed : {1, 2, 3}) REQUIRE_OK(b.run(variables, seed));
  CHECK(neuron::load<std::uint32_t>(data, 0) == 0x12345678);
  auto loaded = REQUIRE_OK(load(b.program));
  const Schedule when = REQUIRE_OK(schedule(*loaded));
  CHECK(when.semaphores.size() >= 4);
  CHECK(when.packets.back().pc == 0);
  // A wait for what never comes is a deadlock that names its register's value.
  b.add(Engine::Sync, set(1, Wide::Set, 1000));
  b.add(Engine::Sync, wait);
  CHECK(b.run(variables).error().message.find("waits for S[9]>=1000 (is 64)") != std::string::npos);
}

namespace {

struct Indirect : Bench {
  Bytes data = Bytes(64);
  isa::dma_indirect op;
  /// Four rows of 16 bytes; partitions 0 to 2 ask for rows 2, 0 and 3.
  Indirect() {
    program.variables.push_back({"x", Storage::Device, 64});
    program.queues.push_back({"q", QueueKind::SoftwareDynamic, Engine::Gpsimd, 16});
    for (std::size_t i = 0; i < 16; ++i)
      store_float(data, i, DType::Float32, static_cast<float>(i));
    for (unsigned p = 0; p < 3; ++p)
      neuron::store(core.memory(), index_at(p), p == 0 ? 2u : p == 1 ? 0u : 3u);
    op.semaphore = 9;
    op.increment = 16;
    op.variable = 0x10000001;
    op.row_step = 16;
    op.rows = 4;
    op.local = kRows;
    op.index = kCount;
    op.bytes = 8;
    op.partitions = 3;
    op.type = DType::Float32;
  }
  static std::size_t index_at(unsigned p) {
    return kCount + p * std::size_t{isa::kPartitionStride};
  }
  Result<> go() {
    add(Engine::Gpsimd, op);
    const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, data};
    return run(variables);
  }
  float row_of(std::size_t row, std::size_t i) {
    return load_as_float(data, row * 4 + i, DType::Float32);
  }
};

}  // namespace

TEST_CASE("DMA_INDIRECT gathers the rows that indices name") {
  Indirect b;
  REQUIRE_OK(b.go());
  CHECK(b.get(kRows, 0, 0) == 8);
  CHECK(b.get(kRows, 0, 1) == 9);
  CHECK(b.get(kRows, 1, 0) == 0);
  CHECK(b.get(kRows, 2, 1) == 13);
  CHECK(b.get(kRows, 2, 2) == 0);  // eight bytes of each row
}

TEST_CASE("DMA_INDIRECT scatters rows, and adds where asked") {
  Indirect b;
  b.op.scatters = 1;
  for (unsigned p = 0; p < 3; ++p)
    b.put(kRows, p, 0, DType::Float32, 100.0f * static_cast<float>(p + 1));
  REQUIRE_OK(b.go());
  CHECK(b.row_of(2, 0) == 100);
  CHECK(b.row_of(0, 0) == 200);
  CHECK(b.row_of(3, 0) == 300);
  CHECK(b.row_of(1, 0) == 4);
  b.op.accumulates = 1;
  neuron::store(b.core.memory(), Indirect::index_at(1), 2u);  // two to one row: both count
  b.program.streams[static_cast<int>(Engine::Gpsimd)].clear();
  REQUIRE_OK(b.go());
  CHECK(b.row_of(2, 0) == 400);
}

TEST_CASE("an index outside is left out where asked, else an error that names it") {
  Indirect b;
  neuron::store(b.core.memory(), Indirect::index_at(1), 4u);
  CHECK(b.go().error().message.find(
            "DMA_INDIRECT: index 4 of partition 1 is out of bounds: there are 4 rows") !=
        std::string::npos);
  b.op.skips = 1;
  b.program.streams[static_cast<int>(Engine::Gpsimd)].clear();
  REQUIRE_OK(b.go());
  CHECK(b.get(kRows, 2, 0) == 12);
  CHECK(b.get(kRows, 1, 0) == 0);
}
