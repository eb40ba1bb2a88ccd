// SPDX-License-Identifier: Apache-2.0
#include "neff/model.h"
#include "tests/catch.h"
#include "tests/conformance.h"

using namespace neuron;

namespace {
std::vector<fs::path> real_packages() {
  std::vector<fs::path> paths;
  if (const auto dir = conformance("neff"))
    for (const auto& file : fs::directory_iterator(*dir))
      if (file.path().extension() == ".neff") paths.push_back(file.path());
  return paths;
}
}  // namespace

TEST_CASE("every real package is read, its hash holds and all its names resolve") {
  for (const fs::path& path : real_packages()) {
    INFO(path);
    const auto package = REQUIRE_OK(neff::read(path));
    CHECK(neff::hash_matches(package.header, package.archive));
    const auto model = REQUIRE_OK(neff::model_of(package));
    REQUIRE(model.subgraphs.size() == 2);
    for (const auto& s : model.subgraphs) {
      CHECK(s.engines.size() == 5);
      for (const auto& e : s.engines) CHECK(e.backend_names.size() == e.instructions.size() / 64);
      for (const auto& v : s.variables)
        if (v.kind == neff::VariableKind::File) {
          const auto bytes = REQUIRE_OK(neff::constant_of(package, s, v));
          CHECK(bytes.size() == v.size);
          CHECK(s.tensors.count(v.name) == 1);
        }
    }
  }
}

TEST_CASE("a real package tells the line that its instructions come from") {
  const auto dir = conformance("neff");
  if (!dir) return;
  const auto package = REQUIRE_OK(neff::read(*dir / "nkipy-matmul_small.neff"));
  const auto model = REQUIRE_OK(neff::model_of(package));
  int told = 0;
  for (const auto& e : model.subgraphs[0].engines)
    for (std::size_t i = 0; i < e.instructions.size() / 64; ++i) {
      const std::string source = e.source_of(i);
      told += !source.empty();
      if (!source.empty()) CHECK(source.ends_with("test_spike_async.py:58"));
    }
  CHECK(told > 5);
}
