// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/loaded.h"

namespace neuron::sim {

/// Lays out a program with branches along the way that it takes, where no branch and no wait
/// depends on data and the way is not too long: then plan, clock and detectors read it as any
/// other. Program::path tells which instruction of the package each one is. Any other program
/// stays as it is, with Loaded::has_branches. Fails on a way that has no end.
Result<> unroll(Loaded& loaded);

inline constexpr std::size_t kMostSteps = 1 << 18;  ///< of one engine that are laid out

/// A stream along its way: its instructions, which of the stream they are, and the transfers that
/// are started from addresses in registers, each as one of its own.
struct LaidOut {
  std::vector<Step> steps;
  std::vector<std::uint32_t> path;
  std::vector<Transfer> transfers;
};
/// Gives a step that takes its source from a register, which holds `offset`, a transfer of its own;
/// those of `out` will stand at `first` in the program.
Result<> fix_source(const Loaded& loaded, Step& step, std::int64_t offset, std::size_t first,
                    LaidOut& out);
/// Puts it in the place of the stream of `engine`.
void lay_out(Loaded& loaded, std::size_t engine, LaidOut out);

}  // namespace neuron::sim
