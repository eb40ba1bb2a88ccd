// SPDX-License-Identifier: Apache-2.0
#include "neff/info.h"

#include <algorithm>

#include "neff/info_rows.h"
#include "neff/memory.h"
#include "neff/text_table.h"

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

std::vector<std::vector<std::string>> cells_of(const std::vector<InfoBlock>& blocks) {
  std::vector<std::vector<std::string>> rows{{"NODE", "Executor", "Name", "Variable", "Size",
                                              "Type", "Format", "Shape", "DataType", "TimeSeries"}};
  for (const InfoBlock& block : blocks) {
    rows.push_back({std::to_string(block.node), block.executor, block.name});
    for (const InfoTensor& t : block.tensors) {
      const bool typed = t.data_type != DType::Unknown;
      rows.push_back({"", "", "", t.variable, std::to_string(t.size), t.type, t.format,
                      neuron::text_of(t.shape), typed ? name_of(t.data_type) : ""});
      // Nothing in a package marks a time series, and the guides' examples have none.
      if (t.has_time_series) rows.back().push_back("false");
    }
  }
  return rows;
}

}  // namespace

std::string nodes_text(const Model& model, const InfoOptions& options) {
  return table_text(cells_of(blocks_of(model, options)), kAligned);
}

Result<std::string> info_text(const Package& package, const InfoOptions& options) {
  const auto model = TRY(model_of(package));
  std::string text = header_text(package.header) + "\n\nNEFF Nodes:\n" + nodes_text(model, options);
  if (options.memory) text += "\n\nDevice Memory (bytes):\n" + memory_text(memory_of(model));
  return text;
}

}  // namespace neuron::neff
