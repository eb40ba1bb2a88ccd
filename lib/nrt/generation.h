// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/host.h"
#include "isa/arch.h"

/// Where the generations of programs and of boxes meet.
namespace neuron::nrt {

/// Of the box that a program for `arch` is made for; the newest stands in for later ones.
inline host::Generation generation_of(isa::ArchId arch) {
  if (arch == isa::ArchId::V1) return host::Generation::V1;
  return arch == isa::ArchId::V2 ? host::Generation::V2 : host::Generation::V3;
}

/// Memories of a device of the box: four of the third generation, two of the second, one of the
/// first.
inline std::uint32_t hbms_of(const host::Instance& box) {
  if (box.generation == host::Generation::V1) return 1;
  return box.generation == host::Generation::V2 ? 2 : 4;
}

}  // namespace neuron::nrt
