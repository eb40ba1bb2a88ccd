// SPDX-License-Identifier: Apache-2.0
#include "neff/members.h"

#include "base/npy.h"

namespace neuron::neff {

Result<const Json*> array_of(const Json& value, std::string_view key) {
  static const Json kEmpty = Json::array();
  const Json* member = json::find(value, key);
  if (!member || member->is_null()) return &kEmpty;
  if (!member->is_array()) return fail(Code::Malformed, "\"{}\" is no array", key);
  return member;
}

Result<const Json*> object_of(const Json& value, std::string_view key) {
  static const Json kEmpty = Json::object();
  const Json* member = json::find(value, key);
  if (!member || member->is_null()) return &kEmpty;
  if (!member->is_object()) return fail(Code::Malformed, "\"{}\" is no object", key);
  return member;
}

Result<Shape> shape_of(const Json& value) {
  constexpr std::int64_t kMost = std::int64_t{1} << 62;
  if (!value.is_array()) return fail(Code::Malformed, "a shape is no array");
  Shape shape;
  std::int64_t count = 1;
  for (const Json& item : value) {
    if (!json::holds<std::int64_t>(item) || item.get<std::int64_t>() < 0)
      return fail(Code::Malformed, "dimension {} of a shape is no natural number", shape.size());
    shape.push_back(item.get<std::int64_t>());
    if (shape.back() != 0 && count > kMost / shape.back())
      return fail(Code::Malformed, "shape {} has more than 2^62 elements", neuron::text_of(shape));
    count *= shape.back() != 0 ? shape.back() : 1;
  }
  return shape;
}

std::string pointer_to(std::string_view parent, std::string_view key) {
  std::string pointer(parent);
  pointer += '/';
  for (char c : key) pointer += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return pointer;
}

std::string directory_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return std::string(path.substr(0, slash == std::string_view::npos ? 0 : slash + 1));
}

Result<ByteView> constant_bytes(const Member& member, std::uint64_t offset, std::uint64_t size) {
  ByteView data = member.bytes;
  if (npy::is_npy(data)) {
    data = TRY(npy::data_of(data).within(member.path));
  } else if (member.path.ends_with(".npy")) {
    return fail(Code::Malformed, "{}: not an npy file: it does not begin with \\x93NUMPY",
                member.path);
  }
  if (offset > data.size() || size > data.size() - offset)
    return fail(Code::Malformed, "{}: {} bytes at {} end beyond its {} bytes of data", member.path,
                size, offset, data.size());
  return data.subspan(offset, size == 0 ? data.size() - offset : size);
}

}  // namespace neuron::neff
