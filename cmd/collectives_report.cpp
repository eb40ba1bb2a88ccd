// SPDX-License-Identifier: Apache-2.0
#include "cmd/collectives_report.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace neuron::cmd {
namespace {

constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

constexpr struct {
  const char* name;
  DType type;
} kTypes[] = {
    {"uint8", DType::UInt8},   {"int8", DType::Int8},     {"fp8", DType::Fp8E4},
    {"uint16", DType::UInt16}, {"int16", DType::Int16},   {"fp16", DType::Float16},
    {"bf16", DType::BFloat16}, {"uint32", DType::UInt32}, {"int32", DType::Int32},
    {"fp32", DType::Float32},
};

double average(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

/// The value that `percent` of all do not exceed.
double percentile(std::vector<double> values, double percent) {
  std::sort(values.begin(), values.end());
  const double place = std::ceil(percent / 100 * static_cast<double>(values.size()));
  return values[static_cast<std::size_t>(std::max(1.0, place)) - 1];
}

double statistic(const std::string& name, const std::vector<double>& values) {
  if (name == "avg") return average(values);
  return percentile(values, std::stod(name.substr(1)));
}

/// Right-aligned under its title.
std::string cell(const std::string& text, const std::string& title) {
  return fmt::format("{:>{}}", text, title.size());
}

std::string title_of(const std::string& stat) { return "time:" + stat + "(us)"; }

/// At most two decimals, at least one: 10.0, 10.22.
std::string rounded(double value) {
  std::string text = fmt::format("{:.2f}", value);
  if (text.ends_with("0")) text.pop_back();
  return text;
}

}  // namespace

const char* short_name(DType type) {
  for (const auto& row : kTypes)
    if (row.type == type) return row.name;
  return name_of(type);
}

Result<DType> type_of_short_name(const std::string& name) {
  std::string known;
  for (const auto& row : kTypes) {
    if (name == row.name) return row.type;
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  return fail(Code::BadUsage, "--datatype is {}, expected {}", name, known);
}

Result<> check_stats(const std::vector<std::string>& stats) {
  for (const std::string& stat : stats) {
    if (stat == "avg") continue;
    const bool is_number = stat.size() > 1 && stat.size() < 8 && stat[0] == 'p' &&
                           stat.find_first_not_of("0123456789.", 1) == std::string::npos &&
                           std::count(stat.begin(), stat.end(), '.') <= 1 && stat != "p.";
    if (is_number && std::stod(stat.substr(1)) <= 100) continue;
    return fail(Code::BadUsage, "--stats: {} is neither avg nor p0 to p100", stat);
  }
  return {};
}

std::string CollectivesReport::header() const {
  std::string line = "size(B)    count(elems)    ";
  if (options_.shows_sizes) line += "total_input_size(B)    total_output_size(B)    ";
  line += "  type    ";
  for (const std::string& stat : options_.stats) line += title_of(stat) + "    ";
  return "   " + line + "algbw(GB/s)    busbw(GB/s)" +
         (options_.shows_algorithm ? "    algorithm" : "");
}

std::string CollectivesReport::add(const nrt::cc::BenchmarkRow& row) {
  const double microseconds = average(row.microseconds);
  const double algorithm = static_cast<double>(row.size) / kGiB / (microseconds / 1e6);
  const double bus = algorithm * benchmark_.bus_factor(ranks_);
  Json result{{"size(B)", row.size},
              {"count(elems)", row.count},
              {"type", short_name(type_)},
              {"algbw(GB/s)", algorithm},
              {"busbw(GB/s)", bus}};
  std::string line = cell(fmt::to_string(row.size), "   size(B)") + "    " +
                     cell(fmt::to_string(row.count), "count(elems)") + "    ";
  if (options_.shows_sizes) {
    line += cell(fmt::to_string(row.input), "total_input_size(B)") + "    " +
            cell(fmt::to_string(row.output), "total_output_size(B)") + "    ";
    result["total_input_size(B)"] = row.input;
    result["total_output_size(B)"] = row.output;
  }
  line += fmt::format("{:>6}    ", short_name(type_));
  for (const std::string& stat : options_.stats) {
    const double value = statistic(stat, row.microseconds);
    result[title_of(stat)] = value;
    const std::string text = stat == "avg" ? rounded(value) : fmt::format("{:.0f}", value);
    line += cell(text, title_of(stat)) + "    ";
  }
  line += cell(fmt::format("{:.2f}", algorithm), "algbw(GB/s)") + "    " +
          cell(fmt::format("{:.2f}", bus), "busbw(GB/s)");
  if (options_.shows_algorithm) {
    line += "    " + cell(row.algorithm, "algorithm");
    result["algorithm"] = row.algorithm;
  }
  results_.push_back(std::move(result));
  bus_sum_ += bus;
  return line;
}

std::string CollectivesReport::footer() const {
  return fmt::format("Avg bus bandwidth:\t{:.4f}GB/s",
                     bus_sum_ / static_cast<double>(std::max<std::size_t>(1, results_.size())));
}

}  // namespace neuron::cmd
