// SPDX-License-Identifier: Apache-2.0
// Long because it has a case for each instruction.
//
// Our own instructions, whose effect is published: each against values worked out by hand or by a
// plain loop, by interpreter and by plan.
#include <algorithm>
#include <bit>
#include <cmath>
#include <set>

#include "sim/plan.h"
#include "sim/random.h"
#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Alu;
using isa::Engine;

namespace {

constexpr std::uint32_t kIn = 0x100, kOther = 0x1000, kOut = 0x2000, kSum = 0x3000;
constexpr DType kF32 = DType::Float32;

std::uint32_t word(float value) { return std::bit_cast<std::uint32_t>(value); }

/// A bench whose memory can be copied out through a Device variable, so that a plan can be held to
/// the interpreter.
struct Both : Bench {
  using Bench::Bench;
  void fill(std::uint32_t at, const std::vector<float>& row, unsigned partitions = 1,
            DType type = kF32) {
    for (unsigned p = 0; p < partitions; ++p)
      for (std::size_t i = 0; i < row.size(); ++i) put(at, p, i, type, row[i]);
  }
  std::vector<float> take(std::uint32_t at, std::size_t count, unsigned p = 0, DType type = kF32) {
    std::vector<float> out;
    for (std::size_t i = 0; i < count; ++i) out.push_back(get(at, p, i, type));
    return out;
  }
  /// Runs by interpreter, then by plan from the same memory, and compares all of SBUF's first
  /// bytes.
  void go() {
    constexpr std::size_t kBytes = 0x4000;
    const auto rows = [&](Core& c) {
      Bytes all;
      for (unsigned p = 0; p < isa::kPartitions; ++p) {
        const auto row = c.memory().subspan(p * isa::kPartitionStride, kBytes);
        all.insert(all.end(), row.begin(), row.end());
      }
      return all;
    };
    auto loaded = REQUIRE_OK(load(program));
    Core other(program.arch);
    for (unsigned p = 0; p < isa::kPartitions; ++p)
      std::ranges::copy(core.memory().subspan(p * isa::kPartitionStride, kBytes),
                        other.memory().subspan(p * isa::kPartitionStride).begin());
    REQUIRE_OK(execute(*loaded, core, {}));
    auto plan = REQUIRE_OK(make_plan(*loaded));
    REQUIRE_OK(sim::run(*plan, other, {}));
    CHECK(rows(core) == rows(other));
    CHECK(REQUIRE_OK(schedule(*loaded)).span_ps > 0);
  }
};

/// Fields that most rows have.
template <class Op>
Op on(std::uint8_t partitions, DType type = kF32) {
  Op op;
  if constexpr (requires { op.partitions; }) op.partitions = partitions;
  if constexpr (requires { op.src_type; }) op.src_type = type;
  if constexpr (requires { op.lhs_type; }) op.lhs_type = op.rhs_type = type;
  if constexpr (requires { op.dst_type; }) op.dst_type = type;
  return op;
}

}  // namespace

TEST_CASE("TENSOR_TENSOR_SCAN carries its state in float32, from a number or an address") {
  Both b;
  b.fill(kIn, {0.5f, 2, 3}, 2);
  b.fill(kOther, {1, 1, 1}, 2);
  b.put(kSum, 1, 0, kF32, 10);
  auto scan = on<isa::tensor_tensor_scan>(2);
  scan.op0 = Alu::Mult;
  scan.op1 = Alu::Add;
  scan.initial_is_address = 1;
  scan.initial = kSum;
  scan.lhs = row(kIn, 3);
  scan.rhs = row(kOther, 3);
  scan.dst = row(kOut, 3);
  b.add(Engine::Vector, scan);
  // A running sum: data0 is one number for all, and bfloat16 rounds on the way out only.
  scan.initial_is_address = 0;
  scan.initial = word(256);
  scan.lhs = {kOther, {0, 0, 0, 0}, {3, 1, 1, 1}};
  scan.rhs = row(kOther, 3);
  scan.dst = row(kOut + 0x100, 3);
  scan.dst_type = DType::BFloat16;
  b.add(Engine::Vector, scan);
  b.go();
  CHECK(b.take(kOut, 3, 0) == std::vector<float>{1, 3, 10});
  CHECK(b.take(kOut, 3, 1) == std::vector<float>{6, 13, 40});
  CHECK(b.take(kOut + 0x100, 3, 0, DType::BFloat16) == std::vector<float>{256, 258, 260});
}

