// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow.h"
#include "compile/import/tensorflow/bundle.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  if (const auto graph = neuron::compile::tensorflow::parse(bytes, {}))
    (void)neuron::compile::verify(*graph);
  (void)neuron::compile::tensorflow::read_table(bytes);
  return 0;
}
