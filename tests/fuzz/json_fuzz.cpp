// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "base/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto value = neuron::json::parse(bytes)) {
    const std::string text = neuron::json::text_of(*value);
    if (!neuron::json::parse(std::as_bytes(std::span(text)))) std::abort();
  }
  return 0;
}
