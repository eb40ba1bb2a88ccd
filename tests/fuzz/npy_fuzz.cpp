// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "base/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto tensor = neuron::npy::parse(bytes))
    if (!neuron::npy::parse(neuron::npy::bytes_of(*tensor))) std::abort();
  return 0;
}
