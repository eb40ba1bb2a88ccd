// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/late.h"

#include <algorithm>

namespace neuron::sim {

// What waits never depends on what else waits: the later one would have settled the earlier.
void Late::settle(const Touches& touches, std::vector<Kernel>& kernels) {
  std::erase_if(waiting_, [&](Waiting& w) {
    if (!in_order(w.touches, touches)) return false;
    kernels.push_back(std::move(w.kernel));
    return true;
  });
}

const bound::tensor_scalar* Late::find(const Region& place) const {
  for (const Waiting& w : waiting_) {
    const Region to = region_of(w.op->dst);
    if (to.contains(place) && place.contains(to)) return w.op;
  }
  return nullptr;
}
Touches Late::drop(const bound::tensor_scalar& op) {
  Touches touches;
  std::erase_if(waiting_, [&](Waiting& w) {
    if (w.op != &op) return false;
    touches = std::move(w.touches);
    return true;
  });
  return touches;
}

void Late::settle_all(std::vector<Kernel>& kernels) {
  for (Waiting& w : waiting_) kernels.push_back(std::move(w.kernel));
  waiting_.clear();
}

}  // namespace neuron::sim
