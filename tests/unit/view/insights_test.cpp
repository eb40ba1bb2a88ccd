// SPDX-License-Identifier: Apache-2.0
#include "view/insights.h"

#include <algorithm>

#include "official.h"

namespace neuron::view {
namespace {

const Insight* find(const Insights& insights, std::string_view rule) {
  for (const Insight& i : insights.list)
    if (i.rule == rule) return &i;
  return nullptr;
}

/// A run of 10 us in which the tensor engine is active for 8, half of it for transposes.
Timeline transposing() {
  Timeline t;
  t.texts = {""};
  t.cores.push_back({"sg00", 0, 0, {}, 0, 0});
  t.tensor_ghz = 1;
  t.base_ghz = 1;
  t.hbm_bytes_per_s = 1e12;
  t.total_ps = 10'000'000;
  for (int i = 0; i < 8; ++i) {
    Step step;
    step.opcode = 0x02;
    step.flops = 2ull * 128 * 128 * 900;
    step.is_transpose = i % 2;
    Instruction e;
    e.step = t.add_step(step);
    e.begin_ps = i * 1'000'000;
    e.end_ps = e.begin_ps + 1'000'000;
    t.instructions.push_back(e);
  }
  return t;
}

}  // namespace

TEST_CASE("transposes are found, with what they cost and the longest of them") {
  const Insights insights = insights_of(transposing());
  CHECK(insights.bound_by == "Tensor");
  CHECK(insights.bound_share == Approx(0.8));
  const Insight* found = find(insights, "transposes");
  REQUIRE(found);
  CHECK(found->fixed_total_s == Approx(4e-6));
  CHECK(found->speedup == Approx(2.5));
  CHECK(found->alone_total_s == Approx(6e-6));
  REQUIRE(found->proof.size() == 4);
  CHECK(found->proof[0].index % 2 == 1);
  CHECK_FALSE(find(insights, "spills"));
  CHECK_FALSE(find(insights, "waits_dominate"));
}

TEST_CASE("an empty run has no insight and no infinite number") {
  const Insights insights = insights_of(Timeline{});
  CHECK(insights.list.empty());
  const std::string text = insights_text(insights);
  CHECK(text.find("nan") == std::string::npos);
  CHECK(text.find("inf") == std::string::npos);
}

TEST_CASE("bounds of real runs are in order") {
  for (const OfficialPair& pair : official_pairs()) {
    INFO(pair.name);
    const Insights insights = insights_of(pair.timeline);
    const auto seconds = [&](std::string_view name) {
      for (const BoundTime& b : insights.bounds)
        if (b.name == name) return b.seconds;
      return -1.0;
    };
    CHECK(seconds("compute_bound_ideal_useful_flops") <= seconds("compute_bound_ideal_flops"));
    CHECK(seconds("compute_bound_ideal_flops") <= seconds("compute_bound"));
    CHECK(seconds("memory_bound_ideal_no_reloads") <= seconds("memory_bound_ideal"));
    CHECK(seconds("perfect_pipeline") <= insights.total_s);
    for (const Insight& i : insights.list) CHECK(i.fixed_total_s <= i.alone_total_s + 1e-9);
    CHECK(std::is_sorted(insights.list.begin(), insights.list.end(),
                         [](const auto& a, const auto& b) { return a.speedup > b.speedup; }));
  }
}

}  // namespace neuron::view
