// SPDX-License-Identifier: Apache-2.0
// What each instruction computes, on rows small enough to check by hand.
#include <bit>
#include <limits>

#include "tests/unit/sim/bench.h"

using namespace neuron;
using namespace neuron::sim;
using isa::Engine;

namespace {

constexpr std::uint32_t kIn = 0x100, kOther = 0x400, kOut = 0x800;

isa::tensor_tensor binary(isa::Alu op, DType lhs, DType rhs, DType dst, std::uint16_t count) {
  isa::tensor_tensor t;
  t.lhs_type = lhs;
  t.rhs_type = rhs;
  t.dst_type = dst;
  t.op = op;
  t.partitions = 2;
  t.lhs = row(kIn, count);
  t.rhs = row(kOther, count);
  t.dst = row(kOut, count);
  return t;
}

/// dst = function(x) for one element.
float activated(isa::Activation function, float x) {
  Bench b;
  b.put(kIn, 0, 0, DType::Float32, x);
  isa::activate a;
  a.bias_is_value = 1;
  a.src_type = a.bias_type = a.dst_type = DType::Float32;
  a.partitions = 1;
  a.function = function;
  a.scale = 1;
  a.src = row(kIn, 1);
  a.dst = row(kOut, 1);
  b.add(Engine::Scalar, a);
  REQUIRE_OK(b.run());
  return b.get(kOut, 0, 0);
}

float combined(isa::Alu op, float x, float y) {
  Bench b;
  b.put(kIn, 1, 0, DType::Float32, x);
  b.put(kOther, 1, 0, DType::Float32, y);
  b.add(Engine::Vector, binary(op, DType::Float32, DType::Float32, DType::Float32, 1));
  REQUIRE_OK(b.run());
  return b.get(kOut, 1, 0);
}

}  // namespace

TEST_CASE("TENSOR_TENSOR reads each side in its own type and rounds to the type of dst") {
  Bench b;
  for (unsigned i = 0; i < 3; ++i) {
    b.put(kIn, 1, i, DType::Float32, 1.0f + static_cast<float>(i));
    b.put(kOther, 1, i, DType::Float16, 0.5f);
  }
  b.put(kIn, 1, 2, DType::Float32, 256.5f);  // 257 needs 9 significant bits: a tie, to even
  b.add(Engine::Vector, binary(isa::Alu::Add, DType::Float32, DType::Float16, DType::BFloat16, 3));
  REQUIRE_OK(b.run());
  CHECK(b.get(kOut, 1, 0, DType::BFloat16) == 1.5f);
  CHECK(b.get(kOut, 1, 1, DType::BFloat16) == 2.5f);
  CHECK(b.get(kOut, 1, 2, DType::BFloat16) == 256.0f);
}

TEST_CASE("every ALU operation computes the value of its row") {
  using isa::Alu;
  CHECK(combined(Alu::Bypass, 3, 4) == 3);
  CHECK(combined(Alu::Add, 3, 4) == 7);
  CHECK(combined(Alu::Mult, 3, 4) == 12);
  CHECK(combined(Alu::Max, 3, 4) == 4);
  CHECK(combined(Alu::Min, 3, 4) == 3);
  CHECK(combined(Alu::Subtract, 3, 4) == -1);
  CHECK(combined(Alu::Divide, 3, 4) == 0.75f);
  CHECK(combined(Alu::Pow, 3, 4) == 81);
  CHECK(combined(Alu::IsEqual, 3, 3) == 1);
  CHECK(combined(Alu::NotEqual, 3, 3) == 0);
  CHECK(combined(Alu::IsGreater, 3, 4) == 0);
  CHECK(combined(Alu::IsGreaterEq, 3, 3) == 1);
  CHECK(combined(Alu::IsLess, 3, 4) == 1);
  CHECK(combined(Alu::IsLessEq, 4, 3) == 0);
  CHECK(combined(Alu::AbsMax, -5, 4) == 5);
  CHECK(combined(Alu::Mod, 7, 4) == 3);
}

