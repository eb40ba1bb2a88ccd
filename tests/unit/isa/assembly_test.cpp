// SPDX-License-Identifier: Apache-2.0
// assemble(disassemble(bytes)) == bytes: for instructions of each row, for any bytes, and for all
// programs of the public packages.
#include "isa/assembly.h"

#include <random>

#include "tests/catch.h"

namespace neuron::isa {

TEST_CASE("random instructions of every opcode assemble to their own bytes") {
  std::mt19937 random(1);
  int by_fields = 0;
  for (int i = 0; i < 20000; ++i) {
    Word word;
    for (std::byte& b : word) b = random() % 3 ? std::byte{} : static_cast<std::byte>(random());
    const OpInfo* row = nullptr;
    while (row == nullptr) row = find_op(static_cast<std::uint8_t>(random()));
    word[0] = std::byte{row->opcode};
    word[1] = std::byte{0x10};
    if (row->evidence == Evidence::Extension) word[3] = kExtensionMark;
    const std::string text = assembly_of(word);
    by_fields += !text.starts_with(".bytes");
    INFO(text);
    const Word back = REQUIRE_OK(assemble_one(text + "  ; a comment"));
    CHECK(back == word);
  }
  CHECK(by_fields > 100);
}

TEST_CASE("assembly says what it cannot read") {
  const auto error = [](const char* line) {
    const auto word = assemble_one(line);
    return word ? std::string("none") : word.error().message;
  };
  CHECK(error("COPPY src=1") == "'COPPY' is no instruction");
  CHECK(error("NOTIFY") == "NOTIFY: no field 'kind'");
  CHECK(error("NOTIFY kind=x") == "NOTIFY: field 'kind' is 'x'");
  CHECK(error("NOP {70:00}") == "'70:00' is no byte, expected PLACE:HEX");
  CHECK(error(".bytes 00 01") == ".bytes holds 2 bytes, expected 64");
  CHECK(error("NOP wait=5") == "wait is '5', expected MODE:SEMAPHORE>=VALUE");
}

}  // namespace neuron::isa
