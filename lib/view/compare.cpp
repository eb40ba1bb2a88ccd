// SPDX-License-Identifier: Apache-2.0
#include "view/compare.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neuron::view {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostLines = 30;  // of layers and of opcodes in text

double number_at(const Json& object, const char* key) {
  const Json* value = json::find(object, key);
  return value && value->is_number() ? value->get<double>() : kNone;
}
std::string text_at(const Json& object, const char* key) {
  const Json* value = json::find(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}
const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  const Json* value = json::find(object, key);
  return value && value->is_array() ? *value : none;
}

/// Merges the named numbers of all profiles, the greatest change first; nothing where one has none.
std::vector<Difference> merged(const std::vector<ProfileSums>& profiles,
                               std::map<std::string, double> ProfileSums::*part) {
  std::map<std::string, std::vector<double>> lines;
  // A summary knows neither layers nor opcodes, and that is no difference.
  for (const ProfileSums& profile : profiles)
    if ((profile.*part).empty()) return {};
  for (std::size_t i = 0; i < profiles.size(); ++i)
    for (const auto& [name, value] : profiles[i].*part) {
      auto& values = lines[name];
      values.resize(profiles.size());  // what a profile does not have took no time in it
      values[i] = value;
    }
  std::vector<Difference> list;
  for (auto& [name, values] : lines) list.push_back({name, "", "s", std::move(values)});
  const auto change = [](const Difference& d) {
    double most = 0;
    for (double value : d.values) most = std::max(most, std::abs(value - d.values[0]));
    return most;
  };
  std::stable_sort(list.begin(), list.end(),
                   [&](const Difference& a, const Difference& b) { return change(a) > change(b); });
  return list;
}

bool differs(const Difference& line) {
  return std::any_of(line.values.begin(), line.values.end(),
                     [&](double value) { return value != line.values[0]; });
}

std::string shown(double value) {
  if (std::isnan(value)) return "-";
  if (value == std::floor(value) && std::abs(value) < 1e15) return fmt::format("{:.0f}", value);
  return fmt::format("{:.6g}", value);
}

/// name, base, then for each other profile its value and change.
std::string table(const char* title, const Comparison& c, const std::vector<Difference>& lines,
                  bool all, std::size_t most) {
  std::vector<std::vector<std::string>> rows{{title, c.names[0]}};
  for (std::size_t i = 1; i < c.names.size(); ++i) {
    rows[0].push_back(c.names[i]);
    rows[0].push_back("change");
  }
  for (const Difference& line : lines) {
    if (rows.size() > most) break;
    if (!all && !differs(line)) continue;
    rows.push_back({line.name, shown(line.values[0])});
    for (std::size_t i = 1; i < line.values.size(); ++i) {
      rows.back().push_back(shown(line.values[i]));
      rows.back().push_back(std::isnan(line.delta(i)) || line.delta(i) == 0 ? "="
                            : line.values[0] == 0 ? fmt::format("{:+.6g}", line.delta(i))
                                                  : fmt::format("{:+.2f} %", line.share(i) * 100));
    }
  }
  if (rows.size() == 1) return fmt::format("{}: no difference\n", title);
  std::vector<std::size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  std::string out;
  for (const auto& row : rows) {
    out += fmt::format("{:<{}}", row[0], widths[0]);
    for (std::size_t i = 1; i < row.size(); ++i) out += fmt::format("  {:>{}}", row[i], widths[i]);
    out += '\n';
  }
  return out;
}

}  // namespace

double Difference::share(std::size_t profile) const {
  return values[0] == 0 ? 0 : delta(profile) / std::abs(values[0]);
}

ProfileSums sums_of(const std::string& name, const Json& description) {
  ProfileSums sums;
  sums.name = name;
  for (const Json& metric : list_at(description, "summary"))
    if (const double value = number_at(metric, "value"); !std::isnan(value))
      sums.metrics.push_back(
          {text_at(metric, "name"), {text_at(metric, "group"), text_at(metric, "unit"), value}});
  for (const Json& layer : list_at(description, "layers"))
    if (const double ps = number_at(layer, "active_ps"); !std::isnan(ps))
      sums.layers[text_at(layer, "name")] += ps * 1e-12;
  for (const Json& row : list_at(description, "opcode_summary"))
    if (const double ps = number_at(row, "instruction_time_ps"); !std::isnan(ps))
      sums.opcodes[text_at(row, "engine") + " " + text_at(row, "opcode")] += ps * 1e-12;
  return sums;
}