TEST_CASE("SCALAR_TENSOR_TENSOR does two operations, each either way round") {
  Both b;
  b.fill(kIn, {1, 2});
  b.fill(kOther, {10, 20});
  auto op = on<isa::scalar_tensor_tensor>(1);
  op.op0 = op.op1 = Alu::Subtract;
  op.operand0 = word(5);
  op.lhs = row(kIn, 2);
  op.rhs = row(kOther, 2);
  for (std::uint8_t reversed = 0; reversed < 4; ++reversed) {
    op.reversed = reversed;
    op.dst = row(kOut + 0x10u * reversed, 2);
    b.add(Engine::Vector, op);
  }
  b.go();
  CHECK(b.take(kOut, 2) == std::vector<float>{1 - 5 - 10, 2 - 5 - 20});
  CHECK(b.take(kOut + 0x10, 2) == std::vector<float>{5 - 1 - 10, 5 - 2 - 20});
  CHECK(b.take(kOut + 0x20, 2) == std::vector<float>{10 - (1 - 5), 20 - (2 - 5)});
  CHECK(b.take(kOut + 0x30, 2) == std::vector<float>{10 - (5 - 1), 20 - (5 - 2)});
  op.lhs.start = op.rhs.start = isa::kPsumBase;
  b.add(Engine::Vector, op);
  CHECK(b.error() ==
        "sg00: Vector pc 4: SCALAR_TENSOR_TENSOR: lhs and rhs both lie in PSUM (PSUM read rule)");
}

TEST_CASE("TENSOR_SCALAR_REDUCE and ACTIVATE_REDUCE fold what they write, anew or onto a number") {
  Both b;
  b.fill(kIn, {1, 2, 3}, 2);
  b.put(kSum, 0, 0, kF32, 100);
  b.put(kSum, 1, 0, kF32, 200);
  auto t = on<isa::tensor_scalar_reduce>(2);
  t.op0 = Alu::Mult;
  t.operand0 = word(2);
  t.reduce_op = Alu::Add;
  t.reduce = 2;
  t.reduced = kSum;
  t.src = row(kIn, 3);
  t.dst = row(kOut, 3);
  b.add(Engine::Vector, t);
  auto a = on<isa::activate_reduce>(2);
  a.bias_type = kF32;
  a.bias_is_value = 1;
  a.bias = word(-2);
  a.scale = 1;
  a.function = isa::Activation::Square;
  a.reduce_op = Alu::Max;
  a.reduce = 1;
  a.reduced = kSum + 4;
  a.src = row(kIn, 3);
  a.dst = row(kOut + 0x100, 3);
  b.add(Engine::Scalar, a);
  b.go();
  CHECK(b.take(kOut, 3, 1) == std::vector<float>{2, 4, 6});
  CHECK(b.get(kSum, 0, 0) == 112);
  CHECK(b.get(kSum, 1, 0) == 212);
  CHECK(b.take(kOut + 0x100, 3) == std::vector<float>{1, 0, 1});
  CHECK(b.get(kSum, 1, 1) == 1);
}

TEST_CASE("IOTA counts by partition and by each dimension") {
  Both b;
  auto i = on<isa::iota>(3, DType::Int32);
  i.offset = 100;
  i.multiplier = static_cast<std::uint32_t>(-10);
  i.step0 = 1;
  i.step1 = 1000;
  i.dst = {kOut, {1, 3, 0, 0}, {3, 2, 1, 1}};
  b.add(Engine::Gpsimd, i);
  i.dst_type = DType::BFloat16;
  i.offset = 257;  // a tie, to even
  i.dst = row(kOut + 0x100, 1);
  b.add(Engine::Gpsimd, i);
  b.go();
  CHECK(b.take(kOut, 6, 0, DType::Int32) == std::vector<float>{100, 101, 102, 1100, 1101, 1102});
  CHECK(b.take(kOut, 3, 2, DType::Int32) == std::vector<float>{80, 81, 82});
  CHECK(b.get(kOut + 0x100, 0, 0, DType::BFloat16) == 256);
}

