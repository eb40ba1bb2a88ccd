// SPDX-License-Identifier: Apache-2.0
#include "neff/text_table.h"

#include <algorithm>

namespace neuron::neff {

std::string table_text(const std::vector<std::vector<std::string>>& rows, std::size_t aligned) {
  std::vector<std::size_t> widths(aligned, 0);
  for (const auto& row : rows)
    for (std::size_t c = 0; c < std::min(aligned, row.size()); ++c)
      widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const auto& row : rows) {
    std::string out;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::size_t width = c < aligned ? widths[c] : 0;
      out += "    " + std::string(width - std::min(width, row[c].size()), ' ') + row[c];
    }
    out.resize(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  }
  return text;
}

}  // namespace neuron::neff