Result<ProfileSums> sums_of_summary(const Json& summary) {
  if (!summary.is_object() || summary.size() != 1 || !summary.begin()->is_object())
    return fail(Code::Malformed, "expected one profile as summary-json writes it");
  ProfileSums sums;
  sums.name = summary.begin().key();
  for (const auto& [name, value] : summary.begin()->items())
    if (value.is_number()) sums.metrics.push_back({name, {"", "", value.get<double>()}});
  if (sums.metrics.empty()) return fail(Code::Malformed, "holds no metric");
  return sums;
}

Comparison compare(const std::vector<ProfileSums>& profiles) {
  Comparison c;
  std::map<std::string, std::size_t> place;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    c.names.push_back(profiles[i].name);
    for (const auto& [name, value] : profiles[i].metrics) {
      const auto [at, is_new] = place.try_emplace(name, c.metrics.size());
      if (is_new)
        c.metrics.push_back(
            {name, value.group, value.unit, std::vector<double>(profiles.size(), kNone)});
      c.metrics[at->second].values[i] = value.value;
    }
  }
  c.layers = merged(profiles, &ProfileSums::layers);
  c.opcodes = merged(profiles, &ProfileSums::opcodes);
  return c;
}

std::string comparison_text(const Comparison& c, bool all) {
  constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();
  std::string out = table("metric", c, c.metrics, all, kNoLimit);
  if (!c.layers.empty())
    out += "\n" + table("layer (s)", c, c.layers, all, all ? kNoLimit : kMostLines);
  if (!c.opcodes.empty())
    out += "\n" + table("opcode (s)", c, c.opcodes, all, all ? kNoLimit : kMostLines);
  return out;
}

Json comparison_json(const Comparison& c) {
  const auto rows = [](const std::vector<Difference>& lines) {
    Json list = Json::array();
    for (const Difference& line : lines) {
      Json row{{"name", line.name}};
      if (!line.group.empty()) row["group"] = line.group;
      row["unit"] = line.unit;
      for (const char* key : {"values", "deltas", "shares"}) row[key] = Json::array();
      for (std::size_t i = 0; i < line.values.size(); ++i) {
        const auto number = [](double v) { return std::isfinite(v) ? Json(v) : Json(nullptr); };
        row["values"].push_back(number(line.values[i]));
        row["deltas"].push_back(number(line.delta(i)));
        row["shares"].push_back(number(line.share(i)));
      }
      list.push_back(std::move(row));
    }
    return list;
  };
  return {{"profiles", c.names},
          {"metrics", rows(c.metrics)},
          {"layers", rows(c.layers)},
          {"opcodes", rows(c.opcodes)}};
}

Result<Threshold> parse_threshold(const std::string& text) {
  const auto bad = [&] {
    return fail(Code::BadUsage, "--fail-if '{}': expected METRIC>+5%, METRIC<-0.1 or METRIC>2",
                text);
  };
  const auto sign = text.find_first_of("<>");
  if (sign == std::string::npos || sign == 0 || sign + 1 >= text.size()) return bad();
  Threshold t{text, text.substr(0, sign), text[sign] == '>', false, false, 0};
  std::string rest = text.substr(sign + 1);
  t.is_change = rest[0] == '+' || rest[0] == '-';
  if (rest.back() == '%') {
    t.is_share = true;
    rest.pop_back();
    if (!t.is_change) return bad();
  }
  char* end = nullptr;
  t.limit = std::strtod(rest.c_str(), &end);
  if (rest.empty() || end != rest.c_str() + rest.size() || !std::isfinite(t.limit)) return bad();
  if (t.is_share) t.limit /= 100;
  return t;
}

Result<std::vector<std::string>> passed(const Comparison& c, const Threshold& t) {
  const auto line = std::find_if(c.metrics.begin(), c.metrics.end(),
                                 [&](const Difference& d) { return d.name == t.metric; });
  if (line == c.metrics.end())
    return fail(Code::NotFound, "--fail-if '{}': no profile has a metric {}", t.text, t.metric);
  std::vector<std::string> lines;
  for (std::size_t i = 1; i < c.names.size(); ++i) {
    // From nothing to something is no share of anything; it passes every rise.
    const double value = !t.is_change                             ? line->values[i]
                         : !t.is_share                            ? line->delta(i)
                         : line->values[0] == 0 && line->delta(i) ? line->delta(i) * 1e300
                                                                  : line->share(i);
    if (t.is_above ? value > t.limit : value < t.limit)
      lines.push_back(fmt::format("{}: {} is {}, {} has {} ({:+.2f} %)", t.text, c.names[0],
                                  shown(line->values[0]), c.names[i], shown(line->values[i]),
                                  line->share(i) * 100));
  }
  return lines;
}

}  // namespace neuron::view
