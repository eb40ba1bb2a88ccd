// SPDX-License-Identifier: Apache-2.0
#include "view/rings.h"

namespace neuron::view {

RingTypes::RingTypes(const Timeline& timeline) {
  for (const DmaRing& ring : timeline.rings) {
    const std::size_t at = index(ring.core, ring.engine, ring.ring);
    if (at >= rings_.size()) rings_.resize(at + 1, nullptr);
    rings_[at] = &ring;
  }
}

}  // namespace neuron::view
