// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

#include <algorithm>

#include "neff/info_rows.h"

namespace neuron::neff {
namespace {

std::string line(std::string_view label, const std::string& value) {
  std::string text = fmt::format("      {:<31}{}", label, value);
  text.resize(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string header_text(const Header& h) {
  const auto hash = std::span(h.hash).first(h.pkg_version == 1 ? 32 : 16);
  const auto in_bytes = [](std::uint64_t n) { return fmt::format("{:<10}(bytes)", n); };
  std::string text = "NEFF Header:\n";
  text += line("Package Version:", std::to_string(h.pkg_version));
  text += line("Header Size:", in_bytes(h.header_size));
  text += line("Data Size:", in_bytes(h.data_size));
  text += line("Major Version:", std::to_string(h.neff_version_major));
  text += line("Minor Version:", std::to_string(h.neff_version_minor));
  text += line("Build Version:", std::string(text_of(h.neff_build_version)));
  text += line("Number of Neuron cores:", std::to_string(h.num_tpb));
  text += line("Hash:", hex(hash));
  text += line("UUID:", hex(h.uuid));
  text += line("Network Name:", std::string(text_of(h.name)));
  text += line("Enabled Features:", feature_names(h.feature_bits));
  return text;
}

constexpr std::size_t kAligned = 9;  // TimeSeries, the last column, follows as it is
using Cells = std::array<std::string, kAligned + 1>;

std::vector<Cells> cells_of(const std::vector<InfoBlock>& blocks) {
  std::vector<Cells> rows{{"NODE", "Executor", "Name", "Variable", "Size", "Type", "Format",
                           "Shape", "DataType", "TimeSeries"}};
  for (const InfoBlock& block : blocks) {
    rows.push_back({std::to_string(block.node), block.executor, block.name});
    for (const InfoTensor& t : block.tensors) {
      const bool typed = t.data_type != DType::Unknown;
      // Nothing in a package marks a time series, and the guide's example has none.
      rows.push_back({"", "", "", t.variable, std::to_string(t.size), t.type, t.format,
                      neuron::text_of(t.shape), typed ? name_of(t.data_type) : "",
                      t.is_output ? "false" : ""});
    }
  }
  return rows;
}

std::string table_text(const std::vector<Cells>& rows) {
  std::array<std::size_t, kAligned> widths{};
  for (const Cells& row : rows)
    for (std::size_t c = 0; c < kAligned; ++c) widths[c] = std::max(widths[c], row[c].size());
  std::string text;
  for (const Cells& row : rows) {
    std::string out;
    for (std::size_t c = 0; c < kAligned; ++c) out += fmt::format("    {:>{}}", row[c], widths[c]);
    if (!row[kAligned].empty()) out += "    " + row[kAligned];
    out.resize(out.find_last_not_of(' ') + 1);
    text += out + '\n';
  }
  return text;
}

}  // namespace

Result<std::string> info_text(const Package& package, const InfoOptions& options) {
  const auto model = TRY(model_of(package));
  return header_text(package.header) + "\n\nNEFF Nodes:\n" +
         table_text(cells_of(blocks_of(model, options)));
}

}  // namespace neuron::neff
