// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>

#include "sim/plan/kernel.h"
#include "sim/plan/region.h"

/// Kernels that wait until somebody needs what they write: it is in the host's caches then.
namespace neuron::sim {

class Late {
 public:
  /// `kernel` does `op`, which touches `touches`.
  void add(Kernel kernel, const bound::tensor_scalar& op, Touches touches) {
    waiting_.push_back({std::move(kernel), &op, std::move(touches)});
  }
  /// What waits to write `place`, and nothing else; null if nothing does.
  const bound::tensor_scalar* find(const Region& place) const;
  /// Forgets it, for somebody else does it; tells what it touches.
  Touches drop(const bound::tensor_scalar& op);
  /// Appends to `kernels` all that must come before an event that touches `touches`.
  void settle(const Touches& touches, std::vector<Kernel>& kernels);
  void settle_all(std::vector<Kernel>& kernels);

 private:
  struct Waiting {
    Kernel kernel;
    const bound::tensor_scalar* op;
    Touches touches;
  };
  std::deque<Waiting> waiting_;
};

}  // namespace neuron::sim
