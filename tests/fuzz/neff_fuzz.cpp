// SPDX-License-Identifier: Apache-2.0
#include "neff/extract.h"
#include "neff/info.h"
#include "neff/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = neuron::SharedBytes::borrowed(std::as_bytes(std::span(data, size)));
  (void)neuron::neff::verdict_text(neuron::neff::verify(bytes));
  (void)neuron::neff::find_packages(bytes, [](const auto&) { return neuron::Result<>(); });
  if (const auto package = neuron::neff::parse(bytes)) {
    (void)neuron::neff::model_of(*package);
    (void)neuron::neff::info_text(*package, {.weights = true, .spills = true});
    (void)neuron::neff::optimize(*package, false);
  }
  return 0;
}
