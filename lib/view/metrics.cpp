// SPDX-License-Identifier: Apache-2.0
#include "view/metrics.h"

#include <cmath>

#include "view/metric_inputs.h"

namespace neuron::view {
namespace {

/// 0 where there is nothing to divide by: no metric is ever NaN or infinite.
double ratio(double above, double below) {
  const double value = above / below;
  return std::isfinite(value) ? value : 0;
}
double ratio(std::uint64_t above, std::uint64_t below) {
  return ratio(static_cast<double>(above), static_cast<double>(below));
}
double ratio(std::uint64_t above, double below) { return ratio(static_cast<double>(above), below); }

std::uint64_t whole(double value) {
  return value > 0 && value < 1e19 ? static_cast<std::uint64_t>(value) : 0;
}
std::uint64_t hbm_bytes(const MetricInputs& in) { return in.hbm_read + in.hbm_write; }
std::uint64_t useful_flops(const MetricInputs& in) {
  return in.hardware_flops - in.transpose_flops;
}
/// What the model asked for; without numbers in the package, what was computed.
std::uint64_t wanted_flops(const MetricInputs& in) {
  return in.model_flops ? in.model_flops : useful_flops(in);
}
/// The utilisation at which HBM traffic alone would fill the time.
double best_of(const MetricInputs& in, std::uint64_t flops) {
  const double balance = ratio(in.flops_per_s, in.hbm_bytes_per_s);
  return std::min(1.0, ratio(ratio(flops, hbm_bytes(in)), balance));
}

std::string kind_name(std::uint8_t kind) {
  return kind <= 3 ? fmt::format("activity_{}", kind) : "unknown";
}

/// The limit counts time without a record as none allowed, as the official tool does.
void add_throttles(std::vector<Metric>& rows, const MetricInputs& in) {
  for (const auto& [core, kinds] : in.throttles) {
    const std::string group = fmt::format("throttling_nc{}", core);
    ThrottleSums all;
    std::vector<Metric> some;
    for (const auto& [kind, sums] : kinds) {
      all.weighted_s += sums.weighted_s;
      all.limited_ns += sums.limited_ns;
      const std::string name = "throttle_" + kind_name(kind);
      some.push_back({group, fmt::format("{}_active_time_nc{}_percent", name, core), "fraction",
                      "time under this limit, of total_time", ratio(sums.time_s, in.total_s)});
      some.push_back({group, fmt::format("{}_avg_util_limit_nc{}_percent", name, core), "fraction",
                      "the limit k/n while it held", ratio(sums.weighted_s, sums.time_s)});
    }
    rows.push_back({group, fmt::format("throttle_active_nc{}_time_ns", core), "ns",
                    "time in which less than full use was allowed", all.limited_ns});
    rows.insert(rows.end(), some.begin(), some.end());
    rows.push_back({group, fmt::format("throttle_avg_util_limit_nc{}_percent", core), "fraction",
                    "limits k/n weighted by time, over total_time",
                    ratio(all.weighted_s, in.total_s)});
  }
}

bool is_zero(const Metric& metric) {
  if (const auto* real = std::get_if<double>(&metric.value)) return *real == 0;
  if (const auto* whole = std::get_if<std::uint64_t>(&metric.value)) return *whole == 0;
  return false;
}

const char* why_zero(std::string_view name, const MetricInputs& in) {
#define ZERO(metric, when, why) \
  if (name == #metric && (when)) return why;
#include "view/zeros.def"
#undef ZERO
  return "";
}

}  // namespace

std::vector<Metric> metrics_of(const MetricInputs& in) {
  constexpr bool always = true;
  using Value = decltype(Metric::value);
  std::vector<Metric> rows, last;
#define METRIC(group, name, unit, when, formula, meaning) \
  if (when)                                               \
    (std::string_view(#group) == "summary" ? last : rows) \
        .push_back({#group, #name, unit, meaning, Value(formula), {}});
#include "view/metrics.def"
#undef METRIC
  add_throttles(rows, in);
  rows.insert(rows.end(), last.begin(), last.end());
  for (Metric& row : rows)
    if (is_zero(row)) row.why_zero = why_zero(row.name, in);
  return rows;
}

std::vector<Metric> metrics_of(const Timeline& timeline) { return metrics_of(inputs_of(timeline)); }

}  // namespace neuron::view