TEST_CASE("every activation function computes the value of its row") {
  using isa::Activation;
  CHECK(activated(Activation::Identity, -2) == -2);
  CHECK(activated(Activation::Copy, -2) == -2);
  CHECK(activated(Activation::Exp, 1) == Approx(2.7182818));
  CHECK(activated(Activation::Relu, -2) == 0);
  CHECK(activated(Activation::Sigmoid, 1) == Approx(0.73105858));
  CHECK(activated(Activation::Tanh, 1) == Approx(0.76159416));
  CHECK(activated(Activation::Log, 2) == Approx(0.69314718));
  CHECK(activated(Activation::Sqrt, 2) == Approx(1.4142136));
  CHECK(activated(Activation::Rsqrt, 4) == 0.5f);
  CHECK(activated(Activation::Erf, 1) == Approx(0.84270079));
  CHECK(activated(Activation::Gelu, 1) == Approx(0.84134475));
  CHECK(activated(Activation::Silu, 1) == Approx(0.73105858));
  CHECK(activated(Activation::Square, -3) == 9);
  CHECK(activated(Activation::Abs, -3) == 3);
  CHECK(activated(Activation::Sign, -3) == -1);
  CHECK(activated(Activation::Softplus, 1) == Approx(1.3132617));
  CHECK(activated(Activation::Sin, 1) == Approx(0.84147098));
  CHECK(activated(Activation::Reciprocal, 4) == 0.25f);
}

TEST_CASE("ACTIVATE scales first and then adds a bias that each partition has for itself") {
  Bench b;
  for (unsigned p = 0; p < 2; ++p) {
    b.put(kIn, p, 0, DType::Float32, 3);
    b.put(kOther, p, 0, DType::BFloat16, static_cast<float>(p) - 1);
  }
  isa::activate a;
  a.src_type = a.dst_type = DType::Float32;
  a.bias_type = DType::BFloat16;
  a.partitions = 2;
  a.function = isa::Activation::Identity;
  a.scale = 2;
  a.bias = kOther;
  a.src = row(kIn, 1);
  a.dst = row(kOut, 1);
  b.add(Engine::Scalar, a);
  // Since NeuronCore-v4 the scale may be an address, too.
  a.scale_is_address = 1;
  a.scale = std::bit_cast<float>(kIn);
  a.dst = row(kOut + 4, 1);
  b.add(Engine::Scalar, a);
  REQUIRE_OK(b.run());
  CHECK(b.get(kOut, 0, 0) == 5);
  CHECK(b.get(kOut, 1, 0) == 6);
  CHECK(b.get(kOut, 1, 1) == 9);
}

TEST_CASE("TENSOR_REDUCE folds X or XY, and negates when asked") {
  Bench b;
  for (unsigned i = 0; i < 12; ++i) b.put(kIn, 0, i, DType::Float32, static_cast<float>(i));
  isa::tensor_reduce r;
  r.src_type = r.dst_type = DType::Float32;
  r.partitions = 1;
  r.op = isa::Alu::Add;
  r.axes = 2;
  r.src = {kIn, {1, 2, 6, 0}, {2, 3, 2, 1}};
  r.dst = row(kOut, 6);
  b.add(Engine::Vector, r);
  r.axes = 3;
  r.op = isa::Alu::Max;
  r.negate = 1;
  r.dst = row(kOut + 64, 2);
  b.add(Engine::Vector, r);
  REQUIRE_OK(b.run());
  CHECK(b.get(kOut, 0, 0) == 1);
  CHECK(b.get(kOut, 0, 5) == 21);
  CHECK(b.get(kOut + 64, 0, 0) == -5);
  CHECK(b.get(kOut + 64, 0, 1) == -11);
  r.axes = 4;
  b.add(Engine::Vector, r);
  CHECK(b.error() == "sg00: Vector pc 2: TENSOR_REDUCE: axes is 4, known are 2 (X) and 3 (XY)");
}

