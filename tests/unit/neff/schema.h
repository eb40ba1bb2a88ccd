// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <regex>

#include "base/json.h"

/// The first way in which `value` breaks a JSON schema, with its pointer; empty when it keeps it.
/// Knows the keywords that our schemas use; any other one is a breach too, so that none is ignored.
inline std::string breach_of(const neuron::Json& schema, const neuron::Json& value,
                             const std::string& at = "") {
  using neuron::Json;
  const auto is = [&](const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
  };
  for (const auto& [keyword, rule] : schema.items()) {
    bool kept = true;
    if (keyword == "type") {
      kept = rule.is_string() ? is(rule) : false;
      for (const Json& type : rule.is_array() ? rule : Json::array()) kept = kept || is(type);
    } else if (keyword == "enum") {
      kept = std::find(rule.begin(), rule.end(), value) != rule.end();
    } else if (keyword == "minimum") {
      kept = !value.is_number() || value >= rule;
    } else if (keyword == "maximum") {
      kept = !value.is_number() || value <= rule;
    } else if (keyword == "pattern") {
      kept = !value.is_string() ||
             std::regex_search(value.get<std::string>(), std::regex(rule.get<std::string>()));
    } else if (keyword == "required") {
      for (const Json& key : rule)
        if (!value.contains(key.get<std::string>())) return at + ": no " + key.get<std::string>();
    } else if (keyword == "items") {
      for (std::size_t i = 0; i < value.size(); ++i)
        if (auto b = breach_of(rule, value[i], at + "/" + std::to_string(i)); !b.empty()) return b;
    } else if (keyword == "properties" || keyword == "additionalProperties") {
      for (const auto& [key, member] : value.items()) {
        const bool listed = schema.contains("properties") && schema["properties"].contains(key);
        if (listed != (keyword == "properties")) continue;
        if (!listed && rule.is_boolean()) return rule ? "" : at + "/" + key + ": not in the schema";
        auto b = breach_of(listed ? rule[key] : rule, member, at + "/" + key);
        if (!b.empty()) return b;
      }
    } else {
      kept = keyword == "description" || keyword == "title" || keyword == "$schema";
    }
    if (!kept) return at + ": breaks " + keyword + " " + rule.dump() + " with " + value.dump();
  }
  return {};
}
