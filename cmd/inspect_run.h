// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/file.h"
#include "cmd/command.h"
#include "sim/clock.h"

/// The options of `run` that look inside a program while the reference interpreter runs it.
namespace neuron::cmd {

struct Inspect {
  bool races = false, poison = false;
  fs::path trace, dump, what_if, clock_from;
  bool is_wanted() const { return races || poison || !trace.empty() || !dump.empty(); }
};

void bind_inspect(CLI::App& app, Inspect& o);
/// What --what-if and --clock-from ask predicted times to go by.
Result<sim::Clock> clock_of(const Inspect& o);
/// Runs what was asked for; Race and UnwrittenRead tell that something was found.
Result<> run_inspect(const Inspect& o, const fs::path& neff, const std::vector<std::string>& inputs,
                     Terminal& io);

}  // namespace neuron::cmd
