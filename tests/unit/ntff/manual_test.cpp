// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "tests/catch.h"

using namespace neuron;

TEST_CASE("the manual lists every field of the table, by number, name and sentence") {
  const Bytes bytes = REQUIRE_OK(read_file(fs::path(NEURON_SOURCE_DIR) / "man/neuron-ntff.5"));
  std::string page(text_of(bytes));
  std::erase(page, '\\');  // roff's escapes of hyphens
  std::size_t listed = 0;
  const auto check = [&](std::string message, std::string name, int number, std::string wire,
                         std::string sentence) {
    const std::size_t begin = page.find("\n.SS " + message + "\n");
    INFO(message << " " << name);
    REQUIRE(begin != std::string::npos);
    const std::size_t end = page.find("\n.S", begin + 1);
    const std::string part = page.substr(begin, end + 1 - begin);
    CHECK(part.find(fmt::format("\n.B {} {}\n{}\n({})\n", number, name, sentence, wire)) !=
          std::string::npos);
    ++listed;
  };
#define NTFF_FIELD(message, name, number, wire, sentence) \
  check(#message, #name, number, wire, sentence);
#include "ntff/fields.def"
#undef NTFF_FIELD
  std::size_t shown = 0;
  for (std::size_t at = page.find("\n.TP\n"); at != std::string::npos;
       at = page.find("\n.TP\n", at + 1))
    ++shown;
  CHECK(shown == listed);
}
