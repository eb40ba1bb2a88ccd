// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cpu/attribute.h"

/// Operators of ONNX on the CPU, for what a NeuronCore cannot do: other element types, results
/// whose shape depends on data, operators that its engines lack. The compiler asks for shapes and
/// computes constants with it; as cpu.so it travels in packages (border.cpp), so it needs nothing
/// but base's numbers and the C++ library. For the same reason its failures are exceptions of one
/// type that never leave it: run() and infer() catch them.
///   Step step{.attributes = {{"axis", 0}}, .inputs = {&x}, .outputs = 1};
///   if (auto words = cpu::run("Softmax", step)) ...  // failed, and why
namespace neuron::cpu {

/// An input: a form, and bytes that somebody else owns. Without bytes only its form is known.
struct Operand {
  DType type = DType::Unknown;
  Shape shape;
  ByteView bytes;
  bool known = true;  ///< bytes are there
};

/// One call of an operator. Attributes and optional inputs are those of the opset; what newer
/// opsets take from inputs may be given as attributes, as the compiler's graph does.
struct Step {
  std::string_view op = {};  ///< run() sets it
  const Attributes& attributes;
  std::int64_t opset = 0;
  std::vector<const Operand*> inputs = {};  ///< null = left out
  std::size_t outputs = 1;
  std::vector<DType> types = {};   ///< of the outputs where the caller knows them, else Unknown
  std::vector<Shape> shapes = {};  ///< likewise, for what only the caller can know (Reshape)
  bool only_forms = false;         ///< outputs get type and shape, no bytes

  std::vector<Tensor> out = {};  ///< the answer
  /// only_forms: outputs and axes whose size is the most that it can be; the data tell it.
  std::vector<std::pair<std::size_t, std::size_t>> open = {};
};

/// A row of operators.def.
struct Operator {
  std::string_view name;
  std::size_t min_inputs, max_inputs, max_outputs;
  void (*kernel)(Step&);
  std::uint32_t shaping;  ///< bit i: the values of input i decide the shape of the result
};
const Operator* find(std::string_view name);
const std::vector<Operator>& operators();

/// Fills step.out; the answer is why it could not, in one line.
std::optional<std::string> run(std::string_view name, Step& step);

}  // namespace neuron::cpu
