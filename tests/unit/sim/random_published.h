// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <bit>

#include "isa/wide.h"
#include "tests/unit/sim/random_draw.h"

/// Instructions of our own, at random: what a plan must put between those that it computes itself.
/// Not DMA_INDIRECT: a program with it has no plan.
namespace neuron::sim::test {

class RandomPublished : public RandomDraw {
 protected:
  using RandomDraw::RandomDraw;

  void published() {
    using Draw = void (RandomPublished::*)();
    constexpr Draw draws[] = {&RandomPublished::scan,          &RandomPublished::two_operations,
                              &RandomPublished::folded_scalar, &RandomPublished::folded_activation,
                              &RandomPublished::iota,          &RandomPublished::triangle,
                              &RandomPublished::range,         &RandomPublished::chosen,
                              &RandomPublished::statistics,    &RandomPublished::random_numbers,
                              &RandomPublished::dropped,       &RandomPublished::folded_partitions,
                              &RandomPublished::loop};
    (this->*draws[roll(0, static_cast<int>(std::size(draws)) - 1)])();
  }

 private:
  static std::uint32_t word(float value) { return std::bit_cast<std::uint32_t>(value); }
  std::uint32_t number(std::uint32_t area) {
    return area + 4u * static_cast<unsigned>(roll(0, kRow - 1));
  }
  std::uint32_t area() { return roll(0, 1) ? kWhole : kAny; }
  /// What most rows have; sources may lie in PSUM where the engine can read it.
  template <class Op>
  Op on(int n, bool psum = false) {
    Op op;
    if constexpr (requires { op.partitions; }) op.partitions = roll8(1, 128);
    if constexpr (requires { op.src_type; }) op.src_type = DType::Float32;
    if constexpr (requires { op.lhs_type; }) op.lhs_type = op.rhs_type = DType::Float32;
    if constexpr (requires { op.dst_type; }) op.dst_type = DType::Float32;
    if constexpr (requires { op.src; }) op.src = psum ? line(bank(), n) : pattern(area(), n);
    if constexpr (requires { op.lhs; })
      op.lhs = psum ? line(bank(), n) : pattern(area(), n), op.rhs = pattern(area(), n);
    if constexpr (requires { op.dst; }) op.dst = pattern(kAny, n);
    return op;
  }

