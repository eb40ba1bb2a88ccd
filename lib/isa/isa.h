// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/dtype.h"
#include "base/result.h"

/// The instructions of a NeuronCore: 64 bytes each, five in-order streams.
///   auto program = TRY(isa::decode(isa::Engine::Tensor, bytes));
///   for (const isa::Instruction& i : program) fmt::print("{}\n", isa::text_of(i));
namespace neuron::isa {

enum class Engine : std::uint8_t {
#define NEURON_ENGINE(name, index, token, file, shown) name = index,
#include "isa/engines.def"
#undef NEURON_ENGINE
};
inline constexpr int kEngines = 5;
struct EngineInfo {
  Engine engine;
  const char* token;  ///< key in def.json: "pe"
  const char* file;   ///< usual name of its binary without extension: "PE"
  const char* shown;  ///< as the profiler says it: "Tensor"
};
const EngineInfo& info(Engine engine);

/// How sure we are of a row of a table.
enum class Evidence { Verified, Observed, Documented, Extension };

enum class Alu : std::uint8_t {
#define NEURON_ALU(name, code, shown, evidence, value) name = code,
#include "isa/alu.def"
#undef NEURON_ALU
};
enum class Activation : std::uint8_t {
#define NEURON_ACTIVATION(name, code, shown, set, evidence, value) name = code,
#include "isa/activations.def"
#undef NEURON_ACTIVATION
};

inline constexpr std::size_t kInstructionBytes = 64;
/// Byte 3 of instructions that are our extension; 0 in all that public packages hold.
inline constexpr std::byte kExtensionMark{0xee};
using Word = std::array<std::byte, kInstructionBytes>;

/// Where elements lie in SBUF or PSUM: byte address of the first in the first partition, steps in
/// elements, innermost dimension first. Partitions are implied: one row each, kPartitionStride
/// apart.
struct Pattern {
  std::uint32_t start = 0;
  std::array<std::int16_t, 4> steps{1, 1, 1, 1};
  std::array<std::uint16_t, 4> nums{1, 1, 1, 1};
  /// Elements in one partition.
  std::size_t count() const { return std::size_t{nums[0]} * nums[1] * nums[2] * nums[3]; }
  bool operator==(const Pattern&) const = default;
};

inline constexpr std::uint32_t kPartitionStride = 0x40000;  // all generations since v2
inline constexpr std::uint32_t kPsumBase = 0x2000000;
inline constexpr std::uint32_t kPsumBankBytes = 2048;
inline constexpr int kPartitions = 128;

/// Waiting and telling: byte 4 to 11 of every instruction.
struct Sync {
  std::uint8_t wait_mode = 0;  ///< 0 none, 5 semaphore >= value
  std::uint8_t wait_semaphore = 0;
  std::uint8_t update_mode = 0;  ///< 0 none, 0x13 add one on completion
  std::uint8_t update_semaphore = 0;
  std::uint32_t wait_value = 0;
  bool operator==(const Sync&) const = default;
};
inline constexpr std::uint8_t kNoWait = 0, kWaitGreaterEqual = 5;
inline constexpr std::uint8_t kNoUpdate = 0, kIncrement = 0x13;

/// One struct per row of isa.def: isa::matmul, isa::tensor_tensor, ...
#define U8(field, at) std::uint8_t field{};
#define U16(field, at) std::uint16_t field{};
#define U32(field, at) std::uint32_t field{};
#define F32(field, at) float field{};
#define TYPE(field, at) DType field{};
#define TYPE_LOW(field, at) DType field{};
#define TYPE_HIGH(field, at) DType field{};
#define ALU(field, at) Alu field{};
#define ACT(field, at) Activation field{};
#define AP3(field, at) Pattern field{};
#define AP4(field, at) Pattern field{};
#define NAME(field, at) std::string field{};
#define NO_OPERANDS
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) \
  struct name {                                                                  \
    static constexpr std::uint8_t kOpcode = code;                                \
    operands                                                                     \
  };
#include "isa/isa.def"
#undef NEURON_OP
#include "isa/operands_undef.h"

using Operation = std::variant<std::monostate
#define NEURON_OP(code, name, text, engines, cost, evidence, operands, sentence) , name
#include "isa/isa.def"
#undef NEURON_OP
                               >;

/// One decoded instruction. `word` keeps the bytes as they stood in the file.
struct Instruction {
  Sync sync;
  Operation op;  ///< never monostate in what decode() returns
  Word word{};
};

enum class CostKind : std::uint8_t;
struct OpInfo {
  std::uint8_t opcode;
  const char* name;  ///< struct and file name: "tensor_tensor"
  const char* text;  ///< official text: "TENSOR_TENSOR"
  unsigned engines;  ///< bit per Engine
  CostKind cost;
  Evidence evidence;
  const char* sentence;
};
/// The row for an opcode byte, or null.
const OpInfo* find_op(std::uint8_t opcode);
/// A row of named.def: an opcode of which no more than the name is known.
struct NamedOp {
  std::uint8_t opcode;
  const char* name;
  const char* known_from;
};
const NamedOp* find_named(std::uint8_t opcode);
inline std::uint8_t opcode_of(const Instruction& i) { return static_cast<std::uint8_t>(i.word[0]); }

/// Decodes one engine's stream. Fails on a size that is no multiple of 64, on an unknown opcode
/// (Code::UnknownInstruction, with pc and bytes) and on operand codes that no table holds.
Result<std::vector<Instruction>> decode(Engine engine, ByteView bytes);
Result<Instruction> decode_one(ByteView word);
/// As decode_one(), for who only prints: fields keep codes that no table holds, and `wrong` says
/// which. `op` is monostate when the opcode has no row.
struct Described {
  Instruction instruction;
  std::string wrong;  ///< empty for what decode_one() takes
};
Described describe(ByteView word);
/// The 64 bytes of an operation; sets Instruction::word too.
Instruction encode(const Sync& sync, const Operation& op);

/// One line, in the operand syntax of the official profiler: "MATMUL S[5]++@complete acc_flags=3
/// ...".
std::string text_of(const Instruction& instruction);
/// Only the operands, without the mnemonic.
std::string operands_of(const Instruction& instruction);

/// The word of alu.def or activations.def; null for codes without a row.
const char* find_text(Alu op);
const char* find_text(Activation function);
/// The same, or the code in hexadecimal.
std::string text_of(Alu op);
std::string text_of(Activation function);

}  // namespace neuron::isa
