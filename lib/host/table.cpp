// SPDX-License-Identifier: Apache-2.0
#include "host/table.h"

#include <fmt/format.h>

#include <algorithm>

namespace neuron::host {

std::string text_of(const Table& table) {
  std::vector<std::size_t> widths;
  for (const Table::Column& column : table.columns)
    widths.push_back(std::max(column.head.size(), column.second.size()));
  for (const auto& group : table.groups)
    for (const auto& row : group)
      for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());

  std::string rule = "+";
  for (const std::size_t width : widths) rule += std::string(width + 2, '-') + "+";
  rule += "\n";

  std::string out = rule;
  for (const auto line : {&Table::Column::head, &Table::Column::second}) {
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string& word = table.columns[c].*line;
      const std::size_t left = (widths[c] - word.size()) / 2;
      out += fmt::format("| {:{}}{:<{}} ", "", left, word, widths[c] - left);
    }
    out += "|\n";
  }
  out += rule;
  for (const auto& group : table.groups) {
    for (const auto& row : group) {
      for (std::size_t c = 0; c < widths.size(); ++c)
        out += fmt::format("| {:<{}} ", row[c], widths[c]);
      out += "|\n";
    }
    if (table.ruled) out += rule;
  }
  return table.ruled && !table.groups.empty() ? out : out + rule;
}

}  // namespace neuron::host
