// SPDX-License-Identifier: Apache-2.0
#include "isa/cost.h"

#include "isa/what_if.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::isa;

namespace {

Pattern row(std::uint32_t start, std::uint16_t count) {
  return {start, {1, 0, 0, 0}, {count, 1, 1, 1}};
}
matmul product(DType type, std::uint16_t columns) {
  matmul op;
  op.src = row(0, columns);
  op.dst = row(kPsumBase, columns);
  op.src_type = type;
  op.fp32_mode = type == DType::Float32 ? 3 : 0;
  op.rows = op.columns = 128;
  return op;
}
template <class Op>
Cost cost_on(Engine engine, const Op& op, ArchId id = ArchId::V3, double ghz = 2.4) {
  return cost(encode({}, op), engine, timing(id), ghz);
}
double latency(DType type, std::uint16_t columns, double ghz) {
  return cost_on(Engine::Tensor, product(type, columns), ArchId::V3, ghz).latency_ns;
}

}  // namespace

// Expected numbers: medians of public Trn2 traces, not the table.
TEST_CASE("a MATMUL takes what traces show, at both clocks") {
  CHECK(latency(DType::BFloat16, 128, 2.4) == Approx(218).epsilon(.01));
  CHECK(latency(DType::BFloat16, 512, 2.4) == Approx(379).epsilon(.01));
  CHECK(latency(DType::Float32, 512, 2.4) == Approx(590).epsilon(.01));
  CHECK(latency(DType::BFloat16, 512, 1.2) == Approx(630).epsilon(.01));
  CHECK(latency(DType::Float32, 512, 1.2) == Approx(1060).epsilon(.01));
  CHECK(cost_on(Engine::Tensor, product(DType::BFloat16, 444)).occupancy_ns == Approx(187.5));
}

TEST_CASE("float32 streams twice, and the throttle counts so") {
  CHECK(streamed_columns(product(DType::BFloat16, 512)) == 512);
  CHECK(streamed_columns(product(DType::Float32, 512)) == 1024);
  matmul high = product(DType::Float32, 512);
  high.fp32_mode = 2;
  CHECK(streamed_columns(high) == 512);
}

TEST_CASE("elementwise instructions take what traces show") {
  copy from_psum;
  from_psum.src = row(kPsumBase, 512);
  from_psum.dst = row(0, 512);
  from_psum.src_type = from_psum.dst_type = DType::Float32;
  from_psum.partitions = 128;
  CHECK(cost_on(Engine::Scalar, from_psum).latency_ns == Approx(585).epsilon(.01));
  CHECK(cost_on(Engine::Vector, from_psum).latency_ns == Approx(679).epsilon(.02));

  activate exp;
  exp.src = row(kPsumBase, 512);
  exp.dst = row(0, 512);
  exp.function = Activation{7};
  exp.partitions = 128;
  CHECK(cost_on(Engine::Scalar, exp).latency_ns == Approx(686).epsilon(.01));
  CHECK(cost_on(Engine::Scalar, exp).occupancy_ns == Approx(570).epsilon(.01));

  tensor_reduce most;
  most.src = row(kPsumBase, 512);
  most.dst = row(0, 1);
  most.partitions = 128;
  CHECK(cost_on(Engine::Vector, most).latency_ns == Approx(690).epsilon(.04));

  tensor_scalar scale;
  scale.src = row(0, 256);
  scale.dst = row(4096, 256);
  scale.operand0_is_address = 1;
  scale.partitions = 128;
  CHECK(cost_on(Engine::Vector, scale).latency_ns == Approx(348).epsilon(.01));
}

TEST_CASE("Trn1 adds at the rate of its traces") {
  tensor_tensor add;
  add.lhs = row(0, 1000);
  add.rhs = row(4000, 1000);
  add.dst = row(8000, 1000);
  add.partitions = 128;
  add.op = Alu{4};
  const double n1000 = cost_on(Engine::Vector, add, ArchId::V2).latency_ns;
  CHECK(n1000 == Approx(213.3 + 1.8036 * 1000).epsilon(.015));
}

TEST_CASE("every instruction has a cost on each generation, but the one removed at load") {
  const Operation all[] = {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) isa::name{},
#include "isa/isa.def"
#undef NEURON_OP
  };
  for (const Operation& op : all) {
    const Instruction i = encode({}, op);
    for (int id = 0; id < kArchs; ++id)
      for (int e = 0; e < kEngines; ++e) {
        if (!(find_op(opcode_of(i))->engines & 1u << e)) continue;
        const Timing& t = timing(static_cast<ArchId>(id));
        const Cost c = cost(i, static_cast<Engine>(e), t, t.arch.tensor_ghz);
        INFO(find_op(opcode_of(i))->text);
        const bool removed = std::holds_alternative<start_marker>(op);
        CHECK((c.latency_ns > 0) == !removed);
        CHECK((c.occupancy_ns > 0) == !removed);
      }
  }
}

// Expected numbers: 16 TFLOPS, 512 and 256 operations a cycle at 1.0 GHz, as published of v1, where
// v2 has 2.9 and 2.3 TFLOPS at 1.4 and 1.12 GHz for 128 elements a cycle.
TEST_CASE("Inferentia1 computes at the published rates") {
  const auto each = [](Engine engine, const auto& op_of) {
    const auto took = [&](std::uint16_t n) {
      return cost_on(engine, op_of(n), ArchId::V1, 1.0).latency_ns;
    };
    return (took(500) - took(100)) / 400;
  };
  const double column = each(Engine::Tensor, [](auto n) { return product(DType::BFloat16, n); });
  CHECK(2.0 * 128 * 128 / column == Approx(16e3).epsilon(.03));  // operations a ns

  const auto copied = [](std::uint16_t n) {
    copy op;
    op.src = row(kPsumBase, n);
    op.dst = row(0, n);
    op.partitions = 128;
    return op;
  };
  CHECK(each(Engine::Scalar, copied) == Approx(2.9e3 / 1.4 / 512).epsilon(.03));
  CHECK(each(Engine::Vector, copied) == Approx(2.3e3 / 1.12 / 256).epsilon(.03));
}

TEST_CASE("what is parametric of Inferentia1 takes the cycles of the second generation") {
  const Timing &v1 = timing(ArchId::V1), &v2 = timing(ArchId::V2);
  CHECK(v1.arch.is_parametric);
  CHECK(timed_name(v1.arch) == "NeuronCore-v1 (parametric)");
  for (int id = 1; id < kArchs; ++id) {
    const Arch& later = arch(static_cast<ArchId>(id));
    CHECK(!later.is_parametric);
    CHECK(timed_name(later) == later.name);
  }
  CHECK(v1.costs.matmul_warm * v1.arch.tensor_ghz ==
        Approx(v2.costs.matmul_warm * v2.arch.tensor_ghz));
  CHECK(v1.costs.scalar_copy * v1.arch.scalar_ghz ==
        Approx(v2.costs.scalar_copy * v2.arch.scalar_ghz));
  CHECK(v1.costs.vector_psum * v1.arch.vector_ghz ==
        Approx(v2.costs.vector_psum * v2.arch.vector_ghz));
  CHECK(v1.costs.matmul_least_cycles == v2.costs.matmul_least_cycles);
  for (const Constant& c : constants(v1)) CHECK(c.value >= 0);
}
