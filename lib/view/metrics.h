// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <variant>
#include <vector>

#include "view/timeline.h"

namespace neuron::view {

/// One row of metrics.def with its value: names, groups and formulas are the official tool's.
struct Metric {
  std::string group;    ///< "tensor_engine"
  std::string name;     ///< "matmul_instruction_count"
  const char* unit;     ///< "s", "bytes", "flops", "fraction", "count", "cycles", "text" ...
  const char* meaning;  ///< one sentence for a reader
  std::variant<double, std::uint64_t, std::string> value;
  std::string why_zero = {};  ///< where the value is zero and a reader would wonder
};
/// All metrics whose inputs exist, groups in order, names alphabetical in a group; never NaN.
std::vector<Metric> metrics_of(const Timeline& timeline);

}  // namespace neuron::view
