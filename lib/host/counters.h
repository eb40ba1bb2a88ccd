// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "base/result.h"

/// The rows of counters.def as names.
namespace neuron::host {

enum class Status {
#define NEURON_STATUS(name, ...) name,
#include "host/counters.def"
};
enum class DeviceMemory {
#define NEURON_DEVICE_MEMORY(name, ...) name,
#include "host/counters.def"
};
enum class HostMemory {
#define NEURON_HOST_MEMORY(name, ...) name,
#include "host/counters.def"
};

constexpr std::size_t kStatuses = 0
#define NEURON_STATUS(...) +1
#include "host/counters.def"
    ;
constexpr std::size_t kDeviceMemories = 0
#define NEURON_DEVICE_MEMORY(...) +1
#include "host/counters.def"
    ;
constexpr std::size_t kHostMemories = 0
#define NEURON_HOST_MEMORY(...) +1
#include "host/counters.def"
    ;

/// Bytes by category.
struct MemoryUse {
  std::array<std::uint64_t, kDeviceMemories> device{};
  std::array<std::uint64_t, kHostMemories> host{};
  std::uint64_t& operator[](DeviceMemory kind) { return device[static_cast<std::size_t>(kind)]; }
  std::uint64_t& operator[](HostMemory kind) { return host[static_cast<std::size_t>(kind)]; }
};

/// How a failure is counted.
Status status_of(Code code);

}  // namespace neuron::host
