// SPDX-License-Identifier: Apache-2.0
#include "neff/diff.h"

#include <algorithm>

#include "base/digest.h"
#include "neff/spool.h"

namespace neuron::neff {
namespace {

/// Every thing of one part, by name, in words that can be compared.
using Things = std::map<std::string, std::string>;

std::string words_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : json::text_of(value);
}

Things header_things(const Json& info) {
  Things things;
  for (const auto& [key, value] : info["header"].items())
    if (key != "features") things[key] = words_of(value);  // enabled_features says the same
  for (const char* key : {"target", "tool_version"}) things[key] = words_of(info[key]);
  return things;
}

Result<Things> member_things(const Package& package) {
  Things things;
  for (const Member& m : package.members) {
    Digest digest(Digest::Kind::Sha256);
    TRY(in_steps(m.bytes, [&](ByteView step) -> Result<> {
      digest.append(step);
      return {};
    }));
    const auto hash = digest.finish();
    things[m.path] =
        fmt::format("{} bytes, sha256 {}", m.bytes.size(), hex(std::span(hash).first(8)));
  }
  return things;
}

Things tensor_things(const Json& info) {
  Things things;
  for (const Json& block : info["nodes"])
    for (const Json& t : block["tensors"])
      things[fmt::format("{} {} {}", words_of(block["name"]), words_of(t["type"]),
                         words_of(t["variable"]))] =
          fmt::format("{} bytes, {}{}{} {}", words_of(t["size"]), words_of(t["format"]),
                      t["format"] == "" ? "" : " ", words_of(t["shape"]),
                      t["data_type"].is_null() ? "of unknown type" : words_of(t["data_type"]));
  return things;
}

Things instruction_things(const Json& info) {
  Things things;
  for (const Json& s : info["subgraphs"])
    for (const Json& e : s["engines"])
      for (const auto& [name, count] : e["opcodes"].items())
        things[fmt::format("{} {} {}", words_of(s["name"]), words_of(e["engine"]), name)] =
            words_of(count);
  return things;
}

Things queue_things(const Json& info) {
  Things things;
  for (const Json& s : info["subgraphs"])
    for (const Json& q : s["queues"])
      things[fmt::format("{} {}", words_of(s["name"]), words_of(q["name"]))] =
          fmt::format("{}, rings {}, owner {}, transfers {}, descriptors {}", words_of(q["type"]),
                      words_of(q["rings"]), words_of(q["owner"]), words_of(q["transfers"]),
                      words_of(q["descriptors"]));
  return things;
}

void compare(const char* part, const Things& a, const Things& b, std::vector<Difference>& out) {
  auto x = a.begin();
  auto y = b.begin();
  while (x != a.end() || y != b.end()) {
    const bool only_a = y == b.end() || (x != a.end() && x->first < y->first);
    const bool only_b = x == a.end() || (y != b.end() && y->first < x->first);
    if (only_a || only_b || x->second != y->second)
      out.push_back(
          {part, only_b ? y->first : x->first, only_b ? "" : x->second, only_a ? "" : y->second});
    if (!only_b) ++x;
    if (!only_a) ++y;
  }
}

}  // namespace

Result<std::vector<Difference>> differences_of(const Package& a, const Package& b,
                                               const InstructionReader& reader) {
  const InfoOptions all{.weights = true, .spills = true, .reader = reader};
  const auto first = TRY(info_json(a, all));
  const auto second = TRY(info_json(b, all));
  std::vector<Difference> out;
  compare("header", header_things(first), header_things(second), out);
  const auto first_members = TRY(member_things(a)), second_members = TRY(member_things(b));
  compare("members", first_members, second_members, out);
  compare("tensors", tensor_things(first), tensor_things(second), out);
  compare("instructions", instruction_things(first), instruction_things(second), out);
  compare("queues", queue_things(first), queue_things(second), out);
  return out;
}

}  // namespace neuron::neff
