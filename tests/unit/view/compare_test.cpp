// SPDX-License-Identifier: Apache-2.0
#include "view/compare.h"

#include "synthetic.h"
#include "tests/catch.h"
#include "view/store/describe.h"

namespace neuron::view {
namespace {

ProfileSums sums(const std::string& name, std::size_t instructions) {
  const Timeline t = synthetic_timeline(instructions);
  return sums_of(name, describe(t, metrics_of(t)));
}

}  // namespace

TEST_CASE("a profile equals itself, and differs from a longer one by metric, layer and opcode") {
  const Comparison same = compare({sums("a", 300), sums("b", 300)});
  for (const Difference& line : same.metrics) CHECK(line.delta(1) == 0);
  CHECK(comparison_text(same, false) ==
        "metric: no difference\n\nlayer (s): no difference\n\nopcode (s): no difference\n");
  const Comparison other = compare({sums("a", 300), sums("b", 600)});
  REQUIRE_FALSE(other.layers.empty());
  CHECK(other.layers[0].delta(1) > 0);
  CHECK(comparison_text(other, false).find("Tensor MATMUL") != std::string::npos);
  CHECK(comparison_json(other)["metrics"].size() == other.metrics.size());
}

TEST_CASE("thresholds mean a change with a sign and a value without") {
  Comparison c{
      {"a", "b"}, {{"total_time", "", "s", {2.0, 2.2}}, {"spills", "", "", {0, 1}}}, {}, {}};
  const auto fails = [&](const char* text) {
    return !REQUIRE_OK(passed(c, REQUIRE_OK(parse_threshold(text)))).empty();
  };
  CHECK(fails("total_time>+5%"));
  CHECK_FALSE(fails("total_time>+15%"));
  CHECK(fails("total_time>+0.1"));
  CHECK(fails("total_time>2.1"));
  CHECK_FALSE(fails("total_time<-5%"));
  CHECK(fails("spills>+5%"));  // from nothing to something
  for (const char* bad : {"", "total_time", ">5", "total_time>", "total_time>5%", "total_time>+x"})
    CHECK_FALSE(parse_threshold(bad));
  CHECK_FALSE(passed(c, REQUIRE_OK(parse_threshold("nothing>+5%"))));
}

}  // namespace neuron::view
