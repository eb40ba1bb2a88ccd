// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "cpu/cpu.h"

/// What a CPU node of a package runs: calls of operators over numbered values. It travels as bytes
/// in cpu.params and is the first input of its node.
///   Bytes bytes = cpu::encode(program);
///   auto words = cpu::run(bytes, inputs, outputs);  // on the other side
namespace neuron::cpu {

struct ProgramValue {
  std::string name;
  DType type = DType::Unknown;
  Shape shape;
  bool bounded = false;  ///< the shape is the largest that can be
};
struct Call {
  std::string op;
  std::string name;  ///< of the source model's node, for messages
  std::int64_t opset = 0;
  Attributes attributes;
  std::vector<std::int32_t> inputs;  ///< values; -1 = left out
  std::vector<std::int32_t> outputs;
};
/// An output of the node: a value, or the shape that a bounded one turned out to have.
struct ProgramOutput {
  std::int32_t value = 0;
  bool is_shape = false;
};
struct Program {
  std::vector<ProgramValue> values;
  std::vector<std::int32_t> inputs;  ///< values, in the order of the node's further inputs
  std::vector<ProgramOutput> outputs;
  std::vector<Call> calls;
};

Bytes encode(const Program& program);
/// Nothing where the bytes are no program: every number of a value is in range in the answer.
std::optional<Program> decode(ByteView bytes);

/// Room of an output. A bounded value fills the corner at the origin, the rest is zero.
struct Room {
  const Shape* shape = nullptr;
  std::span<std::byte> bytes;
};
/// The answer is why it failed, in one line.
std::optional<std::string> run(const Program& program, std::span<const Operand> inputs,
                               std::span<const Room> outputs);

}  // namespace neuron::cpu
