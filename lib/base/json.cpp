// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

namespace neuron::json {

Result<Json> parse(ByteView bytes) {
  const char* begin = reinterpret_cast<const char*>(bytes.data());
  constexpr int kDeepest = 200;
  bool too_deep = false;
  // The parser recurses on destruction only, but readers of the result may recurse too.
  auto guard = [&](int depth, Json::parse_event_t, Json&) {
    too_deep = too_deep || depth > kDeepest;
    return !too_deep;
  };
  try {
    Json value = Json::parse(begin, begin + bytes.size(), guard);
    if (too_deep) return fail(Code::Malformed, "json nests deeper than {}", kDeepest);
    return value;
  } catch (const Json::parse_error& error) {
    return fail(Code::Malformed, "json is broken at byte {}", error.byte);
  } catch (const std::exception& error) {
    return fail(Code::Malformed, "json cannot be read: {}", error.what());
  }
}

std::string text_of(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

const Json* find(const Json& value, std::string_view key) {
  if (!value.is_object()) return nullptr;
  auto at = value.find(key);
  return at == value.end() ? nullptr : &*at;
}

}  // namespace neuron::json
