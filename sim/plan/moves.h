// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/plan/kernel.h"

/// Copies of a transfer as nested loops over runs of bytes, found once.
namespace neuron::sim {

struct Loop {
  std::int64_t count, from_step, to_step;
  bool operator==(const Loop&) const = default;
};
/// `run` bytes from here to there, in loops, innermost first. Descriptors of one shape that follow
/// each other at equal distances are one move.
struct Move {
  VariableId from, to;
  std::int64_t from_at = 0, to_at = 0;
  std::int64_t run = 0;
  std::vector<Loop> loops;
};

/// The moves of a transfer, in order; empty when only the reference's way will do: it computes, or
/// its sides may overlap.
std::vector<Move> moves_of(const Transfer& transfer);

/// A kernel whose units are turns of the outermost loop.
Kernel move_kernel(Move move);

/// All of a transfer, or of a collective operation.
std::vector<Kernel> kernels_of(const Transfer& transfer);
/// A transfer whose rows `in` finds when it runs.
Kernel kernel_of(const bound::dma_indirect& in, const Transfer& transfer, const Program& program);

}  // namespace neuron::sim
