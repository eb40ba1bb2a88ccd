// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule_throttle.h"

namespace neuron::sim {
namespace {
constexpr Ps kWindow = kThrottleWindowPs;
constexpr double kWarmColumns = 3072;  // traces: 3021 stayed cold, 3072 went warm
constexpr std::uint32_t kFull = 8, kHalf = 4;
}  // namespace

void Throttle::advance(std::uint64_t window) {
  while (window_ < window) {
    const bool next = streamed_ >= kWarmColumns, warm = share_ == 1;
    ++window_;
    streamed_ = 0;
    if (next != warm)
      changes_.push_back({window_ * kWindow - clock_.phase_ps, next ? kFull : kHalf, kFull});
    share_ = next ? 1 : 0.5;
    if (!next) window_ = window;  // idle windows stay cold
  }
}

void Throttle::follow(Ps now) {
  const auto& given = *clock_.changes;
  while (changes_.size() < given.size() && given[changes_.size()].at_ps <= now) {
    changes_.push_back(given[changes_.size()]);
    share_ = static_cast<double>(changes_.back().k) / changes_.back().n;
  }
}

Ps Throttle::boundary(Ps now) const {
  if (!clock_.changes) {
    const Ps at = now + clock_.phase_ps;
    return (at / kWindow + 1) * kWindow - clock_.phase_ps;
  }
  const auto& given = *clock_.changes;
  return changes_.size() < given.size() ? given[changes_.size()].at_ps : UINT64_MAX;
}

double Throttle::ghz_at(Ps now) {
  if (!throttles_) return full_ghz_;
  if (clock_.changes)
    follow(now);
  else
    advance((now + clock_.phase_ps) / kWindow);
  return full_ghz_ * share_;
}

Ps Throttle::stream(Ps begin, double columns) {
  if (!throttles_) return begin + ps_of(columns / full_ghz_);
  Ps now = begin;
  while (true) {
    const double ghz = ghz_at(now);
    const Ps change = boundary(now);
    const Ps end = now + ps_of(columns / ghz);
    if (end <= change) {
      streamed_ += columns;
      return end;
    }
    const double part = static_cast<double>(change - now) / 1000 * ghz;
    streamed_ += part;
    columns -= part;
    now = change;
  }
}

}  // namespace neuron::sim
