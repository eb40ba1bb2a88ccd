// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/lives.h"

#include <algorithm>

namespace neuron::sim {
namespace {

constexpr std::uint32_t kStretch = 4096;  ///< bytes of a row
constexpr std::uint32_t kStretches = isa::kPartitionStride / kStretch;
constexpr std::size_t kMostRests = 64, kMostEvents = 2048;  ///< that a place is followed through

/// The stretches [first, last] of a region's bytes, those of PSUM behind those of SBUF.
std::pair<std::uint32_t, std::uint32_t> stretches_of(const Region& r) {
  const auto stretch = [](std::uint32_t byte) {
    const std::uint32_t row = byte / isa::kPsumBase, at = byte % isa::kPsumBase;
    return std::min(row, 1u) * kStretches + std::min(at / kStretch, kStretches - 1);
  };
  return {stretch(r.begin), stretch(std::max(r.end, r.begin + 1) - 1)};
}

}  // namespace

Lives::Lives(const std::vector<Touches>& touches) : touches_(&touches), events_(2 * kStretches) {
  for (std::size_t i = 0; i < touches.size(); ++i)
    for (const Touch& t : touches[i]) {
      const auto [first, last] = stretches_of(t.region);
      for (std::uint32_t s = first; s <= last; ++s)
        if (events_[s].empty() || events_[s].back() != i)
          events_[s].push_back(static_cast<std::uint32_t>(i));
    }
}

std::size_t Lives::near(const Region& place, std::size_t first) const {
  const auto [begin, end] = stretches_of(place);
  std::size_t found = touches_->size();
  for (std::uint32_t s = begin; s <= end; ++s) {
    const auto at = std::lower_bound(events_[s].begin(), events_[s].end(), first);
    if (at != events_[s].end()) found = std::min<std::size_t>(found, *at);
  }
  return found;
}

std::size_t Lives::next(const Region& place, std::size_t first) const {
  const auto touched = [&](const Touch& t) { return t.region.overlaps(place); };
  std::size_t event = near(place, first);
  while (event < touches_->size() && std::ranges::none_of((*touches_)[event], touched))
    event = near(place, event + 1);
  return event;
}

bool Lives::dies(const Region& place, std::size_t first) const {
  std::vector<Region> left{place};
  std::size_t seen = 0;
  for (std::size_t event = near(place, first); !left.empty(); event = near(place, event + 1)) {
    if (event == touches_->size()) return true;
    for (const Touch& t : (*touches_)[event])
      if (!t.write && overlaps(left, t.region)) return false;
    for (const Touch& t : (*touches_)[event])
      if (t.whole) left = without(left, t.region);
    if (left.size() > kMostRests || ++seen > kMostEvents) return false;
  }
  return true;
}

}  // namespace neuron::sim
