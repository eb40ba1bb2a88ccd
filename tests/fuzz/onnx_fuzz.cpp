// SPDX-License-Identifier: Apache-2.0
#include "compile/import/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto graph = neuron::compile::onnx::parse(bytes, {}))
    (void)neuron::compile::verify(*graph);
  return 0;
}