  void scan() {
    auto s = on<isa::tensor_tensor_scan>(roll(1, 100), roll(0, 3) == 0);
    s.op0 = roll(0, 1) ? isa::Alu::Max : isa::Alu::Add;
    s.op1 = roll(0, 1) ? isa::Alu::Min : isa::Alu::Subtract;
    s.initial_is_address = roll8(0, 1);
    s.initial = s.initial_is_address ? number(kWhole) : word(2);
    add(isa::Engine::Vector, s);
  }
  void two_operations() {
    auto s = on<isa::scalar_tensor_tensor>(roll(1, 300), roll(0, 1));
    s.op0 = roll(0, 1) ? isa::Alu::Mult : isa::Alu::Add;
    s.op1 = roll(0, 1) ? isa::Alu::Subtract : isa::Alu::Max;
    s.reversed = roll8(0, 3);
    s.operand0_is_address = roll8(0, 1);
    s.operand0 = s.operand0_is_address ? number(kWhole) : word(-3);
    add(isa::Engine::Vector, s);
  }
  void folded_scalar() {
    auto s = on<isa::tensor_scalar_reduce>(roll(1, 300), roll(0, 1));
    s.op0 = isa::Alu::Mult;
    s.operand0 = word(2);
    s.reduce_op = roll(0, 1) ? isa::Alu::Max : isa::Alu::Add;
    s.reduce = roll8(1, 2);
    s.reduced = number(kAny);
    add(isa::Engine::Vector, s);
  }
  void folded_activation() {
    auto a = on<isa::activate_reduce>(roll(1, 300), roll(0, 1));
    a.bias_type = DType::Float32;
    a.bias_is_value = 1;
    a.bias = word(1);
    a.scale = 0.5f;
    a.function = roll(0, 1) ? isa::Activation::Relu : isa::Activation::Square;
    a.reduce_op = isa::Alu::Max;
    a.reduce = roll8(1, 2);
    a.reduced = number(kAny);
    add(isa::Engine::Scalar, a);
  }
  void iota() {
    auto i = on<isa::iota>(roll(1, 300));
    i.offset = static_cast<std::uint32_t>(roll(-9, 9));
    i.multiplier = static_cast<std::uint32_t>(roll(-2, 2));
    i.step0 = static_cast<std::uint32_t>(roll(-3, 3));
    i.step1 = static_cast<std::uint32_t>(roll(-3, 3));
    if (roll(0, 1)) i.dst_type = DType::Int32;
    add(isa::Engine::Gpsimd, i);
  }
  void triangle() {
    auto s = on<isa::affine_select>(roll(1, 200));
    s.op = roll(0, 1) ? isa::Alu::IsGreaterEq : isa::Alu::IsLess;
    s.offset = static_cast<std::uint32_t>(roll(-20, 20));
    s.multiplier = 1;
    s.step0 = static_cast<std::uint32_t>(-1);
    s.on_false = -9;
    add(isa::Engine::Gpsimd, s);
  }
  void range() {
    auto s = on<isa::range_select>(roll(1, 200), roll(0, 1));
    s.op0 = isa::Alu::IsGreaterEq;
    s.op1 = isa::Alu::IsLess;
    s.bound0 = number(kWhole);
    s.bound1 = number(kAny);
    s.range_start = -2;
    s.on_false = -5;
    s.reduce = roll8(0, 1);
    s.reduced = number(kAny);
    add(isa::Engine::Vector, s);
  }
  void chosen() {
    const int n = roll(1, 200);
    auto s = on<isa::select_reduce>(n, roll(0, 1));
    s.predicate_type = DType::Float32;
    s.predicate = pattern(kWhole, n);
    s.on_false_is_address = roll8(0, 1);
    s.on_false = s.on_false_is_address ? number(kWhole) : word(-1);
    s.reversed = roll8(0, 1);
    s.reduce = roll8(0, 1);
    s.reduced = number(kAny);
    add(isa::Engine::Vector, s);
  }
  void statistics() {
    auto s = on<isa::bn_stats>(roll(2, 512), roll(0, 1));
    s.dst = line(kAny, 6);
    add(isa::Engine::Vector, s);
    auto a = on<isa::bn_aggr>(6);
    a.partitions = s.partitions;
    a.src = s.dst;
    a.dst = line(kAny + 64, 2);
    add(isa::Engine::Vector, a);
  }
  void random_numbers() { add(isa::Engine::Vector, on<isa::random>(roll(1, 200))); }
  void dropped() {
    auto d = on<isa::dropout>(roll(1, 200), roll(0, 1));
    d.rate = word(0.5f);
    d.keeps = roll8(0, 1);
    add(isa::Engine::Vector, d);
  }
  void folded_partitions() {
    const int n = roll(1, 100);
    auto r = on<isa::partition_reduce>(n);
    r.rows = roll8(1, 128);
    r.columns = 1;
    r.op = roll(0, 1) ? isa::Alu::Max : isa::Alu::Add;
    add(isa::Engine::Gpsimd, r);
  }

  /// An instruction some times over, counted in a register.
  void loop() {
    isa::register_op r;
    r.op = static_cast<std::uint8_t>(isa::Wide::Set);
    r.takes_immediate = 1;
    r.src_register = r.dst_register = 1;
    add(isa::Engine::Vector, r);
    isa::compare_branch b;
    b.condition = 3;  // less
    b.takes_immediate = 1;
    b.src_register = 1;
    b.immediate = static_cast<std::uint32_t>(roll(1, 4));
    b.target =
        static_cast<std::uint32_t>(program.streams[static_cast<int>(isa::Engine::Vector)].size());
    isa::tensor_scalar s;
    const int n = roll(1, 100);
    s.src_type = s.dst_type = DType::Float32;
    s.partitions = roll8(1, 128);
    s.src = s.dst = pattern(kAny, n);
    s.op0 = isa::Alu::Add;
    s.operand0 = word(1);
    add(isa::Engine::Vector, s);
    r.op = static_cast<std::uint8_t>(isa::Wide::Add);
    r.immediate = 1;
    add(isa::Engine::Vector, r);
    add(isa::Engine::Vector, b);
    count_ += 3 * (b.immediate - 1);  // each turn counts
  }
};

}  // namespace neuron::sim::test
