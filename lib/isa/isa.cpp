// SPDX-License-Identifier: Apache-2.0
// The tables of the instruction set, and bytes to structs and back.
#include "isa/isa.h"

#include <algorithm>

#include "isa/cost.h"

namespace neuron::isa {
namespace {

constexpr EngineInfo kEngineRows[] = {
#define NEURON_ENGINE(name, index, token, file, shown) {Engine::name, token, file, shown},
#include "isa/engines.def"
#undef NEURON_ENGINE
};

constexpr unsigned bit(Engine engine) { return 1u << static_cast<unsigned>(engine); }
constexpr unsigned ON_TENSOR = bit(Engine::Tensor);
constexpr unsigned ON_SCALAR = bit(Engine::Scalar);
constexpr unsigned ON_VECTOR = bit(Engine::Vector);
constexpr unsigned ON_GPSIMD = bit(Engine::Gpsimd);
constexpr unsigned ON_ELEMENTWISE = bit(Engine::Scalar) | bit(Engine::Vector) | bit(Engine::Gpsimd);
constexpr unsigned ON_ANY = (1u << kEngines) - 1;

constexpr OpInfo kOps[] = {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  {code, #name, text, engines, CostKind::cost, Evidence::evidence, sentence},
#include "isa/isa.def"
#undef NEURON_OP
};
static_assert(std::is_sorted(std::begin(kOps), std::end(kOps),
                             [](const OpInfo& a, const OpInfo& b) { return a.opcode <= b.opcode; }),
              "opcodes are unique and ascend");

struct CodeText {
  unsigned code;
  const char* text;
};
constexpr CodeText kAlus[] = {
#define NEURON_ALU(name, code, shown, evidence, value) {code, shown},
#include "isa/alu.def"
#undef NEURON_ALU
};
constexpr CodeText kActivations[] = {
#define NEURON_ACTIVATION(name, code, shown, set, evidence, value) {code, shown},
#include "isa/activations.def"
#undef NEURON_ACTIVATION
};

template <std::size_t N>
const char* text_in(const CodeText (&rows)[N], unsigned code) {
  for (const CodeText& row : rows)
    if (row.code == code) return row.text;
  return nullptr;
}

Pattern load_pattern(ByteView word, std::size_t at, int dims) {
  Pattern p;
  p.start = load<std::uint32_t>(word, at);
  for (int d = 0; d < dims; ++d) {
    p.steps[d] = load<std::int16_t>(word, at + 4 + 2 * d);
    p.nums[d] = load<std::uint16_t>(word, at + 4 + 2 * dims + 2 * d);
  }
  return p;
}

void store_pattern(std::span<std::byte> word, std::size_t at, int dims, const Pattern& p) {
  store(word, at, p.start);
  for (int d = 0; d < dims; ++d) {
    store(word, at + 4 + 2 * d, p.steps[d]);
    store(word, at + 4 + 2 * dims + 2 * d, p.nums[d]);
  }
}

/// Reads the fields of one instruction and remembers the first code that no table holds.
struct FieldReader {
  ByteView word;
  std::string wrong;

  unsigned byte(std::size_t at) const { return static_cast<unsigned>(word[at]); }
  DType type(const char* field, unsigned code) {
    const bool wide = code == static_cast<unsigned>(DType::Float64);  // of our own instructions
    if (code != 0 && !wide && (code > 15 || !dtype_of_code(code)))
      wrong = fmt::format("{} is 0x{:x}, no known dtype", field, code);
    return static_cast<DType>(code);
  }
  Alu alu(const char* field, unsigned code) {
    if (!text_in(kAlus, code))
      wrong = fmt::format("{} is 0x{:02x}, no known ALU operation", field, code);
    return static_cast<Alu>(code);
  }
  Activation activation(const char* field, unsigned code) {
    if (!text_in(kActivations, code))
      wrong = fmt::format("{} is 0x{:02x}, no known activation function", field, code);
    return static_cast<Activation>(code);
  }
  std::string name(std::size_t at) const {
    auto text = neuron::text_of(word.subspan(at, 32));
    return std::string(text.substr(0, std::min(text.find('\0'), text.size())));
  }
};

#define U8(field, at) op.field = load<std::uint8_t>(in.word, at);
#define U16(field, at) op.field = load<std::uint16_t>(in.word, at);
#define U32(field, at) op.field = load<std::uint32_t>(in.word, at);
#define F32(field, at) op.field = load<float>(in.word, at);
#define TYPE(field, at) op.field = in.type(#field, in.byte(at));
#define TYPE_LOW(field, at) op.field = in.type(#field, in.byte(at) & 15);
#define TYPE_HIGH(field, at) op.field = in.type(#field, in.byte(at) >> 4);
#define ALU(field, at) op.field = in.alu(#field, in.byte(at));
#define ACT(field, at) op.field = in.activation(#field, in.byte(at));
#define AP2(field, at) op.field = load_pattern(in.word, at, 2);
#define AP3(field, at) op.field = load_pattern(in.word, at, 3);
#define AP4(field, at) op.field = load_pattern(in.word, at, 4);
#define NAME(field, at) op.field = in.name(at);
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence)                   \
  [[maybe_unused]] void read_fields([[maybe_unused]] name& op, [[maybe_unused]] FieldReader& in) { \
    operands                                                                                       \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

std::byte& at_byte(std::span<std::byte> word, std::size_t at) { return word[at]; }

#define U8(field, at) store(word, at, op.field);
#define U16(field, at) store(word, at, op.field);
#define U32(field, at) store(word, at, op.field);
#define F32(field, at) store(word, at, op.field);
#define TYPE(field, at) store(word, at, op.field);
#define TYPE_LOW(field, at) at_byte(word, at) |= static_cast<std::byte>(op.field);
#define TYPE_HIGH(field, at) at_byte(word, at) |= static_cast<std::byte>(op.field) << 4;
#define ALU(field, at) store(word, at, op.field);
#define ACT(field, at) store(word, at, op.field);
#define AP2(field, at) store_pattern(word, at, 2, op.field);
#define AP3(field, at) store_pattern(word, at, 3, op.field);
#define AP4(field, at) store_pattern(word, at, 4, op.field);
#define NAME(field, at) \
  std::memcpy(word.data() + at, op.field.data(), std::min<std::size_t>(op.field.size(), 31));
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence)                   \
  void write_fields([[maybe_unused]] const name& op, [[maybe_unused]] std::span<std::byte> word) { \
    operands                                                                                       \
  }
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

}  // namespace

const EngineInfo& info(Engine engine) { return kEngineRows[static_cast<int>(engine)]; }

const OpInfo* find_op(std::uint8_t opcode) {
  static const auto kByOpcode = [] {
    std::array<const OpInfo*, 256> rows{};
    for (const OpInfo& row : kOps) rows[row.opcode] = &row;
    return rows;
  }();
  return kByOpcode[opcode];
}

const NamedOp* find_named(std::uint8_t opcode) {
  static constexpr NamedOp kNamed[] = {
#define NEURON_NAMED(code, name, known_from) {code, name, known_from},
#include "isa/named.def"
#undef NEURON_NAMED
  };
  for (const NamedOp& row : kNamed)
    if (row.opcode == opcode) return &row;
  return nullptr;
}

const char* find_text(Alu op) { return text_in(kAlus, static_cast<unsigned>(op)); }
const char* find_text(Activation function) {
  return text_in(kActivations, static_cast<unsigned>(function));
}
std::string text_of(Alu op) {
  const char* text = find_text(op);
  return text ? text : fmt::format("0x{:02x}", static_cast<unsigned>(op));
}
std::string text_of(Activation function) {
  const char* text = find_text(function);
  return text ? text : fmt::format("0x{:02x}", static_cast<unsigned>(function));
}

namespace {

std::string unknown_opcode(std::uint8_t opcode) {
  const NamedOp* named = find_named(opcode);
  return named ? fmt::format("{} (opcode 0x{:02x}) is known by name only: {}", named->name, opcode,
                             named->known_from)
               : fmt::format("opcode 0x{:02x} is not known", opcode);
}

}  // namespace

Described describe(ByteView word) {
  Described out;
  std::copy(word.begin(), word.end(), out.instruction.word.begin());
  out.instruction.sync = {load<std::uint8_t>(word, 4), load<std::uint8_t>(word, 5),
                          load<std::uint8_t>(word, 6), load<std::uint8_t>(word, 7),
                          load<std::uint32_t>(word, 8)};
  FieldReader in{word, {}};
  const auto opcode = static_cast<std::uint8_t>(word[0]);
  switch (opcode) {
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  case code: {                                                                   \
    name op;                                                                     \
    read_fields(op, in);                                                         \
    out.instruction.op = std::move(op);                                          \
    break;                                                                       \
  }
#include "isa/isa.def"
#undef NEURON_OP
    default:
      in.wrong = unknown_opcode(opcode);
      return {out.instruction, in.wrong};
  }
  if (find_op(opcode)->evidence == Evidence::Extension && word[3] != kExtensionMark) {
    out.instruction.op = {};
    out.wrong = fmt::format("opcode 0x{:02x} is not known", opcode);
    return out;
  }
  const Sync& sync = out.instruction.sync;
  if (sync.wait_mode != kNoWait && sync.wait_mode != kWaitGreaterEqual)
    in.wrong = fmt::format("wait mode is {}, known are 0 and 5", sync.wait_mode);
  if (sync.update_mode != kNoUpdate && sync.update_mode != kIncrement)
    in.wrong = fmt::format("update mode is 0x{:02x}, known are 0 and 0x13", sync.update_mode);
  out.wrong = std::move(in.wrong);
  return out;
}

Result<Instruction> decode_one(ByteView word) {
  if (word.size() != kInstructionBytes)
    return fail(Code::Malformed, "an instruction of {} bytes, expected {}", word.size(),
                kInstructionBytes);
  Described described = describe(word);
  if (described.wrong.empty()) return std::move(described.instruction);
  if (std::holds_alternative<std::monostate>(described.instruction.op))
    return fail(Code::UnknownInstruction, "{}: {}", described.wrong, hex(word));
  return fail(Code::UnknownInstruction, "{}: {}: {}",
              find_op(opcode_of(described.instruction))->text, described.wrong, hex(word));
}

Result<std::vector<Instruction>> decode(Engine engine, ByteView bytes) {
  if (bytes.size() % kInstructionBytes != 0)
    return fail(Code::Malformed, "{} instructions: {} bytes are no multiple of {}",
                info(engine).shown, bytes.size(), kInstructionBytes);
  std::vector<Instruction> program;
  program.reserve(bytes.size() / kInstructionBytes);
  for (std::size_t at = 0; at < bytes.size(); at += kInstructionBytes) {
    auto one = decode_one(bytes.subspan(at, kInstructionBytes));
    const std::string place = fmt::format("{} pc {}", info(engine).shown, at / kInstructionBytes);
    if (!one) return std::move(one).error().within(place);
    const OpInfo& row = *find_op(opcode_of(*one));
    if (!(row.engines & bit(engine)))
      return fail(Code::UnknownInstruction, "{}: {} does not run on this engine", place, row.text);
    program.push_back(*std::move(one));
  }
  return program;
}

Instruction encode(const Sync& sync, const Operation& op) {
  Instruction out{sync, op, {}};
  std::span<std::byte> word(out.word);
  std::visit(
      [&](const auto& fields) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(fields)>, std::monostate>) {
          store(word, 0, fields.kOpcode);
          store(word, 1, std::uint8_t{0x10});
          if (find_op(fields.kOpcode)->evidence == Evidence::Extension) word[3] = kExtensionMark;
          write_fields(fields, word);
        }
      },
      op);
  store(word, 4, sync.wait_mode);
  store(word, 5, sync.wait_semaphore);
  store(word, 6, sync.update_mode);
  store(word, 7, sync.update_semaphore);
  store(word, 8, sync.wait_value);
  return out;
}

}  // namespace neuron::isa
