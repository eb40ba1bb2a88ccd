// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/sim.h"

/// A program as host kernels in one fixed order: what execute() does with semaphores and operands
/// at every run, a plan does once. The interpreter (execute() of sim.h) stays the reference.
///   auto plan = TRY(sim::make_plan(*loaded, constants));
///   sim::run(*plan, core, variables);
namespace neuron::sim {

struct Plan;
struct DeletePlan {
  void operator()(Plan*) const;
};
using PlanPtr = std::unique_ptr<Plan, DeletePlan>;

/// By index, whether any transfer of the program writes to a variable.
std::vector<bool> written_variables(const Loaded& loaded);

/// `constants[i]` are the bytes of Device variable i if nothing outside of the program changes them
/// between runs; else, or beyond the end, empty. They and `loaded` must outlive the plan. Fails on
/// a deadlock.
Result<PlanPtr> make_plan(const Loaded& loaded, std::span<const ByteView> constants = {});

/// As execute() (and by it, where the core rounds at random): the same bytes in every Device
/// variable, but for the order in which products are summed (sim/README.md states the tolerance).
/// What stays in SBUF and PSUM is not promised. One run of a plan at a time.
Result<> run(Plan& plan, Core& core, std::span<const std::span<std::byte>> variables);

}  // namespace neuron::sim
