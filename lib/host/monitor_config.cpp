// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "host/monitor.h"

namespace neuron::host {
namespace {

using std::chrono::nanoseconds;
constexpr nanoseconds kUsualPeriod = std::chrono::seconds(5);

enum class Where { Runtime, System };
struct Row {
  const char* name;
  Where where;
};
constexpr Row kGroups[] = {
#define NEURON_GROUP(name, where) {#name, Where::where},
#include "host/groups.def"
#undef NEURON_GROUP
};

struct Unit {
  std::string_view name;
  double ns;
};
constexpr Unit kUnits[] = {{"ns", 1},  {"us", 1e3}, {"ms", 1e6},
                           {"s", 1e9}, {"m", 6e10}, {"h", 3.6e12}};

/// "1s", "500ms", "1m30s".
Result<nanoseconds> duration(std::string_view text) {
  const std::string all(text);
  double ns = 0;
  bool is_good = !text.empty();
  while (is_good && !text.empty()) {
    double number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto word = text.substr(0, text.find_first_of("0123456789."));
    text.remove_prefix(word.size());
    is_good = false;
    for (const Unit& unit : kUnits)
      if (status == std::errc() && number >= 0 && word == unit.name) {
        ns += number * unit.ns;
        is_good = true;
      }
  }
  if (!is_good || ns < 1e6 || ns > 3.6e12 * 24 * 365)
    return fail(Code::Malformed, "\"{}\" is no time of 1ms to a year, such as 1s or 500ms", all);
  return nanoseconds(static_cast<std::int64_t>(ns));
}

Result<nanoseconds> period_of(const Json& object, nanoseconds outer) {
  const std::string text = TRY(json::get_or<std::string>(object, "period", ""));
  if (text.empty()) return outer;
  return duration(text).within("period");
}

Result<const Json*> array_of(const Json& object, const char* name) {
  static const Json none = Json::array();
  const Json* member = json::find(object, name);
  if (!member) return &none;
  if (!member->is_array()) return fail(Code::Malformed, "{}: expected an array", name);
  return member;
}

Result<Group> group_named(const std::string& name, Where where) {
  std::string known;
  for (std::size_t g = 0; g < std::size(kGroups); ++g) {
    if (kGroups[g].where != where) continue;
    if (kGroups[g].name == name) return static_cast<Group>(g);
    known += (known.empty() ? "" : ", ") + std::string(kGroups[g].name);
  }
  if (where == Where::Runtime && name == "inference_stats")  // its name until 1.16
    return Group::execution_stats;
  return fail(Code::Malformed, "type \"{}\" is none of {}", name, known);
}

Result<std::vector<WantedGroup>> groups_of(const Json& object, const char* list, Where where,
                                           nanoseconds period) {
  std::vector<WantedGroup> groups;
  const Json* entries = TRY(array_of(object, list));
  for (std::size_t i = 0; i < entries->size(); ++i) {
    const Json& entry = (*entries)[i];
    const std::string noun = fmt::format("{}[{}]", list, i);
    const auto type = TRY(json::get<std::string>(entry, "type").within(noun));
    const auto group = TRY(group_named(type, where).within(noun));
    const auto own = TRY(period_of(entry, period).within(noun));
    groups.push_back({group, own});
  }
  return groups;
}

Result<MonitorConfig::Runtimes> runtimes_of(const Json& object, nanoseconds period) {
  if (!object.is_object()) return fail(Code::Malformed, "expected an object");
  MonitorConfig::Runtimes runtimes;
  const auto tags = TRY(json::get_or<std::string>(object, "tag_filter", ".*"));
  try {
    runtimes.tags = std::regex(tags);
  } catch (const std::regex_error& error) {
    return fail(Code::Malformed, "tag_filter: \"{}\" is no regular expression: {}", tags,
                error.what());
  }
  const auto own = TRY(period_of(object, period));
  runtimes.groups = TRY(groups_of(object, "metrics", Where::Runtime, own));
  return runtimes;
}

}  // namespace

const char* name_of(Group group) { return kGroups[static_cast<std::size_t>(group)].name; }

MonitorConfig default_monitor_config() {
  MonitorConfig config;
  config.runtimes.push_back({std::regex(".*"), {}});
  for (std::size_t g = 0; g < std::size(kGroups); ++g) {
    const bool is_system = kGroups[g].where == Where::System;
    auto& groups = is_system ? config.system : config.runtimes[0].groups;
    groups.push_back({static_cast<Group>(g), kUsualPeriod});
  }
  return config;
}

Result<MonitorConfig> parse_monitor_config(ByteView text) {
  const Json root = TRY(json::parse(text));
  if (!root.is_object()) return fail(Code::Malformed, "expected an object");
  MonitorConfig config;
  const auto period = TRY(period_of(root, kUsualPeriod));
  const Json* runtimes = TRY(array_of(root, "neuron_runtimes"));
  for (std::size_t i = 0; i < runtimes->size(); ++i) {
    auto one =
        TRY(runtimes_of((*runtimes)[i], period).within(fmt::format("neuron_runtimes[{}]", i)));
    config.runtimes.push_back(std::move(one));
  }
  config.system = TRY(groups_of(root, "system_metrics", Where::System, period));
  if (const Json* k8s = json::find(root, "k8s_info")) {
    if (k8s->is_object()) config.k8s_period = TRY(period_of(*k8s, period).within("k8s_info"));
    if (k8s->is_boolean() && k8s->get<bool>()) config.k8s_period = period;
  }
  return config;
}

}  // namespace neuron::host
