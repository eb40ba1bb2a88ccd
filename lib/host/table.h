// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace neuron::host {

/// A table as the official tools draw it: centred heads of two lines, cells to the left.
struct Table {
  struct Column {
    std::string head, second;
  };
  std::vector<Column> columns;
  /// Groups of rows; a rule goes between groups when `ruled`.
  std::vector<std::vector<std::vector<std::string>>> groups;
  bool ruled = false;
};
std::string text_of(const Table& table);

}  // namespace neuron::host
