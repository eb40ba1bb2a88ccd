// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ostream>

#include "base/json.h"
#include "nrt/collectives/benchmark.h"

/// The table and the JSON of `neuron collectives`, as nccom-test prints them.
namespace neuron::cmd {

struct ReportOptions {
  std::vector<std::string> stats{"avg"};  ///< avg, or pNN
  bool shows_sizes = false;               ///< total_input_size(B), total_output_size(B)
  bool shows_algorithm = false;
};
/// BadUsage for a word that is no statistic.
Result<> check_stats(const std::vector<std::string>& stats);

/// Rows as they come; bandwidths are in GiB a second under the name GB/s, as nccom-test has them.
class CollectivesReport {
 public:
  CollectivesReport(const nrt::cc::Benchmark& benchmark, ReportOptions options, DType type,
                    double ranks)
      : benchmark_(benchmark), options_(std::move(options)), type_(type), ranks_(ranks) {}
  std::string header() const;
  /// The line of a row, which is kept for the footer and the JSON.
  std::string add(const nrt::cc::BenchmarkRow& row);
  std::string footer() const;
  const Json& results() const { return results_; }

 private:
  const nrt::cc::Benchmark& benchmark_;
  ReportOptions options_;
  DType type_;
  double ranks_;
  Json results_ = Json::array();
  double bus_sum_ = 0;
};

/// The short name that nccom-test gives a type: "fp32".
const char* short_name(DType type);
Result<DType> type_of_short_name(const std::string& name);

}  // namespace neuron::cmd
