// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string_view>

#include "base/result.h"

/// The simulated box: which instance type it is. Ownership of cores and the counters that ls, top
/// and monitor read will stand here too.
///   auto box = TRY(host::instance());
///   fmt::print("{}: {} devices\n", box->type, box->devices);
namespace neuron::host {

enum class Generation { V2, V3 };  ///< NeuronCore generation of the box's devices

struct Instance {
  const char* type;  ///< "trn2.48xlarge"
  Generation generation;
  std::uint32_t devices, cores_per_device;  ///< physical cores
  std::uint64_t device_memory_bytes;
  std::uint32_t family, size;  ///< numbers of nrt_instance_info_t
  std::uint32_t cores() const { return devices * cores_per_device; }
};

/// The row that NEURON_SIM_INSTANCE names; NotFound with the nearest types when it names none.
/// Unset, null: the runtime then counts the cores of the largest Trn2 box and takes packages of
/// every generation.
Result<const Instance*> instance();
const Instance* find_instance(std::string_view type);
/// The largest box of a generation.
const Instance& default_instance(Generation generation);

}  // namespace neuron::host
