// SPDX-License-Identifier: Apache-2.0
#include "neff/verify.h"

#include <set>

#include "base/file.h"
#include "neff/verify_parts.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

Bytes sample_file() {
  const auto package = REQUIRE_OK(package_of(sample_model(), sample_build()));
  return REQUIRE_OK(neff::bytes_of(package, Compression::Gzip));
}

/// An instruction set of three: 1 raises semaphore byte 1, 2 waits for semaphore byte 1 to reach
/// byte 2, anything else does nothing.
std::optional<InstructionFacts> tiny(std::string_view, std::string_view, ByteView word) {
  InstructionFacts f;
  const auto byte = [&](std::size_t at) { return std::to_integer<std::uint32_t>(word[at]); };
  f.name = "TINY";
  if (byte(12) == 1) f.signals[0] = Signal{byte(13), 1};
  if (byte(12) == 2) f.waits[0] = Signal{byte(13), byte(14)};
  return f;
}

/// The verdict on a model whose engines "pe" and "act" hold these instructions.
Verdict after(const std::vector<std::array<int, 3>>& pe,
              const std::vector<std::array<int, 3>>& act) {
  Model m = sample_model();
  Subgraph& s = m.subgraphs[0];
  s.engines.clear();
  s.queues.clear();
  std::erase_if(s.variables, [](const Variable& v) { return v.kind == VariableKind::Remote; });
  const auto add = [&](const char* token, const std::vector<std::array<int, 3>>& code) {
    EngineProgram e;
    e.token = token;
    for (const auto& words : code) {
      Bytes word(64);
      word[0] = std::byte{0xa4};
      word[1] = std::byte{0x10};
      for (std::size_t i = 0; i < 3; ++i) word[12 + i] = static_cast<std::byte>(words[i]);
      Bytes& all = e.instructions.edit();
      all.insert(all.end(), word.begin(), word.end());
    }
    s.engines.push_back(std::move(e));
  };
  add("pe", pe);
  add("act", act);
  const auto package = REQUIRE_OK(package_of(m, {}));
  return verify(REQUIRE_OK(neff::bytes_of(package, Compression::None)), tiny);
}

}  // namespace

TEST_CASE("a package of our own writer is sound") {
  const Verdict v = verify(sample_file());
  for (const Finding& f : v.findings) UNSCOPED_INFO(f.member << f.pointer << ": " << f.reason);
  CHECK(v.count(Severity::Error) == 0);
  CHECK(v.hash == "MD5");
  CHECK(v.subgraphs == 1);
}

TEST_CASE("every real package is sound, whatever order its hash has") {
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const auto& file : fs::directory_iterator(*dir)) {
    if (file.path().extension() != ".neff") continue;
    INFO(file.path());
    const Verdict v = verify(REQUIRE_OK(read_file(file.path())));
    for (const Finding& f : v.findings) UNSCOPED_INFO(f.member << f.pointer << ": " << f.reason);
    CHECK(v.count(Severity::Error) == 0);
    CHECK(v.count(Severity::Warning) == 0);
    CHECK(v.hash.starts_with("MD5"));
  }
}

TEST_CASE("waits that are met in some order are met") {
  CHECK(after({{2, 5, 2}, {1, 6, 0}}, {{1, 5, 0}, {1, 5, 0}, {2, 6, 1}}).findings.empty());
}

TEST_CASE("a wait beyond all that ever signals is an error at its instruction") {
  const Verdict v = after({{0, 0, 0}, {2, 5, 3}}, {{1, 5, 0}, {1, 5, 0}});
  REQUIRE(v.findings.size() == 1);
  CHECK(v.findings[0].id == FindingId::Wait);
  CHECK(v.findings[0].member == "sg00/PE.bin");
  CHECK(v.findings[0].offset == 64u);
  CHECK(v.findings[0].reason.find("which the whole program raises to 2") != std::string::npos);
}

TEST_CASE("engines that wait for each other are both named") {
  const Verdict v = after({{2, 5, 1}, {1, 6, 0}}, {{2, 6, 1}, {1, 5, 0}});
  REQUIRE(v.findings.size() == 2);
  CHECK(v.findings[0].id == FindingId::Wait);
  CHECK(v.findings[1].id == FindingId::Wait);
  CHECK(v.findings[0].reason.find("which stops before that at 0") != std::string::npos);
}

TEST_CASE("of one kind twenty findings are told and all are counted") {
  Model m = sample_model();
  m.subgraphs[0].engines[0].instructions.edit().resize(64'000);  // zeros are no instructions
  const Verdict v =
      verify(REQUIRE_OK(neff::bytes_of(REQUIRE_OK(package_of(m, {})), Compression::None)), tiny);
  const auto told = std::count_if(v.findings.begin(), v.findings.end(),
                                  [](const Finding& f) { return f.id == FindingId::Instruction; });
  CHECK(told == 20);
  CHECK(v.found.at(FindingId::Instruction) > 900);
  CHECK(v.count(Severity::Error) >= v.found.at(FindingId::Instruction));
  CHECK(std::any_of(v.findings.begin(), v.findings.end(), [](const Finding& f) {
    return f.id == FindingId::Instruction && f.reason.ends_with(" more like it");
  }));
}

TEST_CASE("a flipped byte anywhere in the archive is found by the hash") {
  Bytes file = sample_file();
  for (std::size_t at = sizeof(Header); at < file.size(); at += 97) {
    file[at] ^= std::byte{1};
    const Verdict v = verify(file);
    CHECK(std::any_of(v.findings.begin(), v.findings.end(),
                      [](const Finding& f) { return f.id == FindingId::HashMismatch; }));
    file[at] ^= std::byte{1};
  }
}

TEST_CASE("findings have names, sentences and remedies of their own form") {
  std::set<std::string_view> names;
#define NEFF_FINDING(id, name, severity, sentence, remedy) \
  CHECK(names.insert(name).second);                        \
  CHECK(!std::string_view(sentence).ends_with("."));       \
  CHECK(!std::string_view(remedy).empty());
#include "neff/verify.def"
#undef NEFF_FINDING
}

TEST_CASE("the place of a JSON value is its first byte") {
  const std::string text = R"( {"a/b": [1, {"c\"": "x, ]"}, [ ]], "d~": true} )";
  const auto at = [&](std::string_view pointer) {
    const auto place = place_of(view_of(text), pointer);
    return place ? std::string_view(text).substr(*place, 4) : std::string_view("none");
  };
  CHECK(at("") == "{\"a/");
  CHECK(at("/a~1b") == "[1, ");
  CHECK(at("/a~1b/0") == "1, {");
  CHECK(at("/a~1b/1/c\\\"") == "\"x, ");
  CHECK(at("/a~1b/2") == "[ ]]");
  CHECK(at("/d~0") == "true");
  CHECK(at("/e") == "none");
  CHECK(at("/a~1b/7") == "none");
}
