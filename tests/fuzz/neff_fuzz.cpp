// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto package = neuron::neff::parse(bytes)) {
    (void)neuron::neff::model_of(*package);
    (void)neuron::neff::info_text(*package, {.weights = true, .spills = true});
    (void)neuron::neff::optimize(*package, false);
  }
  return 0;
}
