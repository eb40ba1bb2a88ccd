// SPDX-License-Identifier: Apache-2.0
#include "sim/plan.h"

#include <chrono>

#include "sim/plan/build.h"
#include "sim/plan/pool.h"

namespace neuron::sim {
namespace {

/// Local variables are the core's own memory, the others what the caller gives.
Result<> place(Plan& plan, Core& core, Variables variables) {
  const Program& program = plan.loaded.program;
  for (std::size_t i = 0; i < plan.placed.size(); ++i) {
    const Variable& v = program.variables[i];
    if (v.storage == Storage::Local) plan.placed[i] = core.memory();
    if (v.storage != Storage::Device) continue;
    const std::size_t given = i < variables.size() ? variables[i].size() : 0;
    if (given < v.size)
      return fail(Code::BadInput, "variable {} has {} bytes, expected {}", v.name, given, v.size);
    plan.placed[i] = variables[i];
  }
  return {};
}

/// What kernels are thought to cost that several threads can share.
std::vector<double> costs_to_share(const Plan& plan) {
  std::vector<double> costs;
  for (const Kernel& k : plan.kernels)
    costs.push_back(k.units > 1 && plan.workers.size() > 1 ? k.cost : 0);
  return costs;
}

/// All units of a kernel.
void run_units(Plan& plan, std::size_t kernel, const Memory& memory) {
  const Kernel& k = plan.kernels[kernel];
  if (!plan.sharing.is_shared(kernel)) return k.run(memory, plan.workers[0], 0, k.units);
  share(k.units, [&](unsigned thread, unsigned begin, unsigned end) {
    k.run(memory, plan.workers[thread], begin, end);
  });
}

void time_units(Plan& plan, std::size_t kernel, const Memory& memory) {
  const auto begin = std::chrono::steady_clock::now();
  run_units(plan, kernel, memory);
  const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
  plan.sharing.took(kernel, took.count());
}

}  // namespace

void DeletePlan::operator()(Plan* plan) const { delete plan; }

std::vector<bool> written_variables(const Loaded& loaded) {
  std::vector<bool> written(loaded.program.variables.size());
  for (const Transfer& t : loaded.transfers)
    for (const Descriptor& d : t.descriptors) written[d.to.variable.value] = true;
  return written;
}

Result<PlanPtr> make_plan(const Loaded& loaded, std::span<const ByteView> constants) {
  if (loaded.is_dynamic || loaded.needs_peer)
    return fail(Code::UnknownInstruction, "{} needs {}, which no plan holds", loaded.program.name,
                loaded.is_dynamic ? "addresses from registers" : "its other core");
  PlanPtr plan(new Plan{loaded, {}, {}, {}, {}, {}, {}, false});
  plan->placed.resize(loaded.program.variables.size());
  TRY(build_kernels(*plan, constants).within(loaded.program.name));
  plan->machine = std::make_unique<Machine>(std::span<std::byte>{}, loaded.longest_row);
  for (unsigned i = 0; i < pool_threads(); ++i)
    plan->workers.push_back({plan->machine.get(), {}, {}, {}, {}});
  plan->sharing = Sharing(costs_to_share(*plan));
  return plan;
}

Result<> run(Plan& plan, Core& core, std::span<const std::span<std::byte>> variables) {
  const Program& program = plan.loaded.program;
  if (core.arch() != program.arch)
    return fail(Code::Mismatch, "{}: compiled for {}, the core is a {}", program.name,
                isa::arch(program.arch).name, isa::arch(core.arch()).name);
  // Kernels round to nearest, and many elements at once.
  if (core.rounding() != nullptr) return execute(plan.loaded, core, variables);
  TRY(place(plan, core, variables).within(program.name));
  if (plan.fills_sbuf) core.expect_much();
  core.hold_for(0);  // kernels read constants where they lie, and leave SBUF as they like
  Result<> failure;
  const Memory memory{core.memory().data(), plan.placed, core.port(), &failure};
  plan.machine->memory = core.memory();
  if (plan.loaded.is_random) plan.machine->kept = Kept();
  for (std::size_t k = 0; k < plan.kernels.size(); ++k) {
    if (plan.kernels[k].prepare) plan.kernels[k].prepare();
    plan.sharing.is_timed() ? time_units(plan, k, memory) : run_units(plan, k, memory);
    if (!failure) return std::move(failure).error().within(program.name);
  }
  plan.sharing.next();
  return {};
}

}  // namespace neuron::sim
