// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "sim/plan/region.h"

/// How long what lies in SBUF and PSUM is needed.
namespace neuron::sim {

class Lives {
 public:
  Lives() = default;
  /// `touches` of each event, in their order; they outlive this.
  explicit Lives(const std::vector<Touches>& touches);
  /// Whether nothing reads any of `place` from event `first` on before it is written anew. False
  /// too when that is too far away to see.
  bool dies(const Region& place, std::size_t first) const;
  /// The event that touches some of `place` first, from `first` on; the number of events if none
  /// does.
  std::size_t next(const Region& place, std::size_t first) const;

 private:
  /// The same for the stretches of the place: some of them, maybe not the place itself.
  std::size_t near(const Region& place, std::size_t first) const;

  const std::vector<Touches>* touches_ = nullptr;
  std::vector<std::vector<std::uint32_t>> events_;  ///< that touch each stretch of the rows
};

}  // namespace neuron::sim
