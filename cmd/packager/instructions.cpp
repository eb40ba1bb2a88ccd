// SPDX-License-Identifier: Apache-2.0
#include "cmd/packager/instructions.h"

#include "isa/arch.h"
#include "isa/isa.h"

// lib/neff and lib/isa do not see each other; this is where the packager's commands join them.
namespace neuron::cmd {
namespace {

using neff::Access;
using neff::InstructionFacts;

constexpr std::uint32_t kVariable = 0x10, kTableEntry = 0x20;  // top byte of a D4 operand

/// One side of PSEUDO_DMA_DIRECT2D; nothing for kinds that are not understood.
std::optional<Access> access_of(std::uint32_t operand, std::uint32_t offset,
                                std::array<std::uint64_t, 2> steps,
                                std::array<std::uint64_t, 2> counts, std::uint64_t element) {
  const auto kind = operand >> 24;
  if (kind != kVariable && kind != kTableEntry) return std::nullopt;
  Access a{kind == kTableEntry, operand & 0xffffff, offset, std::int64_t{offset} - 1};
  if (counts[0] == 0 || counts[1] == 0 || element == 0) return a;
  a.last = static_cast<std::int64_t>(offset + (counts[0] - 1) * steps[0] +
                                     (counts[1] - 1) * steps[1] + element - 1);
  return a;
}

void add_direct(InstructionFacts& facts, const isa::pseudo_dma_direct2d& op) {
  facts.needs_dynamic_queue = true;
  facts.signals[1] = neff::Signal{op.semaphore, op.increment};
  facts.accesses[0] = access_of(op.src_variable, op.src_offset, {op.src_step0, op.src_step1},
                                {op.src_num0, op.src_num1}, op.src_element);
  facts.accesses[1] = access_of(op.dst_variable, op.dst_offset, {op.dst_step0, op.dst_step1},
                                {op.dst_num0, op.dst_num1}, op.dst_element);
}

unsigned engine_bit(std::string_view token) {
  for (int i = 0; i < isa::kEngines; ++i)
    if (token == isa::info(static_cast<isa::Engine>(i)).token) return 1u << i;
  return 0;
}

}  // namespace

std::optional<InstructionFacts> read_instruction(std::string_view target, std::string_view engine,
                                                 ByteView word) {
  if (!isa::arch_of_kelf_target(target)) return std::nullopt;
  InstructionFacts facts;
  const auto opcode = std::to_integer<std::uint8_t>(word[0]);
  const isa::OpInfo* row = isa::find_op(opcode);
  facts.name = row ? row->text : fmt::format("0x{:02x}", opcode);
  facts.wrong_engine = row && (row->engines & engine_bit(engine)) == 0;
  // Waits and signals lie at the same place in all instructions, known or not.
  const auto byte = [&](std::size_t at) { return std::to_integer<std::uint8_t>(word[at]); };
  if (byte(4) == isa::kWaitGreaterEqual)
    facts.waits[0] = neff::Signal{byte(5), load<std::uint32_t>(word, 8)};
  if (byte(6) == isa::kIncrement) facts.signals[0] = neff::Signal{byte(7), 1};
  const auto decoded = isa::decode_one(word);
  if (!decoded) {
    const std::string& why = decoded.error().message;
    facts.unknown = why.substr(0, why.rfind(": "));  // the bytes stand in the member
    return facts;
  }
  if (const auto* event = std::get_if<isa::event_semaphore>(&decoded->op);
      event && event->second_wait_mode == isa::kWaitGreaterEqual)
    facts.waits[1] = neff::Signal{event->second_wait_semaphore, event->second_wait_value};
  if (const auto* trigger = std::get_if<isa::pseudo_dma_trigger>(&decoded->op))
    facts.starts = neff::Started{trigger->queue, trigger->dma_id};
  if (const auto* direct = std::get_if<isa::pseudo_dma_direct2d>(&decoded->op))
    add_direct(facts, *direct);
  if (const auto* indirect = std::get_if<isa::dma_indirect>(&decoded->op)) {
    facts.needs_dynamic_queue = true;
    facts.signals[1] = neff::Signal{indirect->semaphore, indirect->increment};
  }
  return facts;
}

}  // namespace neuron::cmd
