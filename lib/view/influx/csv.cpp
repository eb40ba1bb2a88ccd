// SPDX-License-Identifier: Apache-2.0
#include "view/influx/csv.h"

namespace neuron::view {
namespace {

/// Takes one record off `text`: its fields, or none for an empty line.
Result<std::vector<std::string>> take_record(std::string_view& text) {
  std::vector<std::string> fields(1);
  bool is_quoted = false, is_empty = true;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (is_quoted) {
      if (c != '"')
        fields.back() += c;
      else if (at + 1 < text.size() && text[at + 1] == '"')
        fields.back() += text[++at];
      else
        is_quoted = false;
      continue;
    }
    if (c == '\n') break;
    if (c == '\r') continue;
    is_empty = false;
    if (c == ',')
      fields.emplace_back();
    else if (c == '"')
      is_quoted = true;
    else
      fields.back() += c;
  }
  if (is_quoted) return fail(Code::Malformed, "the answer to a query ends inside of quotes");
  text.remove_prefix(std::min(text.size(), at + 1));
  if (is_empty) fields.clear();
  return fields;
}

}  // namespace

Result<std::vector<FluxRow>> parse_flux_csv(std::string_view text) {
  std::vector<FluxRow> rows;
  std::vector<std::string> header;
  while (!text.empty()) {
    const auto fields = TRY(take_record(text));
    if (fields.empty()) {
      header.clear();  // the next table brings its own
      continue;
    }
    if (fields[0].starts_with("#")) {
      header.clear();
      continue;
    }
    if (header.empty()) {
      header = fields;
      continue;
    }
    if (fields.size() > header.size())
      return fail(Code::Malformed, "a row of the answer has {} fields, its header {}",
                  fields.size(), header.size());
    FluxRow row;
    for (std::size_t i = 0; i < fields.size(); ++i) row.emplace(header[i], fields[i]);
    if (const auto error = row.find("error"); error != row.end() && !error->second.empty())
      return fail(Code::Io, "{}", error->second);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace neuron::view
