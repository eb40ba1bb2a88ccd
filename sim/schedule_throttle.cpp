// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule_throttle.h"

namespace neuron::sim {
namespace {
constexpr Ps kWindow = 3'413'328;      // 4096 cycles at 1.2 GHz, as traces show them
constexpr double kWarmColumns = 3072;  // traces: 3021 stayed cold, 3072 went warm
constexpr std::uint32_t kFull = 8, kHalf = 4;
}  // namespace

void Throttle::advance(std::uint64_t window) {
  while (window_ < window) {
    const bool next = streamed_ >= kWarmColumns;
    ++window_;
    streamed_ = 0;
    if (next != warm_) changes_.push_back({window_ * kWindow, next ? kFull : kHalf, kFull});
    warm_ = next;
    if (!warm_) window_ = window;  // idle windows stay cold
  }
}

double Throttle::ghz_at(Ps now) {
  if (!throttles_) return full_ghz_;
  advance(now / kWindow);
  return warm_ ? full_ghz_ : full_ghz_ / 2;
}

Ps Throttle::stream(Ps begin, double columns) {
  if (!throttles_) return begin + ps_of(columns / full_ghz_);
  Ps now = begin;
  while (true) {
    const double ghz = ghz_at(now);
    const Ps boundary = (now / kWindow + 1) * kWindow;
    const Ps end = now + ps_of(columns / ghz);
    if (end <= boundary) {
      streamed_ += columns;
      return end;
    }
    const double part = static_cast<double>(boundary - now) / 1000 * ghz;
    streamed_ += part;
    columns -= part;
    now = boundary;
  }
}

}  // namespace neuron::sim