TEST_CASE("TENSOR_SCALAR takes a number a partition or a constant, then a second operation") {
  Bench b;
  for (unsigned p = 0; p < 2; ++p) {
    b.put(kIn, p, 0, DType::Float32, 10);
    b.put(kOther, p, 0, DType::Float32, static_cast<float>(p + 2));
  }
  isa::tensor_scalar t;
  t.src_type = t.dst_type = DType::Float32;
  t.partitions = 2;
  t.operand0_is_address = 1;
  t.op0 = isa::Alu::Mult;
  t.op1 = isa::Alu::Add;
  t.operand0 = kOther;
  t.operand1 = std::bit_cast<std::uint32_t>(0.5f);
  t.src = row(kIn, 1);
  t.dst = row(kOut, 1);
  b.add(Engine::Vector, t);
  t.operand0_is_address = 0;
  t.operand0 = std::bit_cast<std::uint32_t>(4.0f);
  t.op0 = isa::Alu::Min;
  t.op1 = isa::Alu::Bypass;
  t.dst = row(kOut + 4, 1);
  b.add(Engine::Vector, t);
  REQUIRE_OK(b.run());
  CHECK(b.get(kOut, 0, 0) == 20.5f);
  CHECK(b.get(kOut, 1, 0) == 30.5f);
  CHECK(b.get(kOut, 1, 1) == 4);
}

TEST_CASE("COPY moves bits, CAST and COPY to another type round") {
  Bench b;
  neuron::store(b.core.memory(), kIn, 0x7fa12345u);  // a signalling NaN keeps its payload
  b.put(kIn, 0, 1, DType::Float32, 2.5f);
  isa::copy c;
  c.src_type = c.dst_type = DType::Int32;
  c.partitions = 1;
  c.src = row(kIn, 2);
  c.dst = {kOut, {-1, 0, 0, 0}, {2, 1, 1, 1}};
  c.dst.start = kOut + 4;  // written backwards
  b.add(Engine::Scalar, c);
  isa::cast to_int;
  to_int.src_type = DType::Float32;
  to_int.dst_type = DType::UInt8;
  to_int.partitions = 1;
  to_int.src = row(kIn + 4, 1);
  to_int.dst = row(kOut + 8, 1);
  b.add(Engine::Vector, to_int);
  REQUIRE_OK(b.run());
  CHECK(b.bits(kOut + 4) == 0x7fa12345u);
  CHECK(b.get(kOut, 0, 0) == 2.5f);
  CHECK(b.get(kOut + 8, 0, 0, DType::UInt8) == 2);  // ties to even
}

TEST_CASE("RECIPROCAL divides one, MEMSET fills by number or by bits") {
  Bench b;
  b.put(kIn, 0, 0, DType::Float16, 8);
  isa::reciprocal r;
  r.src_type = DType::Float16;
  r.dst_type = DType::Float32;
  r.partitions = 1;
  r.src = row(kIn, 1);
  r.dst = row(kOut, 1);
  b.add(Engine::Vector, r);
  isa::memset s;
  s.count = 3;
  s.dst_type = DType::BFloat16;
  s.partitions = 1;
  s.value = std::bit_cast<std::uint32_t>(-1.5f);
  s.dst = row(kOut + 16, 3, 2);  // every other element
  b.add(Engine::Gpsimd, s);
  s.dst_type = DType::UInt16;
  s.value = 0xbeef;
  s.dst = row(kOut + 64, 3);
  b.add(Engine::Gpsimd, s);
  REQUIRE_OK(b.run());
  CHECK(b.get(kOut, 0, 0) == 0.125f);
  CHECK(b.get(kOut + 16, 0, 0, DType::BFloat16) == -1.5f);
  CHECK(b.get(kOut + 16, 0, 1, DType::BFloat16) == 0);
  CHECK(b.get(kOut + 16, 0, 4, DType::BFloat16) == -1.5f);
  CHECK(b.bits(kOut + 64) == 0xbeefbeefu);
}

TEST_CASE("an instruction computes in place") {
  Bench b;
  for (unsigned i = 0; i < 4; ++i) b.put(kIn, 0, i, DType::Float32, static_cast<float>(i));
  auto t = binary(isa::Alu::Add, DType::Float32, DType::Float32, DType::Float32, 4);
  t.rhs = t.dst = row(kIn, 4);
  b.add(Engine::Vector, t);
  REQUIRE_OK(b.run());
  for (unsigned i = 0; i < 4; ++i) CHECK(b.get(kIn, 0, i) == static_cast<float>(2 * i));
}
