// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include "base/bytes.h"
#include "base/result.h"

/// JSON of untrusted files without exceptions: parse once, then ask for typed values by name.
///   auto j = TRY(json::parse(bytes));
///   auto size = TRY(json::get<std::uint64_t>(j, "size"));
namespace neuron {
using Json = nlohmann::ordered_json;  ///< keeps the order of members, so that output is stable
}  // namespace neuron

namespace neuron::json {

/// Depth is limited to 200; trailing text is an error. Errors name the byte.
Result<Json> parse(ByteView bytes);
/// Compact when `indent` is negative. Invalid UTF-8 becomes U+FFFD.
std::string text_of(const Json& value, int indent = -1);

/// Member `key` of an object, or null when there is none or `value` is no object.
const Json* find(const Json& value, std::string_view key);

/// Answers whether `value` holds a T exactly: integers in range, no string taken for a number.
template <class T>
bool holds(const Json& value) {
  if constexpr (std::is_same_v<T, bool>)
    return value.is_boolean();
  else if constexpr (std::is_integral_v<T>)
    return value.is_number_unsigned()
               ? std::in_range<T>(value.template get_ref<const Json::number_unsigned_t&>())
               : value.is_number_integer() &&
                     std::in_range<T>(value.template get_ref<const Json::number_integer_t&>());
  else if constexpr (std::is_floating_point_v<T>)
    return value.is_number();
  else
    return value.is_string();
}

/// Required member `key` as a T.
template <class T>
Result<T> get(const Json& value, std::string_view key) {
  const Json* member = find(value, key);
  if (!member) return fail(Code::Malformed, "\"{}\" is missing", key);
  if (!holds<T>(*member)) return fail(Code::Malformed, "\"{}\" has a wrong type or range", key);
  return member->template get<T>();
}

/// Optional member `key` as a T; a wrong type is still an error.
template <class T>
Result<T> get_or(const Json& value, std::string_view key, T fallback) {
  if (!find(value, key)) return fallback;
  return get<T>(value, key);
}

}  // namespace neuron::json
