// SPDX-License-Identifier: Apache-2.0
// Engines, semaphores, queues and transfers: who waits for whom, and what moves.
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;

namespace {

isa::Sync waits(std::uint8_t semaphore, std::uint32_t value) {
  return {isa::kWaitGreaterEqual, semaphore, isa::kNoUpdate, 0, value};
}
isa::Sync tells(std::uint8_t semaphore) { return {isa::kNoWait, 0, isa::kIncrement, semaphore, 0}; }

isa::memset fill(std::uint32_t at, std::uint32_t value) {
  isa::memset s;
  s.count = 1;
  s.dst_type = DType::UInt32;
  s.partitions = 1;
  s.value = value;
  s.dst = row(at, 1);
  return s;
}

isa::pseudo_dma_trigger trigger(std::uint32_t id) {
  isa::pseudo_dma_trigger t;
  t.queue = "q";
  t.dma_id = id;
  return t;
}

Side side(unsigned variable, std::int64_t offset, std::int64_t bytes, DType type = DType::UInt8) {
  return {{variable}, offset, {1, 0, 0, 0}, {bytes, 1, 1, 1}, type};
}

/// A bench with one queue of Sync and a Device variable of `size` bytes.
Bench bench_with(std::size_t size) {
  Bench b;
  b.program.variables.push_back({"x", Storage::Device, size});
  b.program.queues.push_back({"q", QueueKind::Static, Engine::Sync, 16});
  b.program.queues.push_back({"qd", QueueKind::HardwareDynamic, Engine::Sync, 16});
  return b;
}

Result<> run_with(Bench& b, std::span<std::byte> x, std::optional<std::uint64_t> shuffle = {}) {
  const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, x};
  return b.run(variables, shuffle);
}

}  // namespace

TEST_CASE("an instruction waits for its semaphore, EVENT_SEMAPHORE for two") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Bench b;
    b.add(Engine::Vector, fill(0, 1), waits(9, 1));
    isa::event_semaphore both;
    both.second_wait_mode = isa::kWaitGreaterEqual;
    both.second_wait_semaphore = 4;
    both.second_wait_value = 2;
    b.add(Engine::Scalar, both, {isa::kWaitGreaterEqual, 3, isa::kIncrement, 9, 1});
    b.add(Engine::Gpsimd, fill(0, 2), tells(3));
    b.add(Engine::Sync, isa::nop{}, tells(4));
    b.add(Engine::Sync, isa::nop{}, tells(4));
    REQUIRE_OK(b.run({}, seed));
    REQUIRE(b.bits(0) == 1);
  }
}

TEST_CASE("a deadlock names every engine that waits, and for what") {
  Bench b;
  b.add(Engine::Vector, isa::nop{}, {isa::kWaitGreaterEqual, 3, isa::kIncrement, 4, 1});
  b.add(Engine::Scalar, isa::nop{}, tells(7));
  isa::event_semaphore both;
  both.second_wait_mode = isa::kWaitGreaterEqual;
  both.second_wait_semaphore = 7;
  both.second_wait_value = 2;
  b.add(Engine::Scalar, both, waits(4, 1));
  const std::string expected =
      "sg00: deadlock: Scalar pc 1 waits for S[4]>=1 (is 0) S[7]>=2 (is 1); Vector pc 0 waits for "
      "S[3]>=1 (is 0)";
  CHECK(b.error() == expected);
  auto shuffled = b.run({}, 1);
  REQUIRE(!shuffled);
  CHECK(shuffled.error().message == expected);
}

TEST_CASE("a transfer tells its semaphore 16 and transfers of a queue stay in order") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Bench b = bench_with(8);
    Descriptor first, second;
    first.from = {side(1, 0, 4)};
    second.from = {side(1, 4, 4)};
    first.to = second.to = side(0, 0, 4);
    b.program.transfers[4] = {{1, {0}, {8}, 16, {first}}, {2, {0}, {9}, 16, {second}}};
    b.add(Engine::Sync, trigger(1));
    b.add(Engine::Sync, trigger(2));
    b.add(Engine::Vector, fill(4, 5), waits(9, 16));
    std::array<std::byte, 8> x{};
    neuron::store(x, 0, 11u);
    neuron::store(x, 4, 22u);
    REQUIRE_OK(run_with(b, x, seed));
    REQUIRE(b.bits(0) == 22);
    REQUIRE(b.bits(4) == 5);
  }
}

