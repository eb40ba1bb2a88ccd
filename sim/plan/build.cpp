// SPDX-License-Identifier: Apache-2.0
// From events to kernels.
#include "sim/plan/build.h"

#include "sim/ops/prelude.h"
#include "sim/plan/order.h"

namespace neuron::sim {
namespace {

template <class Op>
concept NoValues = std::is_same_v<Op, std::monostate> ||
    std::is_same_v<Op, bound::event_semaphore> || std::is_same_v<Op, bound::nop> ||
    std::is_same_v<Op, bound::notify> || std::is_same_v<Op, bound::set_ordering_mode> ||
    std::is_same_v<Op, bound::start_marker> || std::is_same_v<Op, bound::act_table_load> ||
    std::is_same_v<Op, bound::pseudo_dma_trigger> || std::is_same_v<Op, bound::pseudo_dma_direct2d>;

class Builder {
 public:
  Builder(Plan& plan, std::span<const ByteView> constants) : plan_(plan), constants_(constants) {}

  Result<> run() {
    const auto order = TRY(order_of(plan_.loaded));
    for (const Event& event : order)
      if (event.transfer)
        transfer(*event.transfer);
      else
        std::visit([&](const auto& op) { instruction(op); }, event.step->op);
    return {};
  }

 private:
  void transfer(const Transfer& t) {
    plan_.kernels.push_back(
        {[&t](const Memory& m, Worker&, unsigned, unsigned) { run_transfer(t, m.variables); }});
  }

  template <class Op>
  void instruction(const Op& op) {
    if constexpr (!NoValues<Op>)
      plan_.kernels.push_back(
          {[&op](const Memory&, Worker& w, unsigned, unsigned) { execute(*w.machine, op); }});
  }

  Plan& plan_;
  std::span<const ByteView> constants_;
};

}  // namespace

Result<> build_kernels(Plan& plan, std::span<const ByteView> constants) {
  return Builder(plan, constants).run();
}

}  // namespace neuron::sim
