// SPDX-License-Identifier: Apache-2.0
#include "isa/cost.h"

#include <algorithm>

#include "isa/parametric.h"
#include "isa/what_if.h"

namespace neuron::isa {
namespace {

using namespace parametric;

constexpr Costs kCosts[] = {
    {
#define NEURON_COST(name, v1, v2, v3, v4, source) v2*(v1),
#include "isa/costs.def"
#undef NEURON_COST
    },
    {
#define NEURON_COST(name, v1, v2, v3, v4, source) v2,
#include "isa/costs.def"
#undef NEURON_COST
    },
    {
#define NEURON_COST(name, v1, v2, v3, v4, source) v3,
#include "isa/costs.def"
#undef NEURON_COST
    },
    {
#define NEURON_COST(name, v1, v2, v3, v4, source) v4,
#include "isa/costs.def"
#undef NEURON_COST
    },
};
static_assert(std::size(kCosts) == kArchs);

bool is_wide(DType type) { return size_of(type) == 4; }
bool is_psum(const Pattern& pattern) { return pattern.start >= kPsumBase; }

/// What the cost of an elementwise instruction depends on.
struct Work {
  double elements = 0;  ///< in one partition, of the larger side
  bool from_psum = false, to_psum = false, one_partition = false;
};

template <class Op>
Work work_of(const Op& op) {
  Work w;
  const auto from = [&](const Pattern& p) {
    w.elements = std::max(w.elements, static_cast<double>(p.count()));
    w.from_psum = w.from_psum || is_psum(p);
  };
  if constexpr (requires { op.src.start; }) from(op.src);
  if constexpr (requires { op.lhs.start; }) from(op.lhs);
  if constexpr (requires { op.rhs.start; }) from(op.rhs);
  if constexpr (requires { op.dst.start; }) {
    w.elements = std::max(w.elements, static_cast<double>(op.dst.count()));
    w.to_psum = is_psum(op.dst);
  }
  if constexpr (requires { op.partitions; }) w.one_partition = op.partitions == 1;
  return w;
}

/// Where an instruction runs, and what it works on.
struct Place {
  const Costs& c;
  const Arch& arch;
  Engine engine;
  Work work;
  double saved() const { return work.one_partition ? c.one_partition_saves : 0; }
  /// Of all elements, each of so many cycles.
  double scalar_time(double cycles) const {
    return work.elements * cycles * c.scalar_element_cycles / arch.scalar_ghz;
  }
  double vector_time(double cycles) const {
    return work.elements * cycles * c.vector_element_cycles / arch.vector_ghz;
  }
};

Cost on_gpsimd(const Place& p, double cycles) {
  const double time = p.work.elements * cycles / p.arch.gpsimd_ghz;
  return {p.c.gpsimd_fixed + time, p.c.gpsimd_gap + time};
}

Cost on_scalar(const Place& p, double cycles) {
  const double time = p.scalar_time(cycles);
  const double fixed = p.work.to_psum ? p.c.scalar_copy_to_psum : p.c.scalar_copy;
  return {fixed - p.saved() + time, p.c.scalar_copy_gap + time, p.c.scalar_queue + time};
}

Cost on_vector(const Place& p, double fixed, double cycles) {
  const double time = p.vector_time(cycles);
  return {fixed - p.saved() + time, fixed - p.saved() + time - p.c.vector_overlap};
}

/// An instruction of `fixed` on the vector engine; other engines know only one pipeline each.
Cost elementwise(const Place& p, double fixed, double cycles) {
  if (p.engine == Engine::Scalar) return on_scalar(p, cycles);
  if (p.engine == Engine::Gpsimd) return on_gpsimd(p, cycles);
  return on_vector(p, fixed, cycles);
}

Cost copy_like(const Place& p) {
  if (p.engine != Engine::Vector) return elementwise(p, 0, 1);
  if (p.work.from_psum || p.work.to_psum) return on_vector(p, p.c.vector_psum, 1);
  Cost cost = on_vector(p, p.c.vector_sbuf, p.c.vector_sbuf_cycles);
  cost.occupancy_ns = cost.latency_ns - p.c.vector_sbuf + p.c.vector_sbuf_gap;
  return cost;
}

Cost tensor_tensor_cost(const Place& p) {
  Cost cost = elementwise(p, p.c.tensor_tensor, p.c.tensor_tensor_cycles);
  if (p.engine == Engine::Vector)
    cost.occupancy_ns = cost.latency_ns - p.c.tensor_tensor + p.c.tensor_tensor_gap;
  return cost;
}

Cost tensor_scalar_cost(const Place& p, const Instruction& i) {
  const auto* op = std::get_if<tensor_scalar>(&i.op);
  const bool fetches = op != nullptr && op->operand0_is_address;
  const bool in_psum = p.work.from_psum || p.work.to_psum;
  return elementwise(p, fetches ? p.c.scalar_operand : p.c.vector_psum,
                     in_psum || p.engine != Engine::Vector ? 1 : p.c.vector_sbuf_cycles);
}

Cost memset_cost(const Place& p) {
  if (p.engine != Engine::Vector) return elementwise(p, 0, 1);
  const double gap = p.c.memset_gap + p.vector_time(1);
  return {p.c.memset_sbuf, gap};
}

Cost activate_cost(const Place& p, const Instruction& i) {
  const Costs& c = p.c;
  const double time = p.scalar_time(1);
  const auto* op = std::get_if<activate>(&i.op);
  if (op != nullptr && op->bypass_table) {
    const double latency = (p.work.from_psum ? c.linear_psum : c.linear_sbuf) + time;
    return {latency, latency + c.linear_pause};
  }
  return p.work.from_psum ? Cost{c.activate_psum + time, c.activate_psum_gap + time}
                          : Cost{c.activate_sbuf + time, c.activate_sbuf_gap + time};
}

Cost matmul_cost(const Place& p, const matmul& op, double ghz) {
  const Costs& c = p.c;
  const bool warm = ghz >= p.arch.tensor_ghz;
  const double columns = streamed_columns(op) * c.matmul_column_cycles;
  double fixed = warm ? c.matmul_warm : c.matmul_cold;
  if (op.transpose) {
    fixed = is_wide(op.src_type) ? c.transpose_wide_warm : c.transpose_half_warm;
    if (!warm) fixed = c.transpose_cold;
  }
  const double gap = warm ? c.matmul_gap_cycles : 0;
  return {fixed + columns / ghz, std::max(c.matmul_least_cycles, columns + gap) / ghz};
}

/// The pattern that the compiler writes when all 128 columns may load at four times the speed.
bool is_fast_load(const ldweights& op) {
  return op.src.steps[2] == -32 && op.src.nums[2] == 4 && op.src.nums[0] == 32;
}

Cost ldweights_cost(const Place& p, const ldweights& op, double ghz) {
  const Costs& c = p.c;
  const bool warm = ghz >= p.arch.tensor_ghz, wide = is_wide(op.src_type);
  const double passes = wide && !op.transpose ? 2 : 1;
  double fixed = c.ldweights_half;
  if (wide) fixed = warm ? c.ldweights_wide_warm : c.ldweights_wide_cold;
  if (op.transpose) fixed = warm ? c.ldweights_turn_warm : c.ldweights_turn_cold;
  const double time = passes * static_cast<double>(op.src.count()) / ghz;
  return {fixed + time, is_fast_load(op) ? time / c.fast_weights_factor : time};
}

/// One of five costs, in the order of the engines.
double by_engine(Engine engine, const double (&costs)[kEngines]) {
  return costs[static_cast<int>(engine)];
}

double sync_gap(const Place& p) {
  return by_engine(p.engine, {p.c.sync_gap_tensor, p.c.sync_gap_scalar, p.c.sync_gap_gpsimd,
                              p.c.sync_gap_vector, p.c.sync_gap_sync});
}

Cost semaphore_cost(const Place& p) {
  const Costs& c = p.c;
  return {by_engine(p.engine, {c.semaphore_tensor, c.semaphore_scalar, c.semaphore_gpsimd,
                               c.semaphore_vector, c.semaphore_sync}),
          sync_gap(p)};
}

/// By published_costs.def: an instruction that no public trace holds.
Cost published_cost(const Place& p, const Instruction& i) {
  double fixed = 0, cycles = 1;
#define NEURON_PUBLISHED(name, fixed_cycles, per_element, source) \
  if (std::holds_alternative<name>(i.op)) fixed = fixed_cycles, cycles = per_element;
#include "isa/published_costs.def"
#undef NEURON_PUBLISHED
  Cost cost = elementwise(p, p.c.vector_psum, cycles);
  const double ghz = p.engine == Engine::Scalar   ? p.arch.scalar_ghz
                     : p.engine == Engine::Gpsimd ? p.arch.gpsimd_ghz
                                                  : p.arch.vector_ghz;
  cost.latency_ns += fixed / ghz;
  cost.occupancy_ns += fixed / ghz;
  return cost;
}

Cost dma_issue_cost(const Place& p) {
  if (p.engine == Engine::Gpsimd) return {p.c.dge_software, p.c.dge_software_gap};
  return {p.c.dge_hardware, p.c.dge_hardware + p.c.dge_hardware_pause};
}

/// Two rows at once: as one pass of 2-byte numbers over half as many columns as are named
/// (published: twice the throughput).
Cost double_row_cost(const Place& p, const Instruction& i, double pe_ghz) {
  const auto halved = [](Pattern pattern) {
    pattern.nums = {static_cast<std::uint16_t>((pattern.count() + 1) / 2), 1, 1, 1};
    return pattern;
  };
  if (const auto* op = std::get_if<matmul_double>(&i.op)) {
    matmul single;
    single.src = halved(op->src);
    single.dst = op->dst;
    single.src_type = DType::BFloat16;
    return matmul_cost(p, single, pe_ghz);
  }
  ldweights single;
  if (const auto* op = std::get_if<ldweights_double>(&i.op)) single.src = halved(op->src);
  single.src_type = DType::BFloat16;
  return ldweights_cost(p, single, pe_ghz);
}

Cost cost_of_kind(CostKind kind, const Place& p, const Instruction& i, double pe_ghz) {
  const Costs& c = p.c;
  switch (kind) {
    case CostKind::LoadWeights:
      if (const auto* op = std::get_if<ldweights>(&i.op)) return ldweights_cost(p, *op, pe_ghz);
      break;
    case CostKind::MatMul:
      if (const auto* op = std::get_if<matmul>(&i.op)) return matmul_cost(p, *op, pe_ghz);
      break;
    case CostKind::Activate:
      return activate_cost(p, i);
    case CostKind::TableLoad:
      return {c.table_load, c.table_load};
    case CostKind::TensorTensor:
      return tensor_tensor_cost(p);
    case CostKind::PerElement:
      if (!std::holds_alternative<tensor_reduce>(i.op)) return copy_like(p);
      return elementwise(p, p.work.from_psum ? c.reduce_psum : c.reduce_sbuf, 1);
    case CostKind::TensorScalar:
      return tensor_scalar_cost(p, i);
    case CostKind::Reciprocal:
      return elementwise(p, c.reciprocal, c.reciprocal_cycles);
    case CostKind::MemSet:
      return memset_cost(p);
    case CostKind::Semaphore:
      return semaphore_cost(p);
    case CostKind::Nop:
      return {c.nop, sync_gap(p)};
    case CostKind::Write:
      return {p.engine == Engine::Gpsimd ? c.write_gpsimd : c.write_sync, c.write_gap};
    case CostKind::Notify:
      return {c.notify, sync_gap(p)};
    case CostKind::SetOrdering:
      return {c.ordering, sync_gap(p)};
    case CostKind::DmaIssue:
      return dma_issue_cost(p);
    case CostKind::Published:
      return published_cost(p, i);
    case CostKind::DoubleRow:
      return double_row_cost(p, i, pe_ghz);
    case CostKind::Register:
      return {c.register_op, c.register_gap};
  }
  return {};
}

}  // namespace

double streamed_columns(const matmul& op) {
  const bool one_half = op.fp32_mode == 2 && !op.transpose;  // the high half alone
  const double passes = is_wide(op.src_type) && !one_half ? 2 : 1;
  return passes * static_cast<double>(op.src.count());
}

const Timing& timing(ArchId id) {
  static const auto all = [] {
    std::array<Timing, kArchs> rows;
    for (int i = 0; i < kArchs; ++i) rows[i] = {arch(static_cast<ArchId>(i)), kCosts[i]};
    return rows;
  }();
  return all[static_cast<std::size_t>(id)];
}

Cost cost(const Instruction& instruction, Engine engine, const Timing& timing, double pe_ghz) {
  if (std::holds_alternative<start_marker>(instruction.op)) return {};  // taken out at load
  const OpInfo* info = find_op(opcode_of(instruction));
  if (info == nullptr) return {};
  const Work work = std::visit([](const auto& op) { return work_of(op); }, instruction.op);
  return cost_of_kind(info->cost, {timing.costs, timing.arch, engine, work}, instruction, pe_ghz);
}

}  // namespace neuron::isa
