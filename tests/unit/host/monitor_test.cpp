// SPDX-License-Identifier: Apache-2.0
#include "host/monitor.h"

#include "host/prometheus.h"
#include "tests/catch.h"

using namespace neuron;
using namespace neuron::host;

namespace {

Result<MonitorConfig> parse(const char* text) { return parse_monitor_config(view_of(text)); }

/// Two moments a second apart; in between the process ran on the first core of two.
struct Case {
  Moment before, after;
  Case() {
    for (Moment* m : {&before, &after}) {
      Snapshot& s = m->snapshot;
      s.box.instance = find_instance("trn2.48xlarge");
      s.box.lnc = 2;
      s.at_ns = m == &before ? 1'000'000'000 : 2'000'000'000;
      ProcessView p;
      p.pid = 7;
      p.tag = "app";
      p.first = 2;
      p.count = 2;
      p.cells = std::make_unique<ProcessCells>();
      p.cores.resize(2);
      s.processes.push_back(std::move(p));
    }
    ProcessView& p = after.snapshot.processes[0];
    p.cores[0].busy_ns = 420'100'000;
    p.cores[0].flop_count = 1'234'567;
    p.cores[0].led[CoreCells::index(Status::success)] = 100;
    p.cores[0].led[CoreCells::index(Status::infer_completed_with_num_error)] = 2;
    p.cells->rejected[CoreCells::index(Status::exec_bad_input)] = 3;
    for (int ms = 1; ms <= 100; ++ms)
      ++p.cells->total_latency[bucket_of(static_cast<std::uint64_t>(ms) * 1'000'000)];
  }
  Json group(Group g) const { return group_of(g, {before, after}, &after.snapshot.processes[0]); }
};

}  // namespace

TEST_CASE("periods go from the outside in, and groups have the documented names") {
  const auto config = REQUIRE_OK(parse(R"({
    "period": "1s",
    "neuron_runtimes": [{"tag_filter": "train.*", "period": "1m30s", "metrics": [
      {"type": "neuroncore_counters"}, {"type": "execution_stats", "period": "250ms"}]}],
    "system_metrics": [{"type": "vcpu_usage"}, {"period": "2s", "type": "neuron_hw_counters"}]})"));
  using namespace std::chrono_literals;
  REQUIRE(config.runtimes.size() == 1);
  CHECK(config.runtimes[0].groups[0].period == 90s);
  CHECK(config.runtimes[0].groups[1].period == 250ms);
  CHECK(std::regex_match("training", config.runtimes[0].tags));
  CHECK_FALSE(std::regex_match("my training", config.runtimes[0].tags));
  CHECK(config.system[0].period == 1s);
  CHECK(config.system[1].period == 2s);
  CHECK(config.system[1].group == Group::neuron_hw_counters);
  CHECK(REQUIRE_OK(parse(R"({"system_metrics": [{"type": "memory_info"}]})")).system[0].period ==
        5s);
  CHECK(default_monitor_config().runtimes[0].groups.size() == 4);
  CHECK(default_monitor_config().system.size() == 3);
}

TEST_CASE("a configuration that is wrong is refused") {
  for (const char* text :
       {"", "[]", R"({"period": 5})", R"({"period": "5"})", R"({"period": "-1s"})",
        R"({"neuron_runtimes": [1]})", R"({"system_metrics": [{}]})",
        R"({"neuron_runtimes": [{"metrics": [{"type": "vcpu_usage"}]}]})",
        R"({"system_metrics": [{"type": "execution_stats"}]})"}) {
    INFO(text);
    CHECK_FALSE(parse(text));
  }
}

TEST_CASE("a logical core is as busy as its physical ones are on average") {
  const Json cores = Case().group(Group::neuroncore_counters)["neuroncores_in_use"];
  CHECK(cores == Json::parse(R"({"1": {"neuroncore_utilization": 21.01, "flops": 1234567, "v3d": {
    "nc_v3.2": {"neuroncore_utilization": 42.01}, "nc_v3.3": {"neuroncore_utilization": 0.0}}}})"));
}

TEST_CASE("executions are told by how they ended, latencies by percentiles") {
  const Json stats = Case().group(Group::execution_stats);
  CHECK(stats["execution_summary"] == Json::parse(R"({"completed": 100, "completed_with_err": 0,
    "completed_with_num_err": 2, "timed_out": 0, "incorrect_input": 3, "failed_to_queue": 0})"));
  CHECK(stats["error_summary"] == Json::parse(R"({"generic": 0, "numerical": 2, "transient": 0,
    "model": 0, "runtime": 0, "hardware": 0})"));
  const Json& total = stats["latency_stats"]["total_latency"];
  for (const auto& [name, ms] : {std::pair{"p0", 1},
                                 {"p1", 1},
                                 {"p25", 25},
                                 {"p50", 50},
                                 {"p75", 75},
                                 {"p99", 99},
                                 {"p100", 100}}) {
    INFO(name);
    CHECK(total[name].get<double>() == Approx(ms * 1e-3).epsilon(0.01));
  }
  CHECK(stats["latency_stats"]["device_latency"].is_null());
}

TEST_CASE("Prometheus gets counters since the runtime began, under the exporter's names") {
  const Case c;
  Json report{{"neuron_runtime_data",
               Json::array({{{"pid", 7},
                             {"neuron_runtime_tag", "a \"tag\""},
                             {"report",
                              {{"execution_stats", c.group(Group::execution_stats)},
                               {"neuroncore_counters", c.group(Group::neuroncore_counters)}}}}})},
              {"system_data", Json::object()},
              {"instance_info", {{"instance_id", "i-1"}, {"instance_type", "trn2.48xlarge"}}},
              {"neuron_hardware_info", {{"neuron_device_count", 16}, {"error", ""}}}};
  const std::string text = prometheus_text(report, c.after.snapshot);
  const std::string labels =
      R"({availability_zone="",instance_id="i-1",instance_name="",instance_type="trn2.48xlarge",)";
  for (const std::string& line :
       {std::string("# TYPE execution_status_total counter\n"),
        "execution_status_total" + labels +
            R"(region="",runtime_tag="a \"tag\"",status_type="completed",subnet_id=""} 100)"
            "\n",
        "neuroncore_utilization_ratio" + labels +
            R"(neuroncore="1",region="",runtime_tag="a \"tag\"",subnet_id=""} 0.2101)"
            "\n"}) {
    INFO(line << "\n" << text);
    CHECK(text.find(line) != std::string::npos);
  }
}
