// SPDX-License-Identifier: Apache-2.0
// Instructions that pick and choose, against plain loops.
#include <algorithm>

#include "bench.h"

namespace neuron::sim {
namespace {

constexpr std::uint32_t kData = 0x100, kBest = 0x2000, kIndex = 0x3000, kMask = 0x4000;

isa::Pattern backwards(std::uint32_t first, std::uint16_t count, std::uint32_t size) {
  return {first + (count - 1u) * size, {-1, 0, 0, 0}, {count, 1, 1, 1}};
}

template <class Op>
Op on(std::uint8_t partitions) {
  Op op;
  op.partitions = partitions;
  if constexpr (requires { op.src_type; }) op.src_type = DType::Float32;
  if constexpr (requires { op.dst_type; }) op.dst_type = DType::Float32;
  return op;
}

}  // namespace

TEST_CASE("max8 and find_index8 find the eight largest and where they stand") {
  Bench b(isa::ArchId::V4);
  constexpr unsigned kCount = 40;
  for (unsigned p = 0; p < 3; ++p)
    for (unsigned i = 0; i < kCount; ++i) b.put(kData, p, i, DType::Float32, noise(p * 100 + i));
  auto most = on<isa::max8>(3);
  most.src = row(kData, kCount);
  most.dst = backwards(kBest, 8, 4);
  b.add(isa::Engine::Vector, most);
  auto keep = on<isa::match_load>(3);
  keep.src = backwards(kBest, 8, 4);
  b.add(isa::Engine::Vector, keep);
  auto find = on<isa::find_index8>(3);
  find.src = row(kData, kCount);
  find.dst = row(kIndex, 8);
  find.dst_type = DType::UInt32;
  b.add(isa::Engine::Vector, find);
  REQUIRE_OK(b.run());
  for (unsigned p = 0; p < 3; ++p) {
    std::vector<float> sorted;
    for (unsigned i = 0; i < kCount; ++i) sorted.push_back(noise(p * 100 + i));
    std::sort(sorted.rbegin(), sorted.rend());
    for (unsigned i = 0; i < 8; ++i) {
      CHECK(b.get(kBest, p, i) == sorted[i]);
      CHECK(noise(p * 100 + b.bits(kIndex + 4 * i, p)) == sorted[i]);
    }
  }
}

TEST_CASE("a predicated copy leaves what the predicate does not name") {
  Bench b(isa::ArchId::V4);
  for (unsigned i = 0; i < 8; ++i) {
    b.put(kMask, 0, i, DType::Float32, i % 3 == 0 ? 1.0f : 0.0f);
    b.put(kData, 0, i, DType::Float32, static_cast<float>(i));
    b.put(kBest, 0, i, DType::Float32, 100);
  }
  auto copy = on<isa::copy_predicated>(1);
  copy.predicate_type = DType::Float32;
  copy.predicate = row(kMask, 8);
  copy.src = row(kData, 8);
  copy.dst = row(kBest, 8);
  b.add(isa::Engine::Vector, copy);
  REQUIRE_OK(b.run());
  for (unsigned i = 0; i < 8; ++i)
    CHECK(b.get(kBest, 0, i) == (i % 3 == 0 ? static_cast<float>(i) : 100.0f));
}

TEST_CASE("a shuffle takes rows from where its mask says") {
  Bench b(isa::ArchId::V4);
  for (unsigned p = 0; p < 32; ++p) b.put(kData, p, 0, DType::Float32, static_cast<float>(p));
  isa::shuffle_mask mask;
  mask.mask0 = 0xff000105;  // partition 0 from 5, 1 from 1, 2 from 0, 3 stays
  b.add(isa::Engine::Vector, mask);
  auto shuffle = on<isa::stream_shuffle>(32);
  shuffle.src = row(kData, 1);
  shuffle.dst = row(kBest, 1);
  b.add(isa::Engine::Vector, shuffle);
  b.put(kBest, 3, 0, DType::Float32, -1);
  REQUIRE_OK(b.run());
  const float expected[] = {5, 1, 0, -1, 0, 0};
  for (unsigned p = 0; p < 6; ++p) CHECK(b.get(kBest, p, 0) == expected[p]);
}

TEST_CASE("sums of integers are exact") {
  Bench b(isa::ArchId::V4);
  isa::tensor_tensor add;
  add.lhs_type = add.rhs_type = add.dst_type = DType::UInt32;
  add.op = isa::Alu::AddInteger;
  add.partitions = 1;
  add.lhs = row(kData, 1);
  add.rhs = row(kBest, 1);
  add.dst = row(kIndex, 1);
  b.add(isa::Engine::Gpsimd, add);
  neuron::store(b.core.memory(), kData, std::uint32_t{0x01000001});
  neuron::store(b.core.memory(), kBest, std::uint32_t{0xff000002});
  REQUIRE_OK(b.run());
  CHECK(b.bits(kIndex) == 3);
}

TEST_CASE("a transfer starts where a register says, and not outside of its variable") {
  for (const bool outside : {false, true}) {
    Bench b(isa::ArchId::V4);
    Bytes x(256);
    for (std::size_t i = 0; i < 64; ++i) store_float(x, i, DType::Float32, static_cast<float>(i));
    b.program.variables.push_back({"x", Storage::Device, x.size()});
    b.program.dge_table = {{1}};
    b.program.queues.push_back({"q", QueueKind::SoftwareDynamic, isa::Engine::Gpsimd, 16});
    neuron::store(b.core.memory(), kIndex, std::uint32_t{outside ? 70u : 3u});
    isa::tensor_load load;
    load.type = DType::UInt32;
    load.mode0 = load.mode1 = 1;
    load.count = load.step = 1;
    load.address = kIndex;
    load.dst_register = 60;
    b.add(isa::Engine::Gpsimd, load);
    isa::register_alu times;
    times.op = isa::Alu::Mult;
    times.type = DType::UInt32;
    times.takes_immediate = 1;
    times.src_register = 60;
    times.dst_register = 61;
    times.immediate = 16;
    b.add(isa::Engine::Gpsimd, times);
    isa::pseudo_dma_direct2d in;
    in.semaphore = 6;
    in.increment = 16;
    in.src_offset = 61;
    in.src_variable = 0x28000000;
    in.dst_variable = 0x10000000;
    in.dst_offset = kData;
    in.src_num0 = in.src_num1 = in.dst_num0 = in.dst_num1 = 1;
    in.src_element = in.dst_element = 16;
    in.src_type = in.dst_type = DType::Float32;
    b.add(isa::Engine::Gpsimd, in);
    const std::array<std::span<std::byte>, 2> variables{std::span<std::byte>{}, x};
    const auto ran = b.run(variables);
    CHECK(static_cast<bool>(ran) == !outside);
    if (!outside) CHECK(b.get(kData, 0, 0) == 12);
  }
}

}  // namespace neuron::sim
