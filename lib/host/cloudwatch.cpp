// SPDX-License-Identifier: Apache-2.0
#include "host/prometheus.h"

namespace neuron::host {
namespace {

struct Metric {
  std::string name;
  const char* unit;
  double value;
};

/// One line: CloudWatch makes a metric of each number under the given dimensions.
std::string line_of(const std::string& name_space, std::int64_t unix_ms, const Json& dimensions,
                    const std::vector<Metric>& metrics) {
  if (metrics.empty()) return "";
  Json names = Json::array(), units = Json::array();
  for (const auto& [name, value] : dimensions.items()) names.push_back(name);
  for (const Metric& m : metrics) units.push_back({{"Name", m.name}, {"Unit", m.unit}});
  Json line{{"_aws",
             {{"Timestamp", unix_ms},
              {"CloudWatchMetrics", Json::array({{{"Namespace", name_space},
                                                  {"Dimensions", Json::array({names})},
                                                  {"Metrics", units}}})}}}};
  line.update(dimensions);
  for (const Metric& m : metrics) line[m.name] = m.value;
  return json::text_of(line) + "\n";
}

void add_numbers(std::vector<Metric>& metrics, const Json* object, const std::string& prefix,
                 const char* unit) {
  if (!object || !object->is_object()) return;
  for (const auto& [name, value] : object->items())
    if (value.is_number() && name != "period")
      metrics.push_back({prefix + name, unit, value.get<double>()});
}

const Json* inner(const Json* value, const char* name) {
  return value ? json::find(*value, name) : nullptr;
}

std::vector<Metric> runtime_metrics(const Json& report) {
  std::vector<Metric> metrics;
  const Json* stats = json::find(report, "execution_stats");
  add_numbers(metrics, inner(stats, "error_summary"), "execution_errors_", "Count");
  add_numbers(metrics, inner(stats, "execution_summary"), "execution_status_", "Count");
  const Json* latency = inner(stats, "latency_stats");
  for (const char* kind : {"total_latency", "device_latency"})
    add_numbers(metrics, inner(latency, kind), std::string(kind) + "_", "Seconds");
  add_numbers(metrics, inner(json::find(report, "memory_used"), "neuron_runtime_used_bytes"),
              "memory_used_", "Bytes");
  add_numbers(metrics, inner(json::find(report, "neuron_runtime_vcpu_usage"), "vcpu_usage"),
              "vcpu_usage_", "Percent");
  return metrics;
}

}  // namespace

std::string cloudwatch_lines(const Json& report, const std::string& name_space,
                             std::int64_t unix_ms) {
  const Json instance{{"InstanceId", report["instance_info"]["instance_id"]},
                      {"InstanceType", report["instance_info"]["instance_type"]}};
  const Json& system = report["system_data"];
  std::vector<Metric> metrics;
  add_numbers(metrics, inner(json::find(system, "vcpu_usage"), "average_usage"),
              "system_vcpu_usage_", "Percent");
  add_numbers(metrics, json::find(system, "memory_info"), "system_", "Bytes");
  std::string out = line_of(name_space, unix_ms, instance, metrics);
  for (const Json& entry : report["neuron_runtime_data"]) {
    Json dimensions = instance;
    dimensions["RuntimeTag"] = entry["neuron_runtime_tag"];
    out += line_of(name_space, unix_ms, dimensions, runtime_metrics(entry["report"]));
    const Json* cores =
        inner(json::find(entry["report"], "neuroncore_counters"), "neuroncores_in_use");
    if (!cores) continue;
    for (const auto& [core, values] : cores->items()) {
      dimensions["NeuronCore"] = core;
      out += line_of(
          name_space, unix_ms, dimensions,
          {{"neuroncore_utilization", "Percent", values.value("neuroncore_utilization", 0.0)},
           {"flops", "Count/Second", values.value("flops", 0.0)}});
    }
  }
  return out;
}

}  // namespace neuron::host
