// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <chrono>

#include "base/json_check.h"
#include "tests/catch.h"

using namespace neuron;

namespace {
/// What is wrong with `text`, which a check without a value must see too.
std::string reason(std::string_view text) {
  const auto parsed = json::parse(view_of(text));
  const std::string reason = parsed ? "parsed" : parsed.error().message;
  const auto checked = json::check(SharedBytes::borrowed(view_of(text)));
  CHECK((checked ? "parsed" : checked.error().message) == reason);
  return reason;
}
}  // namespace

TEST_CASE("what is parsed is what the text says, in its order") {
  const std::string text =
      R"({"z":[1,-2,3.5,true,null,"\u00e9\n"],"a":{},"m":{"x":[[],[{}]]},"big":18446744073709551615})";
  const Json value = REQUIRE_OK(json::parse(view_of(text)));
  CHECK(value == Json::parse(text));
  CHECK(json::text_of(value) == Json::parse(text).dump());
  CHECK(json::text_of(REQUIRE_OK(json::parse(view_of(" 7 ")))) == "7");
}

TEST_CASE("of a key that stands twice the last value counts") {
  const Json few = REQUIRE_OK(json::parse(view_of(R"({"a":1,"b":2,"a":{"c":3}})")));
  CHECK(json::text_of(few) == R"({"a":{"c":3},"b":2})");
  std::string many = "{";
  for (int i = 0; i < 100; ++i) many += fmt::format("\"k{}\":{},", i % 50, i);
  const Json value = REQUIRE_OK(json::parse(view_of(many + "\"z\":0}")));
  CHECK(value.size() == 51);
  CHECK(value["k7"] == 57);
}

TEST_CASE("broken JSON is named with its byte, deep JSON with the limit") {
  CHECK(reason("{\"a\": [}") == "json is broken at byte 8");
  CHECK(reason("") == "json is broken at byte 1");
  CHECK(reason("1 2") == "json is broken at byte 3");
  CHECK(reason("[1e999]").starts_with("json cannot be read"));
  CHECK(reason(std::string(200, '[') + std::string(200, ']')) == "parsed");
  CHECK(reason(std::string(201, '[') + std::string(201, ']')) == "json nests deeper than 200");
  CHECK(reason("\"\xff\"").starts_with("json is broken"));
}

TEST_CASE("an object of many keys is read in time that its size allows") {
  std::string text = "{";
  for (int i = 0; i < 200000; ++i) text += fmt::format("\"key{}\":{},", i, i);
  text += "\"last\":0}";
  const auto begin = std::chrono::steady_clock::now();
  const Json value = REQUIRE_OK(json::parse(view_of(text)));
  CHECK(value.size() == 200001);
  // Looking through all earlier keys takes minutes; this takes a tenth of a second.
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(20));
}
