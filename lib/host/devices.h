// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/host.h"

namespace neuron::host {

/// Where a device of an instance sits.
struct Device {
  std::uint32_t index = 0;
  std::string pci;                       ///< "0000:cc:00.0"
  std::string cpus;                      ///< "48-95,144-191"
  int numa_node = -1;                    ///< -1: the machine has one
  std::vector<std::uint32_t> connected;  ///< in the order that neuron-ls prints
};
std::vector<Device> devices_of(const Instance& instance);

/// What neuron-monitor and the sysfs tree call things of a generation.
struct GenerationNames {
  const char* device_type;     ///< "trainium2"
  const char* device_version;  ///< "v4"
  const char* core_version;    ///< "v3d" where logical cores have two physical ones
  const char* core_type;       ///< "NCv3", as arch_type
  const char* device_name;     ///< "Trainium2"
};
GenerationNames names_of(const Instance& instance, std::uint32_t lnc);

}  // namespace neuron::host
