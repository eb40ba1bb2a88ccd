// SPDX-License-Identifier: Apache-2.0
#include "host/prometheus.h"

#include <fmt/format.h>

namespace neuron::host {
namespace {

using Labels = std::map<std::string, std::string>;  // in the order of names, as exporters have it

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n')
      out += "\\n";
    else
      out += c;
  }
  return out;
}

/// Families of metrics in the order of first use; samples of one stand together, as they must.
class Exposition {
 public:
  explicit Exposition(Labels common) : common_(std::move(common)) {}

  void add(const std::string& name, const char* type, const std::string& help, const Labels& labels,
           double value) {
    auto at = index_.find(name);
    if (at == index_.end()) {
      at = index_.emplace(name, families_.size()).first;
      families_.push_back(fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type));
    }
    Labels all = common_;
    for (const auto& [key, text] : labels) all[key] = text;
    std::string list;
    for (const auto& [key, text] : all)
      list += fmt::format("{}{}=\"{}\"", list.empty() ? "" : ",", key, escaped(text));
    families_[at->second] += fmt::format("{}{{{}}} {}\n", name, list, value);
  }
  std::string text() const {
    std::string out;
    for (const std::string& family : families_) out += family;
    return out;
  }

 private:
  Labels common_;
  std::map<std::string, std::size_t> index_;
  std::vector<std::string> families_;
};

const Json* at(const Json& value, std::initializer_list<const char*> path) {
  const Json* here = &value;
  for (const char* name : path)
    if (!here || !(here = json::find(*here, name))) return nullptr;
  return here->is_null() ? nullptr : here;
}

/// A metric for each member of an object, whose name is a label.
void add_members(Exposition& page, const std::string& name, const char* type,
                 const std::string& help, const char* label, const Json* object, Labels labels,
                 double scale = 1) {
  if (!object) return;
  for (const auto& [key, value] : object->items()) {
    if (!value.is_number()) continue;
    labels[label] = key;
    page.add(name, type, help, labels, value.get<double>() * scale);
  }
}

void add_cores(Exposition& page, const Json& report, const Labels& runtime) {
  if (const Json* cores = at(report, {"neuroncore_counters", "neuroncores_in_use"}))
    for (const auto& [core, values] : cores->items()) {
      Labels labels = runtime;
      labels["neuroncore"] = core;
      page.add("neuroncore_utilization_ratio", "gauge", "NeuronCore utilization ratio", labels,
               values.value("neuroncore_utilization", 0.0) / 100);
    }
  const Json* memory = at(report, {"memory_used", "neuron_runtime_used_bytes", "usage_breakdown",
                                   "neuroncore_memory_usage"});
  if (!memory) return;
  for (const auto& [core, kinds] : memory->items())
    for (const auto& [kind, bytes] : kinds.items()) {
      Labels labels = runtime;
      labels["neuroncore"] = core;
      labels["memory_location"] = "None";
      page.add("neuroncore_memory_usage_" + kind, "gauge",
               "NeuronCore memory utilization for " + kind, labels, bytes.get<double>());
    }
}

/// Counters since the runtime began, from the counters themselves: a report only has differences.
void add_executions(Exposition& page, const ProcessView& process, const Labels& runtime) {
  const auto counts = executions_of(process);
  std::map<std::string, std::uint64_t> errors, statuses;
  for (const char* name : {"generic", "numerical", "transient", "model", "runtime", "hardware"})
    errors[name] = 0;
#define NEURON_STATUS(name, execution, error, ...)               \
  statuses[execution] += counts[CoreCells::index(Status::name)]; \
  if (*error) errors[error] += counts[CoreCells::index(Status::name)];
#include "host/counters.def"
  for (const auto& [name, count] : errors) {
    Labels labels = runtime;
    labels["error_type"] = name;
    page.add("execution_errors_total", "counter", "Execution errors total", labels,
             static_cast<double>(count));
  }
  for (const auto& [name, count] : statuses) {
    Labels labels = runtime;
    labels["status_type"] = name;
    page.add("execution_status_total", "counter", "Execution status total", labels,
             static_cast<double>(count));
  }
}