TEST_CASE("transfers gather by steps, cast, combine and transpose") {
  Bench b = bench_with(64);
  std::array<std::byte, 64> x{};
  for (unsigned i = 0; i < 8; ++i) store_float(x, i, DType::Float32, static_cast<float>(i));

  Descriptor strided;  // every other float, into four partitions
  strided.from = {{{1}, 0, {1, 8, 0, 0}, {4, 4, 1, 1}, DType::Float32}};
  strided.to = {{0}, 0, {1, isa::kPartitionStride, 0, 0}, {4, 4, 1, 1}, DType::Float32};
  Descriptor cast = strided;
  cast.to.offset = 16;
  cast.to.sizes[0] = 2;
  cast.to.type = DType::Float16;
  Descriptor sum;
  sum.op = DmaOp::Add;
  sum.from = {side(1, 0, 16, DType::Float32), side(1, 16, 16, DType::Float32),
              side(1, 0, 16, DType::Float32)};
  sum.to = side(0, 0x100, 16, DType::Float32);
  Descriptor transpose;  // two planes of 2 x 2
  transpose.op = DmaOp::Transpose;
  transpose.from = {side(1, 0, 32, DType::Float32)};
  transpose.to = side(0, 0x200, 32, DType::Float32);
  transpose.transpose_shape = {1, 2, 2, 2};
  transpose.element_size = 4;
  b.program.transfers[4] = {{1, {0}, {8}, 16, {strided, cast, sum, transpose}}};
  b.add(Engine::Sync, trigger(1));
  REQUIRE_OK(run_with(b, x));

  CHECK(b.get(0, 3, 0) == 6);
  CHECK(b.get(16, 3, 0, DType::Float16) == 6);
  CHECK(b.get(0x100, 0, 1) == 1 + 5 + 1);
  const float expected[] = {0, 2, 1, 3, 4, 6, 5, 7};
  for (unsigned i = 0; i < 8; ++i) CHECK(b.get(0x200, 0, i) == expected[i]);
}

TEST_CASE("DMA_DIRECT2D moves rows between variables and a DGE table, with a cast") {
  Bench b = bench_with(16);
  b.program.dge_table = {{0}, {1}};
  isa::pseudo_dma_direct2d d;
  d.semaphore = 8;
  d.increment = 16;
  d.src_variable = 0x10000000;
  d.src_step0 = isa::kPartitionStride;
  d.src_num0 = 2;
  d.src_num1 = 1;
  d.src_element = 8;
  d.src_type = DType::Float32;
  d.dst_offset = 4;
  d.dst_variable = 0x20000001;
  d.dst_step0 = 8;
  d.dst_num0 = 2;
  d.dst_num1 = 1;
  d.dst_element = 4;
  d.dst_type = DType::BFloat16;
  for (unsigned p = 0; p < 2; ++p)
    for (unsigned i = 0; i < 2; ++i) b.put(0, p, i, DType::Float32, static_cast<float>(10 * p + i));
  b.add(Engine::Sync, d);
  b.add(Engine::Tensor, isa::nop{}, waits(8, 16));
  std::array<std::byte, 16> x{};
  REQUIRE_OK(run_with(b, x));
  CHECK(load_as_float(x, 2, DType::BFloat16) == 0);
  CHECK(load_as_float(x, 3, DType::BFloat16) == 1);
  CHECK(load_as_float(x, 6, DType::BFloat16) == 10);
  CHECK(load_as_float(x, 7, DType::BFloat16) == 11);

  d.dst_variable = 0x28000001;
  b.add(Engine::Sync, d);
  CHECK(b.error() ==
        "sg00: Sync pc 1: PSEUDO_DMA_DIRECT2D: destination is of kind 0x28, known are 0x10 "
        "(variable) and 0x20 (DGE table)");
}

TEST_CASE("a variable with too few bytes is refused before anything runs") {
  Bench b = bench_with(8);
  std::array<std::byte, 4> x{};
  auto result = run_with(b, x);
  REQUIRE(!result);
  CHECK(result.error().message == "sg00: variable x has 4 bytes, expected 8");
}
