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
