// SPDX-License-Identifier: Apache-2.0
#include "view/formats/summary_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace neuron::view {

std::string summary_text(const std::vector<Metric>& metrics) {
  std::vector<const Metric*> rows;
  std::size_t width = 0;
  for (const Metric& m : metrics) {
    rows.push_back(&m);
    width = std::max(width, m.name.size());
  }
  std::sort(rows.begin(), rows.end(),
            [](const Metric* a, const Metric* b) { return a->name < b->name; });
  std::string out;
  for (const Metric* m : rows) {
    const std::string value =
        std::visit([](const auto& v) { return fmt::format("{}", v); }, m->value);
    out += fmt::format("{:<{}}  {}\n", m->name, width, value);
  }
  return out;
}

}  // namespace neuron::view