TEST_CASE("AFFINE_SELECT keeps a triangle") {
  Both b;
  b.fill(kIn, {1, 2, 3, 4}, 4);
  auto s = on<isa::affine_select>(4);
  s.op = Alu::IsGreaterEq;  // partition - column >= 0
  s.multiplier = 1;
  s.step0 = static_cast<std::uint32_t>(-1);
  s.on_false = -9;
  s.src = row(kIn, 4);
  s.dst = row(kOut, 4);
  b.add(Engine::Gpsimd, s);
  b.go();
  CHECK(b.take(kOut, 4, 0) == std::vector<float>{1, -9, -9, -9});
  CHECK(b.take(kOut, 4, 2) == std::vector<float>{1, 2, 3, -9});
  s.op = Alu::Add;
  b.add(Engine::Gpsimd, s);
  CHECK(b.error() == "sg00: GpSimd pc 1: AFFINE_SELECT: ADD is no comparison");
}

TEST_CASE("RANGE_SELECT keeps places between two bounds, and their maximum") {
  Both b;
  b.fill(kIn, {5, 9, 7, 8});
  b.put(kSum, 0, 0, kF32, 11);
  b.put(kSum, 0, 1, kF32, 13);
  auto s = on<isa::range_select>(1);
  s.op0 = Alu::IsGreaterEq;
  s.op1 = Alu::IsLess;
  s.bound0 = kSum;
  s.bound1 = kSum + 4;
  s.range_start = 10;
  s.on_false = -3.4028235e38f;
  s.reduce = 1;
  s.reduced = kSum + 8;
  s.src = row(kIn, 4);
  s.dst = row(kOut, 4);
  b.add(Engine::Vector, s);
  b.go();
  CHECK(b.take(kOut, 4) == std::vector<float>{-3.4028235e38f, 9, 7, -3.4028235e38f});
  CHECK(b.get(kSum, 0, 2) == 9);
  Both older(isa::ArchId::V2);
  older.add(Engine::Vector, s);
  CHECK(older.error().find("RANGE_SELECT: does not run on NeuronCore-v2") != std::string::npos);
}

TEST_CASE("SELECT_REDUCE chooses by a predicate of any type") {
  Both b;
  b.fill(kIn, {1, 0, 1}, 1, DType::UInt8);
  b.fill(kOther, {4, 5, 6});
  auto s = on<isa::select_reduce>(1);
  s.predicate_type = DType::UInt8;
  s.on_false = word(-1);
  s.predicate = row(kIn, 3);
  s.src = row(kOther, 3);
  s.dst = row(kOut, 3);
  b.add(Engine::Vector, s);
  s.reversed = 1;
  s.reduce = 1;
  s.reduced = kSum;
  s.dst = row(kOut + 0x100, 3);
  b.add(Engine::Vector, s);
  b.go();
  CHECK(b.take(kOut, 3) == std::vector<float>{4, -1, 6});
  CHECK(b.take(kOut + 0x100, 3) == std::vector<float>{-1, 5, -1});
  CHECK(b.get(kSum, 0, 0) == 5);
}

