// SPDX-License-Identifier: Apache-2.0
// Instructions as the official profiler prints them; the forms are those of public profile exports:
//   S[4] (Scalar)>=292 S[4] (Scalar)++@complete acc_flags=3 src=fp16@0x5600[1,0,0][3,1,1] 3*128
#include "isa/isa.h"

namespace neuron::isa {
namespace {

std::string pattern_text(const Pattern& p, int dims) {
  std::string steps, nums;
  for (int d = 0; d < dims; ++d) {
    steps += fmt::format("{}{}", d ? "," : "", p.steps[d]);
    nums += fmt::format("{}{}", d ? "," : "", p.nums[d]);
  }
  return fmt::format("0x{:x}[{}][{}]", p.start, steps, nums);
}

struct FieldWriter {
  std::string out;
  template <class T>
  void put(const char* field, const T& value) {
    fmt::format_to(std::back_inserter(out), " {}={}", field, value);
  }
};

#define U8(field, at) w.put(#field, op.field);
#define U16(field, at) w.put(#field, op.field);
#define U32(field, at) w.put(#field, fmt::format("0x{:x}", op.field));
#define F32(field, at) w.put(#field, op.field);
#define TYPE(field, at) w.put(#field, info(op.field).shown);
#define TYPE_LOW(field, at) w.put(#field, info(op.field).shown);
#define TYPE_HIGH(field, at) w.put(#field, info(op.field).shown);
#define ALU(field, at) w.put(#field, text_of(op.field));
#define ACT(field, at) w.put(#field, text_of(op.field));
#define AP3(field, at) w.put(#field, pattern_text(op.field, 3));
#define AP4(field, at) w.put(#field, pattern_text(op.field, 4));
#define NAME(field, at) w.put(#field, op.field);
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  [[maybe_unused]] void fields_text([[maybe_unused]] const name& op,             \
                                    [[maybe_unused]] FieldWriter& w) {           \
    operands                                                                     \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

std::string sync_text(const Instruction& i) {
  std::string out;
  if (i.sync.wait_mode != kNoWait)
    out += fmt::format(" S[{}]>={}", i.sync.wait_semaphore, i.sync.wait_value);
  if (const auto* e = std::get_if<event_semaphore>(&i.op); e && e->second_wait_mode != kNoWait)
    out += fmt::format(" S[{}]>={}", e->second_wait_semaphore, e->second_wait_value);
  if (i.sync.update_mode != kNoUpdate)
    out += fmt::format(" S[{}]++@complete", i.sync.update_semaphore);
  return out;
}

}  // namespace

std::string operands_of(const Instruction& instruction) {
  FieldWriter w{sync_text(instruction)};
  std::visit(
      [&](const auto& op) {
        using Op = std::decay_t<decltype(op)>;
        if constexpr (!std::is_same_v<Op, std::monostate> && !std::is_same_v<Op, event_semaphore>)
          fields_text(op, w);
      },
      instruction.op);
  return w.out.empty() ? w.out : w.out.substr(1);
}

std::string text_of(const Instruction& instruction) {
  const OpInfo* row = find_op(opcode_of(instruction));
  return fmt::format("{:<20} {}", row ? row->text : "UNKNOWN", operands_of(instruction));
}

}  // namespace neuron::isa
