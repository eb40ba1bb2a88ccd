// SPDX-License-Identifier: Apache-2.0
#include "sim/interpreter.h"

#include "base/bytes.h"
#include "sim/ops/prelude.h"

namespace neuron::sim {

namespace {
constexpr std::uint64_t kMostSteps = std::uint64_t{1} << 28;  ///< beyond, a loop has no end
}

Interpreter::Interpreter(const Loaded& loaded, std::span<std::byte> memory,
                         std::vector<std::span<std::byte>> variables)
    : loaded_(loaded),
      machine_(memory, loaded.longest_row),
      variables_(std::move(variables)),
      pending_(loaded.program.queues.size()) {}

std::uint64_t Interpreter::arrived(std::uint32_t barrier) const {
  const auto found = arrived_.find(barrier);
  return found == arrived_.end() ? 0 : found->second;
}

bool Interpreter::ready(int e) {
  if (at_end(e)) return false;
  const Step& s = loaded_.steps[e][pc_[e]];
  for (int w = 0; w < s.wait_count; ++w)
    if (semaphores_[s.waits[w].semaphore.value] < s.waits[w].value) return false;
  if (const auto* wait = register_wait(s))
    if (semaphores_[wait->semaphore] < register_of(e, wait->src_register)) return false;
  const auto* barrier = std::get_if<bound::pseudo_core_barrier>(&s.op);
  if (barrier == nullptr || peer_ == nullptr) return true;
  if (!std::exchange(at_barrier_[e], true)) ++arrived_[barrier->id];
  return peer_->arrived(barrier->id) >= arrived(barrier->id);
}

Result<> Interpreter::step(int e) {
  const Step& s = loaded_.steps[e][pc_[e]];
  if (rounding_) machine_.rounding = &rounding_->of_engine[static_cast<std::size_t>(e)];
  if (computes_)
    std::visit(
        [&](const auto& op) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(op)>, std::monostate>)
            execute(machine_, op);
        },
        s.op);
  if (++steps_ > kMostSteps)
    return fail(Code::ExecutionFault, "{} pc {}: more than {} instructions: a loop without end?",
                isa::info(static_cast<isa::Engine>(e)).shown, pc_[e], kMostSteps);
  if (s.transfer >= 0)
    TRY(start_transfer(e, s).within(
        fmt::format("{} pc {}", isa::info(static_cast<isa::Engine>(e)).shown, pc_[e])));
  if (s.updates) ++semaphores_[s.update.value];
  at_barrier_[e] = false;
  run_register(e, s);
  return {};
}

/// What the sequencer itself does, and which instruction comes next.
void Interpreter::run_register(int e, const Step& s) {
  Registers& r = registers_[static_cast<std::size_t>(e)];
  std::size_t next = pc_[e] + 1;
  if (const auto* in = std::get_if<bound::tensor_load>(&s.op)) {
    r[in->dst_register] = neuron::load<std::uint32_t>(ByteView(machine_.memory), in->address);
  } else if (const auto* in = std::get_if<bound::tensor_store>(&s.op)) {
    neuron::store(machine_.memory, in->address, r[in->src_register]);
  } else if (const auto* in = std::get_if<bound::register_alu>(&s.op)) {
    r[in->dst_register] = result_of(*in, r);
  } else if (const auto* in = std::get_if<bound::register_op>(&s.op)) {
    r[in->dst_register] = result_of(*in, r);
  } else if (const auto* in = std::get_if<bound::compare_branch>(&s.op)) {
    // Streams that were laid out have no other way.
    if (loaded_.has_branches && is_taken(*in, r)) next = in->target;
  }
  pc_[e] = next;
}

/// Addresses from registers and indices are checked here: only now are they known.
Result<> Interpreter::start_transfer(int e, const Step& s) {
  Pending p{loaded_.transfers[static_cast<std::size_t>(s.transfer)], static_cast<isa::Engine>(e),
            pc(e)};
  if (s.source_register >= 0) {
    p.transfer.descriptors[0].from[0].offset =
        registers_[static_cast<std::size_t>(e)][static_cast<std::size_t>(s.source_register)];
    TRY(check_transfer(p.transfer, loaded_.program));
  }
  if (const auto* in = std::get_if<bound::dma_indirect>(&s.op))
    TRY(find_rows(*in, machine_.memory, loaded_.program, p.transfer).within("DMA_INDIRECT"));
  const std::size_t queue = p.transfer.queue.value;
  pending_[queue].push_back(std::move(p));
  return {};
}

const Pending* Interpreter::next_transfer(std::size_t queue) const {
  return pending_[queue].empty() ? nullptr : &pending_[queue].front();
}

Result<> Interpreter::finish_one(std::size_t queue) {
  const Transfer& t = pending_[queue].front().transfer;
  if (t.collective)
    TRY(run_collective(t, variables_, port_));
  else if (computes_)
    run_transfer(t, variables_);
  semaphores_[t.semaphore.value] += t.increment;
  pending_[queue].pop_front();
  return {};
}

std::string Interpreter::waiting() const {
  std::string out;
  for (int e = 0; e < isa::kEngines; ++e) {
    if (at_end(e)) continue;
    const Step& s = loaded_.steps[e][pc_[e]];
    out += fmt::format("{}{} pc {} waits for", out.empty() ? "" : "; ",
                       isa::info(static_cast<isa::Engine>(e)).shown, pc_[e]);
    for (int w = 0; w < s.wait_count; ++w) {
      const auto [semaphore, value] = s.waits[w];
      if (semaphores_[semaphore.value] < value)
        out +=
            fmt::format(" S[{}]>={} (is {})", semaphore.value, value, semaphores_[semaphore.value]);
    }
    if (const auto* wait = register_wait(s))
      out += fmt::format(" S[{}]>=R[{}], {} (is {})", wait->semaphore, wait->src_register,
                         register_of(e, wait->src_register), semaphores_[wait->semaphore]);
    if (at_barrier_[e]) out += " the other core";
  }
  return out;
}

}  // namespace neuron::sim
