// SPDX-License-Identifier: Apache-2.0
#include "compile/checkpoint.h"
#include "compile/import/mxnet.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  namespace mxnet = neuron::compile::mxnet;
  const auto bytes = std::as_bytes(std::span(data, size));
  if (mxnet::is_params(bytes)) return (void)mxnet::read_params(bytes), 0;
  neuron::Tensor package{neuron::DType::UInt8, {1}, neuron::Bytes(1)};
  (void)mxnet::checkpoint_of(bytes, {{"arg:package", std::move(package)}});
  neuron::compile::onnx::Options options;
  options.io.inputs["data"] = {{1, 3, 8, 8}, neuron::DType::Float32};
  if (const auto graph = mxnet::parse(bytes, {}, options)) (void)neuron::compile::verify(*graph);
  return 0;
}
