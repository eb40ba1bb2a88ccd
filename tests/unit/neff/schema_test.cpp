// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/neff/schema.h"

#include "base/file.h"
#include "neff/info.h"
#include "neff/schemas.h"
#include "tests/catch.h"
#include "tests/conformance.h"
#include "tests/unit/neff/sample.h"

using namespace neuron;
using namespace neuron::neff;

namespace {

Json schema(std::string_view command = "info") {
  return REQUIRE_OK(json::parse(view_of(schemas().at(command))));
}

/// A package of everything: CPU operators, unknown features, spills, all kinds of queues.
Package rich_package() {
  Model m = sample_model();
  m.nodes.push_back({"c", Executor::Input, "", "", true, {}, {{"c", DType::Float16, {1}}}});
  m.nodes.push_back(
      {"f", Executor::Cpu, "fused_relu", "", false, {{1, 0}, {2, 0}}, {{"z", DType::Unknown, {}}}});
  m.subgraphs[0].queues.push_back({"qPoolDynamic", QueueKind::Dynamic, 16, "pool", {}});
  auto package = REQUIRE_OK(package_of(m, sample_build()));
  package.header.feature_bits |= 0x1001;
  return REQUIRE_OK(parse(REQUIRE_OK(neff::bytes_of(package, Compression::Gzip))));
}

}  // namespace

TEST_CASE("what info prints as JSON keeps the schema that it prints") {
  const Json info = REQUIRE_OK(info_json(rich_package(), {.weights = true, .spills = true}));
  CHECK(breach_of(schema(), info) == "");
  const auto dir = conformance("neff");
  if (!dir) return;
  for (const auto& file : fs::directory_iterator(*dir)) {
    if (file.path().extension() != ".neff") continue;
    INFO(file.path());
    const auto package = REQUIRE_OK(neff::read(file.path()));
    const Json real = REQUIRE_OK(info_json(package, {.weights = true, .spills = true}));
    CHECK(breach_of(schema(), real) == "");
  }
}

TEST_CASE("the schema is strict enough to see what is missing, foreign or of another type") {
  const Json good = REQUIRE_OK(info_json(rich_package(), {}));
  Json bad = good;
  bad["header"].erase("uuid");
  CHECK(breach_of(schema(), bad) == "/header: no uuid");
  bad = good;
  bad["header"]["colour"] = 1;
  CHECK(breach_of(schema(), bad) == "/header/colour: not in the schema");
  bad = good;
  bad["subgraphs"][0]["queues"][0]["rings"] = 17;
  CHECK(breach_of(schema(), bad) == "/subgraphs/0/queues/0/rings: breaks maximum 16 with 17");
  bad = good;
  bad["members"][0]["size"] = "1";
  CHECK(breach_of(schema(), bad).starts_with("/members/0/size: breaks type"));
}

TEST_CASE("features stand by name and by bit, unknown ones as numbers") {
  const Json header = REQUIRE_OK(info_json(rich_package(), {}))["header"];
  CHECK(header["feature_bits"] == 0x1001);
  CHECK(header["enabled_features"] == "bin-weights, 0x1000");
  CHECK(header["features"] ==
        Json::parse(R"([{"bit": 0, "name": "bin-weights"}, {"bit": 12, "name": null}])"));
}

TEST_CASE("the JSON counts opcodes by the names that its reader gives") {
  const InstructionReader reader = [](auto, auto, ByteView word) {
    InstructionFacts facts;
    facts.name = word[0] == std::byte{0xa4} ? "NOP" : "0x00";
    return facts;
  };
  const auto package = rich_package();
  const Json named = REQUIRE_OK(info_json(package, {.reader = reader}));
  CHECK(named["subgraphs"][0]["engines"][2]["opcodes"] == Json{{"0x00", 1}, {"NOP", 1}});
  const Json plain = REQUIRE_OK(info_json(package, {}));
  CHECK(plain["subgraphs"][0]["engines"][2]["opcodes"] == Json{{"0x00", 1}, {"0xa4", 1}});
}

TEST_CASE("the manual names every key of the JSON") {
  const Bytes bytes = REQUIRE_OK(read_file(fs::path(NEURON_SOURCE_DIR) / "man/neuron-neff.5"));
  const std::string page(text_of(ByteView(bytes)));
  const std::function<void(const Json&)> check = [&](const Json& part) {
    for (const auto& [key, value] : part.items()) {
      if (key == "properties")
        for (const auto& [name, rule] : value.items()) {
          INFO(name);
          CHECK(std::regex_search(page, std::regex("\\b" + name + "\\b")));
        }
      if (value.is_structured()) check(value);
    }
  };
  for (const auto& [command, text] : schemas()) check(schema(command));
}
