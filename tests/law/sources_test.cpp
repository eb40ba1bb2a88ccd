// SPDX-License-Identifier: Apache-2.0
#include "tests/law/sources.h"

#include <regex>

#include "tests/catch.h"

TEST_CASE("every source opens with its licence") {
  for (const Source& source : sources({"lib", "sim", "cmd", "tests"})) {
    if (source.path.ends_with(".def")) continue;
    INFO(source.path);
    REQUIRE(!source.lines.empty());
    CHECK(source.lines[0].find("SPDX-License-Identifier: Apache-2.0") != std::string::npos);
  }
}

TEST_CASE("every table opens with what it answers") {
  for (const Source& source : sources({"lib", "sim", "cmd"})) {
    if (!source.path.ends_with(".def")) continue;
    INFO(source.path);
    REQUIRE(!source.lines.empty());
    CHECK(source.lines[0].starts_with("//"));
  }
}

// Inside braces or an argument list an early return leaks what is already built.
TEST_CASE("TRY starts a statement") {
  const std::regex good(
      R"(^\s*(.*\belse |if \(!?(?=TRY)|if \(.*\) |for \(.*\) )?(return |(const )?[\w:<>*&, ]+[ &*]+(\w+|\[.*\]) = |[\w.\->\[\]*]+ (\+|\|)?= )?TRY\(.*)");
  for (const Source& source : sources({"lib", "sim", "cmd"})) {
    if (source.path == "lib/base/result.h") continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string& line = source.lines[i];
      const std::size_t at = line.find("TRY(");
      if (at == line.npos || (at > 0 && (std::isalnum(line[at - 1]) || line[at - 1] == '_')))
        continue;
      const std::string before = line.substr(0, line.find_first_not_of(' '));
      if (line.find("//") < at || before.size() == line.size()) continue;
      // A statement that was broken before TRY ends in "=" on the line above.
      const bool continues = i > 0 && source.lines[i - 1].ends_with("=");
      INFO(source.path << ":" << i + 1 << ": " << line);
      CHECK((continues || line.ends_with("\\") || std::regex_match(line, good)));
    }
  }
}

TEST_CASE("no path of a machine is in the tree") {
  // Spelled so that this file does not find itself.
  const std::regex path(std::string("[\"' (=]/(") + "work|root|farm" + ")/");
  for (const Source& source : sources({"lib", "sim", "cmd", "tests"}))
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      INFO(source.path << ":" << i + 1);
      CHECK_FALSE(std::regex_search(source.lines[i], path));
    }
}

TEST_CASE("instructions stand in the order of their opcodes") {
  const std::regex row(R"(^NEURON_OP\(\s*(0x[0-9a-fA-F]+).*)");
  long last = -1;
  std::ifstream in(fs::path(NEURON_SOURCE_DIR) / "lib/isa/isa.def");
  for (std::string line; std::getline(in, line);) {
    std::smatch match;
    if (!std::regex_match(line, match, row)) continue;
    const long code = std::stol(match[1], nullptr, 16);
    INFO(line);
    CHECK(code > last);
    last = code;
  }
  CHECK(last > 0);
}
