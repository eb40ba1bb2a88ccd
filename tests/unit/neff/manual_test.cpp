// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"
#include "neff/header.h"
#include "neff/verify.h"
#include "tests/catch.h"

using namespace neuron;

namespace {
std::string manual() {
  const Bytes bytes = REQUIRE_OK(read_file(fs::path(NEURON_SOURCE_DIR) / "man/neuron-neff.5"));
  return std::string(text_of(ByteView(bytes)));
}
}  // namespace

TEST_CASE("the manual's table of the header is that of the program") {
  const std::string page = manual();
  const auto check = [&](int at, std::size_t size, const char* field, const char* meaning) {
    INFO(field);
    CHECK(page.find(fmt::format("\n{}|{}|{}|{}\n", at, size, field, meaning)) != page.npos);
  };
#define NEFF_U64(at, field, doc) check(at, 8, #field, doc);
#define NEFF_U32(at, field, doc) check(at, 4, #field, doc);
#define NEFF_BYTE(at, size, field, doc) check(at, size, #field, doc);
#define NEFF_TEXT(at, size, field, doc) check(at, size, #field, doc);
#include "neff/header.def"
#undef NEFF_U64
#undef NEFF_U32
#undef NEFF_BYTE
#undef NEFF_TEXT
}

TEST_CASE("the manual names every feature bit that the program names") {
  const std::string page = manual();
#define NEFF_FEATURE(bit, name) CHECK(page.find("\n" #bit "|" name "\n") != page.npos);
#include "neff/features.def"
#undef NEFF_FEATURE
}

TEST_CASE("the manual lists every finding of verify with its severity and meaning") {
  const std::string page = manual();
  std::string rows = "\n";
#define NEFF_FINDING(id, name, severity, sentence, remedy)                                     \
  rows = fmt::format("\n{}|{}|{}\n", name, neff::name_of(neff::Severity::severity), sentence); \
  CHECK(page.find(rows) != page.npos);
#include "neff/verify.def"
#undef NEFF_FINDING
}
