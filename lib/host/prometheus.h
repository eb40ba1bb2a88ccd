// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/monitor.h"

namespace neuron::host {

/// A report as Prometheus reads it: names and labels of neuron-monitor's own exporter. Counters are
/// those of the runtimes since they began.
std::string prometheus_text(const Json& report, const Snapshot& snapshot);

/// A report in CloudWatch's embedded metric format: a line of JSON for each set of dimensions.
std::string cloudwatch_lines(const Json& report, const std::string& name_space,
                             std::int64_t unix_ms);

/// A dashboard for Grafana that shows these metrics (grafana.json).
std::string_view grafana_dashboard();

}  // namespace neuron::host
