// SPDX-License-Identifier: Apache-2.0
#include "nrt/settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <climits>
#include <cstdlib>
#include <string_view>

namespace neuron::nrt::settings {
namespace {

constexpr Setting kSettings[] = {
#define NEURON_SETTING(name, type, fallback, meaning) {#name, #type, fallback, meaning},
#include "nrt/settings.def"
#undef NEURON_SETTING
};

const Setting* find(std::string_view name) {
  for (const Setting& s : kSettings)
    if (name == s.name) return &s;
  return nullptr;
}

bool parse(std::string_view text, std::uint64_t& value) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

Result<std::uint32_t> index_of(std::string_view text, const char* name) {
  std::uint64_t value = 0;
  if (parse(text, value) && value <= 0xffff) return static_cast<std::uint32_t>(value);
  return fail(Code::BadUsage, "{}: \"{}\" is no core number", name, text);
}

}  // namespace

std::span<const Setting> all() { return kSettings; }

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

std::string text(const char* name) {
  if (const char* value = std::getenv(name); value && *value) return value;
  const Setting* row = find(name);
  return row ? row->fallback : "";
}

Result<bool> flag(const char* name) {
  std::string value = text(name);
  for (char& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (value == "1" || value == "true" || value == "on" || value == "yes") return true;
  if (value.empty() || value == "0" || value == "false" || value == "off" || value == "no")
    return false;
  return fail(Code::BadUsage, "{} is \"{}\", expected 0 or 1", name, text(name));
}

Result<std::uint64_t> number(const char* name) {
  std::uint64_t value = 0;
  const Setting* row = find(name);
  const bool seconds = row && std::string_view(row->type) == "seconds";
  const std::uint64_t most = seconds ? INT_MAX : ~std::uint64_t{0};
  if (parse(text(name), value) && value <= most) return value;
  return fail(Code::BadUsage, "{} is \"{}\", expected a number from 0 to {}", name, text(name),
              most);
}

Result<std::vector<std::uint32_t>> list(const char* name) {
  const std::string value = text(name);
  std::string_view rest = value;
  std::vector<std::uint32_t> out;
  while (!rest.empty()) {
    const auto comma = std::min(rest.find(','), rest.size());
    const auto part = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto dash = part.find('-');
    const auto first = TRY(index_of(part.substr(0, dash), name));
    auto last = first;
    if (dash != std::string_view::npos) last = TRY(index_of(part.substr(dash + 1), name));
    if (last < first)
      return fail(Code::BadUsage, "{}: {} comes after {}; numbers ascend", name, first, last);
    for (std::uint32_t i = first; i <= last; ++i) out.push_back(i);
  }
  return out;
}

Result<> check_all() {
  for (const Setting& s : kSettings) {
    const std::string_view type = s.type;
    if (type == "flag") TRY(flag(s.name));
    if (type == "number" || type == "seconds") TRY(number(s.name));
    if (type == "cores") TRY(list(s.name));
    if (type == "devices" && text(s.name) != "all") TRY(list(s.name));
  }
  return {};
}

}  // namespace neuron::nrt::settings
