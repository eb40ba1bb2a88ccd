// SPDX-License-Identifier: Apache-2.0
// Each opcode that public packages were counted to hold: it has a row, or is refused by name.
#include "isa/isa.h"
#include "tests/catch.h"

namespace neuron::isa {
namespace {

struct Counted {
  std::uint8_t opcode;
  unsigned count;    ///< in 77 public packages
  const char* name;  ///< of its row
  bool by_name_only = false;
};
constexpr Counted kCounted[] = {
    {0x01, 1007878, "LDWEIGHTS"},
    {0x02, 1032471, "MATMUL"},
    {0x21, 186502, "ACTIVATE"},
    {0x23, 73, "ACT_TABLE_LOAD"},
    {0x41, 139408, "TENSOR_TENSOR"},
    {0x42, 10890, "TENSOR_REDUCE"},
    {0x43, 97, "TENSOR_SCALAR"},
    {0x44, 28, "INF1_0x44", true},
    {0x46, 36592, "COPY"},
    {0x47, 411, "CAST"},
    {0x48, 19, "RECIPROCAL"},
    {0x49, 15033, "MEMSET"},
    {0x4a, 16, "INF1_0x4A", true},
    {0x4b, 16, "INF1_0x4B", true},
    {0x4c, 26, "INF1_0x4C", true},
    {0x65, 21, "INF1_0x65", true},
    {0x67, 2, "GATHER_LOAD"},
    {0x68, 6, "GATHER_LOADED"},
    {0x69, 12, "SHUFFLE_MASK"},
    {0x6a, 10, "STREAM_SHUFFLE"},
    {0x6b, 2, "STREAM_TRANSPOSE"},
    {0x6c, 4, "MAX8"},
    {0x6d, 4, "MATCH_LOAD"},
    {0x6e, 4, "FIND_INDEX8"},
    {0x72, 4, "COPY_PREDICATED"},
    {0xa0, 243241, "EVENT_SEMAPHORE"},
    {0xa4, 849, "NOP"},
    {0xa8, 160, "REGISTER_ALU"},
    {0xb1, 515, "SET_ORDERING_MODE"},
    {0xc1, 116481, "PSEUDO_DMA_TRIGGER"},
    {0xc6, 10, "LOAD_ACT_FUNC_SET", true},
    {0xc7, 2, "PE_THROTTLE", true},
    {0xcc, 270, "START_MARKER"},
    {0xce, 64, "TENSOR_LOAD"},
    {0xd4, 9024, "PSEUDO_DMA_DIRECT2D"},
    {0xd8, 8, "PSEUDO_CORE_BARRIER"},
    {0xda, 64, "DMA_BOUND"},
    {0xe8, 2, "COPY_PREDICATED_SCALAR"},
};

Word word_of(std::uint8_t opcode) {
  Word word{};
  word[0] = std::byte{opcode};
  word[1] = std::byte{0x10};
  if (opcode == activate::kOpcode) word[35] = std::byte{7};  // EXP: there is no function 0
  return word;
}

}  // namespace

TEST_CASE("each opcode that public packages hold decodes, or is refused by name") {
  for (const Counted& c : kCounted) {
    CAPTURE(c.name);
    const Word word = word_of(c.opcode);
    const auto decoded = decode_one(word);
    CHECK(static_cast<bool>(decoded) != c.by_name_only);
    if (decoded) {
      CHECK(find_op(c.opcode)->text == std::string(c.name));
      CHECK(encode(decoded->sync, decoded->op).word == word);
      CHECK(text_of(*decoded).starts_with(c.name));
    } else {
      CHECK(decoded.error().message.starts_with(
          fmt::format("{} (opcode 0x{:02x}) is known by name only: ", c.name, c.opcode)));
      CHECK(decoded.error().message.ends_with(hex(word)));
    }
  }
}

TEST_CASE("an opcode has one row: of an instruction, or of a name") {
  int opcodes = 0;
  for (unsigned code = 0; code < 256; ++code) {
    const auto opcode = static_cast<std::uint8_t>(code);
    CHECK(!(find_op(opcode) && find_named(opcode)));
    const auto decoded = decode_one(word_of(opcode));
    if (find_op(opcode))
      ++opcodes;
    else if (!find_named(opcode))
      CHECK(decoded.error().message.starts_with(fmt::format("opcode 0x{:02x} is not known", code)));
  }
  CHECK(opcodes >= 30);
}

TEST_CASE("codes that no table holds are described in place, and not decoded") {
  Word word = word_of(tensor_tensor::kOpcode);
  word[14] = std::byte{0x77};
  const Described described = describe(word);
  CHECK(described.wrong == "op is 0x77, no known ALU operation");
  CHECK(text_of(described.instruction).find("op=0x77") != std::string::npos);
  const auto program = decode(Engine::Vector, word);
  REQUIRE(!program);
  CHECK(program.error().message.starts_with("Vector pc 0: TENSOR_TENSOR: op is 0x77, no known"));
}

}  // namespace neuron::isa
