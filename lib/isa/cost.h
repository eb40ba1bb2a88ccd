// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "isa/arch.h"
#include "isa/isa.h"

/// What an instruction costs, in nanoseconds, before waiting and contention. Formulas stand in
/// cost.cpp, one per CostKind, and constants with their sources in costs.def; sim/schedule.cpp adds
/// what depends on neighbours.
namespace neuron::isa {

enum class CostKind : std::uint8_t {
  LoadWeights,
  MatMul,
  Activate,
  TableLoad,
  TensorTensor,
  PerElement,
  TensorScalar,
  Reciprocal,
  MemSet,
  Semaphore,
  Nop,
  Write,
  Notify,
  SetOrdering,
  DmaIssue,
  Register,
  Published,
  DoubleRow,
};

struct Cost {
  double latency_ns = 0;    ///< start to end of this instruction
  double occupancy_ns = 0;  ///< start to the earliest start of the next one on the engine
  /// End of the instruction before to the end of this one, when they queue; 0: they never do.
  double drain_ns = 0;
};
/// The constants of costs.def, of one generation.
struct Costs {
#define NEURON_COST(name, v1, v2, v3, v4, source) double name;
#include "isa/costs.def"
#undef NEURON_COST
};
/// A generation as the clock sees it: by the tables, or with what somebody asks for instead.
struct Timing {
  Arch arch;
  Costs costs;
};
const Timing& timing(ArchId id);

/// `pe_ghz` is the clock of the tensor engine at this moment (see the throttle in
/// sim/schedule.cpp).
Cost cost(const Instruction& instruction, Engine engine, const Timing& timing, double pe_ghz);

/// Columns that a MATMUL streams, counted as the clock throttle counts: 2 passes for float32.
double streamed_columns(const matmul& op);

}  // namespace neuron::isa
