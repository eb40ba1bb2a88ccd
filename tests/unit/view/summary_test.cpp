// SPDX-License-Identifier: Apache-2.0
// Our summary beside the official one. A metric is exact to the digits of a double unless a row
// below allows a deviation and says why.
#include <cmath>
#include <map>
#include <set>

#include "official.h"
#include "view/formats/summary_json.h"
#include "view/metrics.h"

namespace neuron::view {
namespace {

constexpr double kExact = 1e-9;

struct Allowed {
  const char* name;
  double relative;  ///< of the official value; huge means "another meaning"
  const char* why;
};
constexpr double kOther = 1e99;
constexpr const char* kStraddling =
    "we keep packets of rings with a packet across the window's begin; they drop them";
constexpr const char* kNanoseconds = "theirs adds durations rounded down to nanoseconds";
constexpr Allowed kAllowed[] = {
    {"hfu_estimated_percent", 1e-7, "theirs passes through a 32-bit float"},
    {"throttle_activity_0_active_time_nc0_percent", 2e-4, kNanoseconds},
    {"throttle_activity_1_active_time_nc0_percent", 2e-3, kNanoseconds},
    {"throttle_avg_util_limit_nc0_percent", 2e-4, kNanoseconds},
    {"nc_idx", kOther, "theirs is the sum of the cores' indices (4 + 5); ours the first core"},
    {"trace_count", 0.01, kStraddling},
    {"dma_active_cycles", 0.2, kStraddling},
    {"dma_active_time", 0.2, kStraddling},
    {"dma_active_time_percent", 0.2, kStraddling},
    {"dma_packet_time", 0.06, kStraddling},
    {"dynamic_dma_active_time_percent", 0.2, kStraddling},
    {"dynamic_dma_packet_percent", 0.02, kStraddling},
    {"dynamic_dma_size_percent", 0.3, kStraddling},
    {"hardware_dynamic_dma_active_time_percent", 0.2, kStraddling},
    {"hardware_dynamic_dma_packet_percent", 0.02, kStraddling},
    {"hardware_dynamic_dma_size_percent", 0.3, kStraddling},
    {"software_dynamic_dma_active_time_percent", 0.2, kStraddling},
    {"software_dynamic_dma_packet_percent", 0.02, kStraddling},
    {"software_dynamic_dma_size_percent", 0.3, kStraddling},
    {"static_dma_active_time", 0.5, kStraddling},
    {"static_dma_active_time_percent", 0.5, kStraddling},
    {"static_dma_packet_count", 0.5, kStraddling},
    {"static_dma_packet_percent", 0.5, kStraddling},
    {"static_dma_size", 0.5, kStraddling},
    {"static_dma_size_percent", 0.5, kStraddling},
    {"total_active_time", 0.05, kStraddling},
    {"total_active_time_percent", 0.05, kStraddling},
};

/// Official metrics that we have no input for: the version of their tool.
const std::set<std::string> kAbsent = {"profiler_version"};

double allowance(const std::string& name) {
  for (const Allowed& row : kAllowed)
    if (name == row.name) return row.relative;
  return kExact;
}

}  // namespace

TEST_CASE("our summary is the official one, metric by metric") {
  for (const OfficialPair& pair : official_pairs()) {
    const Json ours = summary_object(metrics_of(pair.timeline));
    for (const auto& [name, theirs] : pair.exported["summary"][0].items()) {
      if (kAbsent.count(name)) continue;
      INFO(pair.name << ": " << name);
      REQUIRE(ours.contains(name));
      if (theirs.is_string()) {
        CHECK(ours[name] == theirs);
        continue;
      }
      const double a = ours[name].get<double>(), b = theirs.get<double>();
      INFO("ours " << a << ", official " << b);
      CHECK(std::abs(a - b) <= allowance(name) * std::max(std::abs(b), 1e-30) + 1e-15);
    }
  }
}

}  // namespace neuron::view
