// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <vector>

#include "view/timeline.h"

namespace neuron::view {

/// Answers in constant time which ring a packet came from.
class RingTypes {
 public:
  explicit RingTypes(const Timeline& timeline);
  /// A ring that the trace does not list carries instructions and tables (always ring 14 so far).
  QueueType of(const DmaPacket& packet) const {
    const DmaRing* ring = find(packet);
    return ring ? ring->type : QueueType::Instruction;
  }
  /// Null for a ring that the trace does not list.
  const DmaRing* find(const DmaPacket& packet) const {
    const std::size_t at = index(packet.core, packet.engine, packet.ring);
    return at < rings_.size() ? rings_[at] : nullptr;
  }

 private:
  static std::size_t index(std::size_t core, std::size_t engine, std::size_t ring) {
    return (core * 256 + (engine & 255)) * 16 + (ring & 15);
  }
  std::vector<const DmaRing*> rings_;
};

}  // namespace neuron::view
