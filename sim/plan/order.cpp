// SPDX-License-Identifier: Apache-2.0
// Engine after engine, each as far as it gets; transfers happen when they are started.
#include "sim/plan/order.h"

namespace neuron::sim {
namespace {

using isa::kEngines;

struct Front {
  const Loaded& loaded;
  std::array<std::size_t, kEngines> pc{};
  std::array<std::uint64_t, 256> semaphores{};

  bool ready(int e) const {
    if (pc[e] == loaded.steps[e].size()) return false;
    const Step& s = loaded.steps[e][pc[e]];
    for (int w = 0; w < s.wait_count; ++w)
      if (semaphores[s.waits[w].semaphore.value] < s.waits[w].value) return false;
    return true;
  }
  void advance(int e, std::vector<Event>& order) {
    const Step& s = loaded.steps[e][pc[e]++];
    order.push_back({&s, nullptr});
    if (s.transfer >= 0) {
      const Transfer& t = loaded.transfers[static_cast<std::size_t>(s.transfer)];
      order.push_back({nullptr, &t, std::get_if<bound::dma_indirect>(&s.op)});
      semaphores[t.semaphore.value] += t.increment;
    }
    if (s.updates) ++semaphores[s.update.value];
  }
};

}  // namespace

Result<std::vector<Event>> order_of(const Loaded& loaded) {
  Front front{loaded};
  std::vector<Event> order;
  std::size_t steps = 0;
  for (const auto& stream : loaded.steps) steps += stream.size();
  order.reserve(steps + steps / 4);
  for (const std::size_t i : loaded.at_load) order.push_back({nullptr, &loaded.transfers[i]});
  for (bool moved = true; moved;) {
    moved = false;
    for (int e = 0; e < kEngines; ++e)
      for (; front.ready(e); moved = true) front.advance(e, order);
  }
  for (int e = 0; e < kEngines; ++e)
    if (front.pc[e] != loaded.steps[e].size())
      return fail(Code::ExecutionFault, "deadlock: {} pc {} waits for what never comes",
                  isa::info(static_cast<isa::Engine>(e)).shown, front.pc[e]);
  return order;
}

}  // namespace neuron::sim
