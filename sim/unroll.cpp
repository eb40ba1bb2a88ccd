// SPDX-License-Identifier: Apache-2.0
#include "sim/unroll.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/registers.h"

namespace neuron::sim {
namespace {

template <class Op>
bool any_is(const std::vector<Step>& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& s) { return std::holds_alternative<Op>(s.op); });
}

/// Walks through the stream of one engine.
class Walk {
 public:
  Walk(Loaded& loaded, std::size_t engine) : loaded_(loaded), engine_(engine) {
    is_known_.fill(true);
  }

  /// False when the way depends on data.
  Result<bool> run() {
    const auto& steps = loaded_.steps[engine_];
    for (std::size_t pc = 0; pc < steps.size();) {
      if (out_.path.size() == kMostSteps) return false;
      Step step = steps[pc];
      const std::size_t next = next_of(step, pc);
      if (!is_fixed_) return false;
      if (next <= pc) TRY(check_progress(pc));
      const int source = step.source_register;
      if (source >= 0 && is_known_[static_cast<std::size_t>(source)])
        TRY(fix_source(loaded_, step, registers_[static_cast<std::size_t>(source)], first_transfer_,
                       out_));
      out_.steps.push_back(std::move(step));
      out_.path.push_back(static_cast<std::uint32_t>(pc));
      pc = next;
    }
    return true;
  }
  void apply() { lay_out(loaded_, engine_, std::move(out_)); }
  std::size_t transfers() const { return out_.transfers.size(); }
  /// Where this walk's transfers will stand.
  void set_first_transfer(std::size_t first) { first_transfer_ = first; }

 private:
  std::size_t next_of(Step& step, std::size_t pc) {
    std::size_t next = pc + 1;
    if (const auto* in = std::get_if<bound::register_alu>(&step.op)) {
      is_known_[in->dst_register] = is_known_[in->src_register];
      registers_[in->dst_register] = result_of(*in, registers_);
    } else if (const auto* in = std::get_if<bound::register_op>(&step.op)) {
      const bool replaces = in->op == 0;  // Set: what stood there does not matter
      is_known_[in->dst_register] = (replaces || is_known_[in->src_register]) &&
                                    knows(in->takes_immediate, in->other_register);
      registers_[in->dst_register] = result_of(*in, registers_);
    } else if (const auto* in = std::get_if<bound::tensor_load>(&step.op)) {
      is_known_[in->dst_register] = false;
    } else if (const auto* in = std::get_if<bound::compare_branch>(&step.op)) {
      is_fixed_ = in->condition == 0 ||
                  (is_known_[in->src_register] && knows(in->takes_immediate, in->other_register));
      if (is_taken(*in, registers_)) next = in->target;
    } else if (const auto* in = std::get_if<bound::wait_register>(&step.op)) {
      is_fixed_ = is_known_[in->src_register];
      step.waits[step.wait_count++] = {{in->semaphore}, registers_[in->src_register]};
    }
    return next;
  }
  /// A branch back with the registers of the last time will come back for ever.
  Result<> check_progress(std::size_t pc) {
    const auto [last, is_first] = at_branch_.try_emplace(pc, registers_);
    if (!is_first && std::exchange(last->second, registers_) == registers_)
      return fail(Code::ExecutionFault, "pc {}: the branch is taken for ever: a loop without end",
                  pc);
    return {};
  }
  bool knows(unsigned takes_immediate, std::uint8_t other) const {
    return takes_immediate != 0 || is_known_[other];
  }

  Loaded& loaded_;
  std::size_t engine_, first_transfer_ = 0;
  Registers registers_{};
  std::array<bool, kRegisters> is_known_{};
  bool is_fixed_ = true;
  std::map<std::size_t, Registers> at_branch_;  ///< as they were when it was taken last
  LaidOut out_;
};

}  // namespace

Result<> fix_source(const Loaded& loaded, Step& step, std::int64_t offset, std::size_t first,
                    LaidOut& out) {
  if (step.source_register < 0) return {};
  Transfer t = loaded.transfers[static_cast<std::size_t>(step.transfer)];
  t.descriptors[0].from[0].offset = offset;
  TRY(check_transfer(t, loaded.program));
  step.source_register = -1;
  step.transfer = static_cast<std::int32_t>(first + out.transfers.size());
  out.transfers.push_back(std::move(t));
  return {};
}

void lay_out(Loaded& loaded, std::size_t engine, LaidOut out) {
  auto& stream = loaded.program.streams[engine];
  std::vector<isa::Instruction> walked;
  walked.reserve(out.path.size());
  for (const std::uint32_t pc : out.path) walked.push_back(stream[pc]);
  stream = std::move(walked);
  loaded.steps[engine] = std::move(out.steps);
  loaded.program.path[engine] = std::move(out.path);
  loaded.transfers.insert(loaded.transfers.end(), out.transfers.begin(), out.transfers.end());
}

Result<> unroll(Loaded& loaded) {
  std::vector<Walk> walks;
  std::size_t transfers = loaded.transfers.size();
  for (std::size_t e = 0; e < isa::kEngines; ++e) {
    const auto& steps = loaded.steps[e];
    if (!any_is<bound::compare_branch>(steps) && !any_is<bound::wait_register>(steps)) continue;
    Walk& walk = walks.emplace_back(loaded, e);
    walk.set_first_transfer(transfers);
    const bool fixed = TRY(walk.run().within(isa::info(static_cast<isa::Engine>(e)).shown));
    loaded.has_branches |= !fixed;
    transfers += walk.transfers();
  }
  // Half a program laid out would be of no use.
  if (loaded.has_branches) {
    loaded.is_dynamic = true;
    return {};
  }
  for (Walk& walk : walks) walk.apply();
  return {};
}

}  // namespace neuron::sim
