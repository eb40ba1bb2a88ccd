// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "base/json.h"
#include "base/result.h"

/// Two or more profiles side by side: the first is the base.
namespace neuron::view {

/// What a comparison needs of a profile, by name.
struct ProfileSums {
  struct Value {
    std::string group, unit;
    double value = 0;
  };
  std::string name;
  std::vector<std::pair<std::string, Value>> metrics;  ///< in the order of the summary
  std::map<std::string, double> layers;                ///< engine seconds
  std::map<std::string, double> opcodes;               ///< "Tensor MATMUL": seconds
};
/// From what the store keeps of a profile (Profile::description, describe()).
ProfileSums sums_of(const std::string& name, const Json& description);
/// From a file of --output-format summary-json: metrics only.
Result<ProfileSums> sums_of_summary(const Json& summary);

/// One line of a comparison: the values of all profiles, base first; NaN where one has none.
struct Difference {
  std::string name, group, unit;
  std::vector<double> values;
  /// Change against the base, and the same as a share of it (0 where the base is 0).
  double delta(std::size_t profile) const { return values[profile] - values[0]; }
  double share(std::size_t profile) const;
};
struct Comparison {
  std::vector<std::string> names;
  std::vector<Difference> metrics;          ///< in the order of the summary
  std::vector<Difference> layers, opcodes;  ///< the greatest change first
};
Comparison compare(const std::vector<ProfileSums>& profiles);
/// Lines that differ, or with `all` every line.
std::string comparison_text(const Comparison& comparison, bool all);
Json comparison_json(const Comparison& comparison);

/// 'total_time>+5%', 'hfu_estimated_percent<-0.01', 'total_time>0.002': with a sign, the change
/// against the base; without, the value itself.
struct Threshold {
  std::string text, metric;
  bool is_above = true, is_change = false, is_share = false;
  double limit = 0;
};
Result<Threshold> parse_threshold(const std::string& text);
/// What passes the threshold, one line each; NotFound when no profile has the metric.
Result<std::vector<std::string>> passed(const Comparison& comparison, const Threshold& threshold);

}  // namespace neuron::view
