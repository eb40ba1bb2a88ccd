// SPDX-License-Identifier: Apache-2.0
#include "view/formats/summary_json.h"

namespace neuron::view {

Json summary_object(const std::vector<Metric>& metrics) {
  Json out = Json::object();
  for (const Metric& m : metrics) std::visit([&](const auto& v) { out[m.name] = v; }, m.value);
  return out;
}

std::string summary_json(const std::string& profile_name, const std::vector<Metric>& metrics) {
  Json out = Json::object();
  out[profile_name] = summary_object(metrics);
  return json::text_of(out, 2) + "\n";
}

}  // namespace neuron::view
