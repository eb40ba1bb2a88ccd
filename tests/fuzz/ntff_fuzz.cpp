// SPDX-License-Identifier: Apache-2.0
#include "ntff/ntff.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)neuron::ntff::parse(bytes);
  return 0;
}
