// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/json.h"

/// Where a model's operators run, and why.
namespace neuron::compile {

struct HostOperator {
  std::string node, op, why;
};
struct ReportPart {
  std::string name;
  bool on_host = false;
  std::uint64_t operators = 0;  ///< after fusion
  double cost_us = 0;           ///< predicted work of its busiest engine, without waits
};
struct Report {
  std::string model, target;
  std::uint64_t operators = 0, device_operators = 0;  ///< nodes of the source model
  std::uint64_t macs = 0, device_macs = 0;            ///< of products and convolutions
  std::uint64_t cores = 0;                            ///< logical NeuronCores that it needs
  std::vector<ReportPart> parts;                      ///< in the order in which they run
  std::vector<HostOperator> on_host;
  /// Outputs of open shape, and the output that holds it.
  std::map<std::string, std::string> shapes;
};
std::string text_of(const Report& report);
Json json_of(const Report& report);

}  // namespace neuron::compile
