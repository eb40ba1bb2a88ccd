// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <map>

#include "sample.h"
#include "tests/catch.h"
#include "view/formats/summary_json.h"
#include "view/formats/summary_text.h"
#include "view/metric_inputs.h"

namespace neuron::view {
namespace {

double number(const std::vector<Metric>& metrics, const std::string& name) {
  for (const Metric& m : metrics) {
    if (m.name != name) continue;
    if (const auto* count = std::get_if<std::uint64_t>(&m.value))
      return static_cast<double>(*count);
    if (const auto* real = std::get_if<double>(&m.value)) return *real;
  }
  FAIL("no number named " << name);
  return 0;
}

}  // namespace

TEST_CASE("the formulas give what the official tool printed for a Trn1 profile") {
  // A summary that a user published; numbers are rounded there, so four digits are all there is.
  constexpr double GiB = 1024.0 * 1024 * 1024;
  MetricInputs in;
  in.total_s = 54.82e-3;
  in.base_hz = 1.4e9;
  in.core_flops_per_s = in.flops_per_s = 2.0 * 128 * 128 * 2.8e9;
  in.hbm_bytes_per_s = 410e9;
  in.hardware_flops = 636'277'000'000;
  in.model_flops = 525'577'000'000;
  in.transpose_flops = 110'700'000'000;
  in.hbm_read = static_cast<std::uint64_t>(3.995 * GiB);
  in.hbm_write = static_cast<std::uint64_t>(2.702 * GiB);
  in.input_bytes = static_cast<std::uint64_t>(1.224 * GiB);
  in.dma.active_s = 44.93e-3;
  in.dma.packets = 839'104 + 648'906;
  in.software.packets = 839'104;
  in.dma.bytes = static_cast<std::uint64_t>((2.773 + 4.129) * GiB);
  in.software.bytes = static_cast<std::uint64_t>(2.773 * GiB);
  const auto metrics = metrics_of(in);
  const std::map<std::string, double> printed = {
      {"neuroncore_cycle_count", 76'753'832},
      {"dma_active_cycles", 44.93e-3 * 1.4e9},
      {"hfu_estimated_percent", 0.1265},
      {"mfu_estimated_percent", 0.1045},
      {"mfu_hlo_estimated_percent", 0.1045},
      {"mbu_estimated_percent", 0.3199},
      {"peak_flops_bandwidth_ratio", 223.78},
      {"mm_arithmetic_intensity", 73.09},
      {"mfu_max_achievable_estimated_percent", 0.3266},
      {"mbu_min_read_util_percent", 0.0585},
      {"dma_active_time_percent", 0.8195},
      {"dynamic_dma_packet_percent", 0.5639},
      {"dynamic_dma_size_percent", 0.4018},
  };
  for (const auto& [name, value] : printed) {
    INFO(name);
    CHECK(number(metrics, name) == Approx(value).epsilon(6e-4));
  }
}

TEST_CASE("sums of a timeline leave waits out and count overlaps once") {
  const auto metrics = metrics_of(sample_timeline());
  CHECK(number(metrics, "tensor_engine_active_time") == Approx(1.5e-6));
  CHECK(number(metrics, "tensor_engine_instruction_time") == Approx(2e-6));
  CHECK(number(metrics, "tensor_engine_instruction_count") == 2);
  CHECK(number(metrics, "vector_engine_active_time") == 0);
  CHECK(number(metrics, "vector_engine_instruction_count") == 1);
  CHECK(number(metrics, "dma_active_time") == Approx(0.9e-6));
  CHECK(number(metrics, "dma_packet_time") == Approx(1.4e-6));
  CHECK(number(metrics, "hardware_dynamic_dma_packet_count") == 2);
  CHECK(number(metrics, "static_dma_size") == 8192);
  CHECK(number(metrics, "input_queue_bytes") == 8192);
  CHECK(number(metrics, "total_active_time") == Approx(2.4e-6));
  CHECK(number(metrics, "total_exec_time") == Approx(2.5e-6));
  CHECK(number(metrics, "transpose_flops") == 1'000'000);
  CHECK(number(metrics, "throttle_active_nc0_time_ns") == 4000);
  CHECK(number(metrics, "throttle_activity_1_avg_util_limit_nc0_percent") == Approx(0.5));
  CHECK(number(metrics, "inputs_and_weights_size_bytes") == 5000);
}

TEST_CASE("an empty timeline has metrics and none of them is NaN or infinite") {
  const auto metrics = metrics_of(Timeline{});
  CHECK(metrics.size() > 80);
  for (const Metric& m : metrics)
    if (const auto* real = std::get_if<double>(&m.value)) {
      INFO(m.name);
      CHECK(std::isfinite(*real));
    }
}

TEST_CASE("names stand alphabetically in their groups and no group comes twice") {
  const auto metrics = metrics_of(sample_timeline());
  std::map<std::string, std::string> last;
  std::string group;
  for (const Metric& m : metrics) {
    if (m.group != group) CHECK(last.count(m.group) == 0);
    group = m.group;
    CHECK(last[m.group] < m.name);
    last[m.group] = m.name;
  }
}

TEST_CASE("summary text is two aligned columns in alphabetical order") {
  const std::vector<Metric> metrics = {{"overall_stats", "total_time", "s", "", 0.017},
                                       {"system", "nc_idx", "index", "", std::uint64_t{1}},
                                       {"system", "nd_idx", "index", "", std::uint64_t{2}}};
  CHECK(summary_text(metrics) ==
        "nc_idx      1\n"
        "nd_idx      2\n"
        "total_time  0.017\n");
}

TEST_CASE("summary json is one object keyed by the profile") {
  const std::vector<Metric> metrics = {
      {"overall_stats", "total_time", "s", "", 0.017},
      {"system", "instance_type", "text", "", std::string("trn2.3xlarge")}};
  const auto j = REQUIRE_OK(json::parse(view_of(summary_json("n_1", metrics))));
  CHECK(j.size() == 1);
  CHECK(j["n_1"]["total_time"] == 0.017);
  CHECK(j["n_1"]["instance_type"] == "trn2.3xlarge");
}

}  // namespace neuron::view