TEST_CASE("BN_STATS and BN_AGGR give mean and variance of rows in parts") {
  Both b;
  constexpr std::size_t kCount = 301;
  std::vector<float> values(2 * kCount);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = noise(static_cast<std::uint32_t>(i)) * 3 + 100;
  b.fill(kIn, values);
  auto stats = on<isa::bn_stats>(1);
  for (std::uint32_t part = 0; part < 2; ++part) {
    stats.src = row(kIn + part * kCount * 4, kCount);
    stats.dst = row(kSum + part * 24, 6);
    b.add(Engine::Vector, stats);
  }
  auto aggregate = on<isa::bn_aggr>(1);
  aggregate.src = row(kSum, 12);
  aggregate.dst = row(kOut, 2);
  b.add(Engine::Vector, aggregate);
  b.go();
  double mean = 0, variance = 0;
  for (const float v : values) mean += v / static_cast<double>(values.size());
  for (const float v : values)
    variance += (v - mean) * (v - mean) / static_cast<double>(values.size());
  CHECK(b.get(kSum, 0, 0) == 151);  // even places
  CHECK(b.get(kSum, 0, 3) == 150);
  CHECK(b.get(kOut, 0, 0) == Approx(mean).epsilon(1e-6));
  CHECK(b.get(kOut, 0, 1) == Approx(variance).epsilon(1e-5));
  stats.src.nums[0] = 513;
  b.add(Engine::Vector, stats);
  CHECK(b.error().find("expected at most 512") != std::string::npos);
}

TEST_CASE("MATCH_REPLACE8 replaces each kept value once, so that MAX8 finds the next eight") {
  Both b;
  std::vector<float> values;
  for (int i = 0; i < 20; ++i) values.push_back(static_cast<float>(i * 7 % 20));
  values[0] = 19;  // twice the largest
  b.fill(kIn, values);
  auto most = on<isa::max8>(1);
  auto keep = on<isa::match_load>(1);
  auto replace = on<isa::match_replace8>(1);
  most.src = replace.src = row(kIn, 20);
  keep.src = row(kSum, 8);
  replace.dst = row(kOut, 20);
  replace.value = -1;
  most.dst = row(kSum, 8);
  b.add(Engine::Vector, most);
  b.add(Engine::Vector, keep);
  b.add(Engine::Vector, replace);
  most.src = row(kOut, 20);
  most.dst = row(kSum + 32, 8);
  b.add(Engine::Vector, most);
  b.go();
  auto expected = values;
  std::ranges::sort(expected, std::greater<>());
  auto first = b.take(kSum, 8), second = b.take(kSum + 32, 8);
  std::ranges::sort(first, std::greater<>());
  std::ranges::sort(second, std::greater<>());
  CHECK(first == std::vector<float>(expected.begin(), expected.begin() + 8));
  CHECK(second == std::vector<float>(expected.begin() + 8, expected.begin() + 16));
}

TEST_CASE("random numbers repeat from their state, differ by partition and fill their range") {
  Both b;
  b.put(kIn, 0, 0, DType::UInt32, 42);
  b.put(kIn, 1, 0, DType::UInt32, 42);
  auto set = on<isa::rand_set_state>(2, DType::UInt32);
  set.src = row(kIn, 1);
  auto get = on<isa::rand_get_state>(2, DType::UInt32);
  get.dst = row(kSum, 6);
  auto draw = on<isa::random>(4);
  draw.dst = row(kOut, 500);
  b.add(Engine::Vector, set);
  b.add(Engine::Vector, get);
  b.add(Engine::Vector, draw);
  set.src = row(kSum, 6);  // back to where the first draw began
  b.add(Engine::Vector, set);
  draw.dst = row(kOther, 500);
  b.add(Engine::Vector, draw);
  b.go();
  const auto one = b.take(kOut, 500, 0);
  CHECK(one == b.take(kOut, 500, 1));    // the same seed
  CHECK(one == b.take(kOther, 500, 0));  // the same state
  CHECK(b.take(kOut, 500, 2) != b.take(kOut, 500, 3));
  double sum = 0;
  for (const float x : one) {
    CHECK((x >= 0 && x < 1));
    sum += x;
  }
  CHECK(sum / 500 == Approx(0.5).margin(0.05));
  CHECK(std::set<float>(one.begin(), one.end()).size() > 490);
}

TEST_CASE("XORWOW gives the numbers of its definition") {
  // Marsaglia's start values, worked out with his own lines in C.
  Xorwow x{{123456789, 362436069, 521288629, 88675123, 5783321, 6615241}};
  CHECK(x.next() == 246875399);
  CHECK(x.next() == 3690007200);
  CHECK(x.next() == 1264581005);
}

