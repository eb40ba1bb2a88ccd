// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/sharing.h"

#include <algorithm>

namespace neuron::sim {
namespace {

constexpr double kWorthSharing = 10000;  ///< nanoseconds that other threads are called for

template <typename Times>
double middle(Times times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

Sharing::Sharing(const std::vector<double>& costs) {
  for (const double cost : costs) {
    const bool is_large = cost > kWorthSharing;
    kernels_.push_back({is_large, is_large, {}});
  }
}

bool Sharing::is_shared(std::size_t kernel) const {
  const Kernel& k = kernels_[kernel];
  return way_ == kFaster ? k.is_faster : way_ == kLarge && k.is_large;
}

void Sharing::took(std::size_t kernel, double ns) {
  kernels_[kernel].took[way_][timed() % kTimes] = ns;
}

Sharing::Times Sharing::all_took(Way way) const {
  Times all{};
  for (const Kernel& k : kernels_)
    for (unsigned i = 0; i < kTimes; ++i) all[i] += k.took[way][i];
  return all;
}

void Sharing::next() {
  const bool was_timed = is_timed();
  if (was_timed || execution_ < kUntimed) ++execution_;
  if (!was_timed) return;
  if (is_timed()) {
    way_ = static_cast<Way>(timed() / kTimes);
    for (Kernel& k : kernels_)
      k.is_faster = k.is_large && middle(k.took[kLarge]) < middle(k.took[kAlone]);
    return;
  }
  for (const Way way : {kLarge, kAlone})
    if (middle(all_took(way)) < middle(all_took(way_))) way_ = way;
}

}  // namespace neuron::sim
