// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string_view>

namespace neuron::nrt {

/// SHA-256 of the cpu.so that our compiler of this build puts into packages (own_library.cmake).
extern const std::string_view kOwnCpuLibrary;

}  // namespace neuron::nrt
