// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <google/protobuf/text_format.h>
#include <onnx/onnx_pb.h>

#include <string>

#include "compile/constants.h"
#include "tests/catch.h"
#include "tests/unit/compile/reference.h"

/// ONNX models from protobuf's text form, so that a test shows what it reads.
namespace text_model {

inline neuron::Bytes bytes_of(const std::string& text) {
  ::onnx::ModelProto model;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &model));
  const std::string bytes = model.SerializePartialAsString();
  const auto view = neuron::view_of(bytes);
  return {view.begin(), view.end()};
}

/// "dim { dim_value: 1 } dim { dim_value: 3 }".
inline std::string dims(const neuron::Shape& shape) {
  std::string text;
  for (std::int64_t dim : shape) text += " dim { dim_value: " + std::to_string(dim) + " }";
  return text;
}

/// An initializer of noise, or of the given integers.
inline std::string weights(const std::string& name, const neuron::Shape& shape, unsigned seed = 7) {
  std::string text = "initializer { name: '" + name + "' data_type: 1";
  for (std::int64_t dim : shape) text += " dims: " + std::to_string(dim);
  const neuron::Tensor noise = reference::noise(shape, seed);
  for (std::size_t i = 0; i < noise.bytes.size() / 4; ++i)
    text += " float_data: " + std::to_string(neuron::compile::number_at(noise, i));
  return text + " }\n";
}
inline std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string text =
      "initializer { name: '" + name + "' data_type: 7 dims: " + std::to_string(values.size());
  for (std::int64_t value : values) text += " int64_data: " + std::to_string(value);
  return text + " }\n";
}

/// A model with one float32 input `x`, one output `y`, and the rest of the graph as given.
inline std::string model(int opset, const neuron::Shape& x, const std::string& graph) {
  return "ir_version: 8 opset_import { version: " + std::to_string(opset) +
         " } graph { name: 'g' input { name: 'x' type { tensor_type { elem_type: 1 shape {" +
         dims(x) + " } } } } output { name: 'y' }\n" + graph + "}";
}
/// One node of `op` from the named inputs to `y`.
inline std::string node(const std::string& op, const std::vector<std::string>& inputs,
                        const std::string& attributes = "", const std::string& output = "y") {
  std::string text = "node { op_type: '" + op + "' output: '" + output + "'";
  for (const auto& input : inputs) text += " input: '" + input + "'";
  return text + " " + attributes + " }\n";
}
inline std::string ints(const std::string& name, const std::vector<std::int64_t>& values) {
  std::string text = " attribute { name: '" + name + "' type: INTS";
  for (std::int64_t value : values) text += " ints: " + std::to_string(value);
  return text + " }";
}
inline std::string integer(const std::string& name, std::int64_t value) {
  return " attribute { name: '" + name + "' type: INT i: " + std::to_string(value) + " }";
}
inline std::string word(const std::string& name, const std::string& value) {
  return " attribute { name: '" + name + "' type: STRING s: '" + value + "' }";
}

}  // namespace text_model
