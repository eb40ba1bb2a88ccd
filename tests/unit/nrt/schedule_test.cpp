// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "neff/model.h"
#include "nrt/program.h"
#include "nrt/trace_clock.h"
#include "ntff/ntff.h"
#include "sim/clock.h"
#include "tests/catch.h"
#include "tests/conformance.h"

using namespace neuron;

TEST_CASE("real packages take about as long as their device traces say") {
  const auto dir = conformance("neff");
  if (!dir) return;
  double sum = 0;
  const auto names = {"attention-baseline_bf16_s512", "attention-baseline_fp32_s1024",
                      "attention-fused_bf16_s512", "attention-fused_fp32_s512"};
  for (const std::string name : names) {
    INFO(name);
    const auto package = REQUIRE_OK(neff::read(*dir / (name + ".neff")));
    const auto model = REQUIRE_OK(neff::model_of(package));
    const auto loaded = REQUIRE_OK(sim::load(REQUIRE_OK(nrt::program_of(model, 0))));
    const auto schedule = REQUIRE_OK(sim::schedule(*loaded));
    const auto trace = REQUIRE_OK(ntff::read(*dir / (name + ".ntff")));
    const double real = static_cast<double>(trace.end_ps - trace.begin_ps);
    const double error = static_cast<double>(schedule.total_ps) / real - 1;
    // Whether a window warms up the tensor engine decides a few percent, and the phase of windows
    // is not known, so single runs of a device differ too.
    CHECK(std::abs(error) < 0.10);
    sum += std::abs(error);
    // With the clock that the device had, its unknown phase is out of the way.
    auto changes = REQUIRE_OK(nrt::clock_of(trace.cores.at(0)));
    CHECK(!changes.empty());
    const auto told = REQUIRE_OK(sim::schedule(*loaded, {0, std::move(changes)}));
    CHECK(std::abs(static_cast<double>(told.total_ps) / real - 1) < 0.05);
  }
  CHECK(sum / static_cast<double>(names.size()) < 0.05);
}
