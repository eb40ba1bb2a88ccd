// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <unordered_map>

#include "base/json.h"
#include "neff/model.h"
#include "neff/verify.h"

/// Private to the reader: members by path, and checked access to what JSON members hold.
namespace neuron::neff {

/// Members by path. Views into the package, which must outlive it.
class MemberIndex {
 public:
  explicit MemberIndex(const Package& package) {
    for (const Member& m : package.members) by_path_.emplace(m.path, &m);
  }
  const Member* find(std::string_view path) const {
    const auto at = by_path_.find(path);
    return at == by_path_.end() ? nullptr : at->second;
  }
  Result<const Member*> get(std::string_view path) const {
    if (const Member* m = find(path)) return m;
    return fail(Code::Malformed, "member {} is missing", path);
  }
  Result<Json> json(std::string_view path) const {
    const Member* m = TRY(get(path));
    return json::parse(m->bytes).within(m->path);
  }

 private:
  std::unordered_map<std::string_view, const Member*> by_path_;
};

/// Where a reader puts what is wrong. Without a list, the first wrong thing ends the reading; with
/// one, the reader goes on with the next row.
class Faults {
 public:
  Faults() = default;
  explicit Faults(Verdict& verdict) : verdict_(&verdict) {}
  Result<> take(FindingId id, Error error, const std::string& member, std::string pointer) const {
    if (!verdict_) return std::move(error).within(member);
    verdict_->add({id, member, std::move(pointer), {}, std::move(error.message)});
    return {};
  }
  explicit operator bool() const { return verdict_ != nullptr; }

 private:
  Verdict* verdict_ = nullptr;
};
/// `key` below `parent`, as RFC 6901 writes it: "/var/a~1b".
std::string pointer_to(std::string_view parent, std::string_view key);

/// Optional member `key` as a T; null counts as absent, as compilers write it.
template <class T>
Result<T> optional_of(const Json& value, std::string_view key, T fallback) {
  const Json* member = json::find(value, key);
  if (!member || member->is_null()) return fallback;
  return json::get<T>(value, key);
}
/// Member `key` when it is an array; an empty array when it is absent; an error otherwise.
Result<const Json*> array_of(const Json& value, std::string_view key);
/// The same for objects.
Result<const Json*> object_of(const Json& value, std::string_view key);
/// The elements of array `key`, each a T; empty when the key is absent.
template <class T>
Result<std::vector<T>> list_of(const Json& value, std::string_view key) {
  const Json* array = TRY(array_of(value, key));
  std::vector<T> list;
  for (const Json& item : *array) {
    if (!json::holds<T>(item))
      return fail(Code::Malformed, "\"{}\"[{}] has a wrong type or range", key, list.size());
    list.push_back(item.get<T>());
  }
  return list;
}
/// A shape: no dimension negative, at most 2^62 elements.
Result<Shape> shape_of(const Json& value);
/// The directory of a member's path with its slash: "sg00/" of "sg00/def.json".
std::string directory_of(std::string_view path);

/// A .npy's data, or a raw member, from `offset` on and `size` long (0: to the end).
Result<ByteView> constant_bytes(const Member& member, std::uint64_t offset, std::uint64_t size);

struct Graph {
  std::vector<Node> nodes;
  std::vector<Edge> heads;
};
Result<Graph> graph_of(const Json& neff_json);

/// Everything below one def.json.
Result<Subgraph> subgraph_of(const MemberIndex& members, const std::string& definition,
                             const std::string& name, const Faults& faults = {});
/// What tensor_map.json says of the variables of `s`.
Result<> fill_tensors(Subgraph& s, const Json& map);
/// transfers, activation sets and the binary of {Engine}.json. Of a wrong transfer only its place
/// in the list is kept: no queue, no descriptors.
Result<EngineProgram> engine_of(const MemberIndex& members, const std::string& directory,
                                const std::string& token, const Json& definition,
                                const Faults& faults);
/// Fills names from debug files. Debug files are decoration: what is missing or damaged in them
/// leaves names empty and is no error.
void name_instructions(const MemberIndex& members, const std::string& directory,
                       const Json& definition, EngineProgram& program);

}  // namespace neuron::neff