TEST_CASE("DROPOUT drops at its rate, the same for the same state") {
  Both b;
  b.fill(kIn, std::vector<float>(900, 2.0f));
  auto d = on<isa::dropout>(1);
  d.rate = word(0.25f);
  d.src = row(kIn, 900);
  d.dst = row(kOut, 900);
  b.add(Engine::Vector, d);
  d.keeps = 1;
  d.rate = word(1);
  d.dst = row(kOther, 900);
  b.add(Engine::Vector, d);
  b.go();
  const auto out = b.take(kOut, 900);
  CHECK(std::ranges::count(out, 0.0f) + std::ranges::count(out, 2.0f) == 900);
  CHECK(static_cast<double>(std::ranges::count(out, 0.0f)) == Approx(225).margin(45));
  CHECK(std::ranges::count(b.take(kOther, 900), 2.0f) == 900);
}

TEST_CASE("TENSOR_PARTITION_REDUCE folds the rows of all partitions into the first") {
  Both b;
  for (unsigned p = 0; p < 100; ++p) b.put(kIn, p, 0, kF32, static_cast<float>(p));
  isa::partition_reduce r;
  r.src_type = r.dst_type = kF32;
  r.rows = 100;
  r.columns = 1;
  r.op = Alu::Add;
  r.src = row(kIn, 1);
  r.dst = row(kOut, 1);
  b.add(Engine::Gpsimd, r);
  b.go();
  CHECK(b.get(kOut, 0, 0) == 4950);
  CHECK(b.get(kOut, 1, 0) == 0);
}

TEST_CASE("the double-row form multiplies 256 rows of 8-bit floats at once") {
  Both b;
  constexpr unsigned kRows = 4, kColumns = 3, kCount = 2;
  const auto small = [](unsigned i) { return static_cast<float>(i % 7) - 3; };
  float expected[kColumns][kCount] = {};
  for (unsigned k = 0; k < kRows; ++k)
    for (unsigned r = 0; r < 2; ++r)
      for (unsigned c = 0; c < kColumns; ++c) {
        b.put(kIn, k, r * kColumns + c, DType::Fp8E4, small(k * 5 + r * 3 + c));
        for (unsigned n = 0; n < kCount; ++n) {
          b.put(kOther, k, r * kCount + n, DType::Fp8E4, small(k + r + n * 2));
          expected[c][n] += small(k * 5 + r * 3 + c) * small(k + r + n * 2);
        }
      }
  isa::ldweights_double w;
  w.src_type = DType::Fp8E4;
  w.rows = kRows;
  w.columns = kColumns;
  w.src = row(kIn, 2 * kColumns);
  b.add(Engine::Tensor, w);
  isa::matmul_double p;
  p.src_type = DType::Fp8E4;
  p.dst_type = kF32;
  p.rows = kRows;
  p.columns = kColumns;
  p.src = row(kOther, 2 * kCount);
  p.dst = row(isa::kPsumBase, kCount);
  for (const std::uint8_t flags : {1, 2}) {  // written, then added
    p.acc_flags = flags;
    b.add(Engine::Tensor, p);
  }
  b.go();
  for (unsigned c = 0; c < kColumns; ++c)
    for (unsigned n = 0; n < kCount; ++n) CHECK(b.get(isa::kPsumBase, c, n) == 2 * expected[c][n]);
  Both older(isa::ArchId::V2);
  older.add(Engine::Tensor, w);
  CHECK(older.error().find("does not run on NeuronCore-v2") != std::string::npos);
}

TEST_CASE("an instruction of our own carries a mark, without which its opcode is not known") {
  isa::Instruction i = isa::encode({}, on<isa::iota>(1));
  CHECK(isa::decode_one(i.word));
  i.word[3] = {};
  CHECK(isa::decode_one(i.word).error().message.starts_with("opcode 0xf8 is not known"));
}