void add_runtime(Exposition& page, const Json& entry, const Snapshot& snapshot) {
  const Labels runtime{{"runtime_tag", entry.value("neuron_runtime_tag", "")}};
  const Json& report = entry["report"];
  for (const ProcessView& process : snapshot.processes)
    if (process.pid == entry["pid"] && report.contains("execution_stats"))
      add_executions(page, process, runtime);
  add_members(page, "execution_latency_seconds", "gauge", "Execution latency in seconds",
              "percentile", at(report, {"execution_stats", "latency_stats", "total_latency"}),
              runtime);
  if (const Json* used = at(report, {"memory_used", "neuron_runtime_used_bytes"}))
    for (const char* where : {"host", "neuron_device"}) {
      Labels labels = runtime;
      labels["memory_location"] = where;
      page.add("neuron_runtime_memory_used_bytes", "gauge", "Runtime memory used bytes", labels,
               used->value(where, 0.0));
    }
  add_cores(page, report, runtime);
  add_members(page, "neuron_runtime_vcpu_usage_ratio", "gauge", "Runtime vCPU utilization ratio",
              "usage_type", at(report, {"neuron_runtime_vcpu_usage", "vcpu_usage"}), runtime, 0.01);
}

void add_system(Exposition& page, const Json& system) {
  if (const Json* each = at(system, {"vcpu_usage", "usage_data"}))
    page.add("system_vcpu_count", "gauge", "System vCPU count", {},
             static_cast<double>(each->size()));
  add_members(page, "system_vcpu_usage_ratio", "gauge", "System CPU utilization ratio",
              "usage_type", at(system, {"vcpu_usage", "average_usage"}), {}, 0.01);
  if (const Json* memory = at(system, {"memory_info"}))
    for (const char* kind :
         {"memory_total_bytes", "memory_used_bytes", "swap_total_bytes", "swap_used_bytes"}) {
      const std::string what = kind;
      page.add("system_" + what, "gauge",
               fmt::format("System {} {} bytes", what.substr(0, what.find('_')),
                           what.substr(what.find('_') + 1)),
               {}, memory->value(kind, 0.0));
    }
  if (const Json* devices = at(system, {"neuron_hw_counters", "neuron_devices"}))
    for (const Json& device : *devices)
      for (const auto& [event, count] : device.items())
        if (event != "neuron_device_index")
          page.add(
              "hardware_ecc_events_total", "counter", "Hardware ECC events total",
              {{"event_type", event},
               {"neuron_device_index", std::to_string(device["neuron_device_index"].get<int>())}},
              count.get<double>());
}

}  // namespace

std::string prometheus_text(const Json& report, const Snapshot& snapshot) {
  const Json& instance = report["instance_info"];
  const auto word = [&](const char* name) { return instance.value(name, ""); };
  Exposition page({{"availability_zone", word("instance_availability_zone")},
                   {"instance_id", word("instance_id")},
                   {"instance_name", word("instance_name")},
                   {"instance_type", word("instance_type")},
                   {"region", word("instance_region")},
                   {"subnet_id", word("subnet_id")}});
  for (const Json& entry : report["neuron_runtime_data"]) add_runtime(page, entry, snapshot);
  add_system(page, report["system_data"]);
  page.add("instance_info", "gauge", "EC2 instance information", {}, 1);
  Labels hardware;
  for (const auto& [name, value] : report["neuron_hardware_info"].items())
    if (name != "error")
      hardware[name] = value.is_string() ? value.get<std::string>() : json::text_of(value);
  page.add("neuron_hardware_info", "gauge", "Neuron hardware information", hardware, 1);
  return page.text();
}

}  // namespace neuron::host
