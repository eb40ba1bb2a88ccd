// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <unordered_map>
#include <unordered_set>

#include "neff/members.h"
#include "neff/words.h"

// sgNN/def.json: the variables, queues and engines of one subgraph.
namespace neuron::neff {
namespace {

constexpr std::uint32_t kMostRings = 16;
constexpr std::uint32_t kSemaphores = 256;  // a byte names them in every instruction

Result<Variable> variable_of(const std::string& name, const Json& row) {
  Variable v;
  v.name = name;
  const auto type = TRY(json::get<std::string>(row, "type"));
  const auto kind = value_of(kVariableWords, type);
  if (!kind) return fail(Code::Malformed, "\"type\" {} is not known", type);
  v.kind = *kind;
  v.id = TRY(json::get<std::uint32_t>(row, "var_id"));
  v.size = TRY(optional_of<std::uint64_t>(row, "size", 0));
  v.alignment = TRY(optional_of<std::uint64_t>(row, "alignment", 0));
  if (v.alignment != 0 && !std::has_single_bit(v.alignment))
    return fail(Code::Malformed, "\"alignment\" {} is no power of two", v.alignment);
  v.file_name = TRY(optional_of<std::string>(row, "file_name", ""));
  v.file_offset = TRY(optional_of<std::uint64_t>(row, "file_offset", 0));
  v.backing_offset = TRY(optional_of<std::uint64_t>(row, "backing_variable_off", 0));
  if (v.size > UINT64_MAX - v.backing_offset)
    return fail(Code::Malformed, "\"size\" {} at {} overflows", v.size, v.backing_offset);
  if (v.kind == VariableKind::Pointer)
    v.referenced = TRY(json::get<std::uint32_t>(row, "referenced_var_id"));
  v.list = TRY(list_of<std::uint32_t>(row, "list"));
  if (v.kind == VariableKind::File && v.file_name.empty())
    return fail(Code::Malformed, "\"file_name\" is missing");
  const bool sized = v.kind == VariableKind::Input || v.kind == VariableKind::Output ||
                     v.kind == VariableKind::Virtual || v.kind == VariableKind::TmpBuf;
  if (sized && !json::find(row, "size")) return fail(Code::Malformed, "\"size\" is missing");
  return v;
}

using ById = std::unordered_map<std::uint32_t, const Variable*>;

/// Follows pointers to what they point at; a chain has an end and few links.
Result<> check_pointer(const Variable& first, const ById& by_id) {
  constexpr int kLongestChain = 64;
  int links = 0;
  for (const Variable* v = &first; v->referenced; ++links) {
    if (links == kLongestChain || (links > 0 && v == &first))
      return fail(Code::Malformed, "var {}: pointers lead in a circle", first.name);
    const auto next = by_id.find(*v->referenced);
    if (next == by_id.end())
      return fail(Code::Malformed, "var {}: no variable has id {}", first.name, *v->referenced);
    v = next->second;
  }
  return {};
}

Result<> check_list(const Variable& table, const ById& by_id) {
  for (std::uint32_t id : table.list) {
    const auto at = by_id.find(id);
    if (at == by_id.end())
      return fail(Code::Malformed, "var {}: no variable has id {}", table.name, id);
    if (at->second->kind == VariableKind::DgeTable)
      return fail(Code::Malformed, "var {}: its list holds the table {}", table.name,
                  at->second->name);
  }
  return {};
}

Result<> check_references(const std::vector<Variable>& variables, const std::string& definition,
                          const Faults& faults) {
  const auto take = [&](Error error, const Variable& v) {
    return faults.take(FindingId::Reference, std::move(error), definition,
                       pointer_to("/var", v.name));
  };
  ById by_id;
  for (const Variable& v : variables)
    if (!by_id.emplace(v.id, &v).second)
      TRY(take(fail(Code::Malformed, "var {}: id {} belongs to {} already", v.name, v.id,
                    by_id[v.id]->name),
               v));
  for (const Variable& v : variables) {
    if (auto r = check_pointer(v, by_id); !r) TRY(take(std::move(r).error(), v));
    if (auto r = check_list(v, by_id); !r) TRY(take(std::move(r).error(), v));
  }
  return {};
}

/// The member behind a file variable must be there and hold all its bytes.
Result<> check_file(Variable& v, const MemberIndex& members, const std::string& directory) {
  const Member* member = TRY(members.get(directory + v.file_name));
  const auto data = TRY(constant_bytes(*member, v.file_offset, v.size));
  const bool whole = member->path.ends_with(".npy");
  if (v.size == 0) {
    v.size = data.size();  // old packages give no size
  } else if (whole) {
    const auto all = TRY(constant_bytes(*member, 0, 0));
    if (all.size() != v.size)
      return fail(Code::Malformed, "{} holds {} bytes of data, \"size\" is {}", member->path,
                  all.size(), v.size);
  }
  return {};
}

Result<std::vector<Variable>> variables_of(const Json& json, const MemberIndex& members,
                                           const std::string& definition, const Faults& faults) {
  const Json* rows = TRY(object_of(json, "var").within(definition));
  const std::string directory = directory_of(definition);
  std::vector<Variable> variables;
  for (const auto& [name, row] : rows->items()) {
    const auto take = [&, &called = name](FindingId id, Error error) {
      return faults.take(id, std::move(error).within("var " + called), definition,
                         pointer_to("/var", called));
    };
    auto v = variable_of(name, row);
    if (!v) {
      TRY(take(FindingId::Variable, std::move(v).error()));
      continue;
    }
    if (v->kind == VariableKind::File)
      if (auto checked = check_file(*v, members, directory); !checked)
        TRY(take(FindingId::Constant, std::move(checked).error()));
    variables.push_back(*std::move(v));
  }
  std::sort(variables.begin(), variables.end(),
            [](const Variable& a, const Variable& b) { return a.id < b.id; });
  TRY(check_references(variables, definition, faults));
  return variables;
}

Result<Queue> queue_of(const std::string& name, const Json& row) {
  Queue q;
  q.name = name;
  const auto type = TRY(json::get<std::string>(row, "type"));
  const auto kind = value_of(kQueueWords, type);
  if (!kind) return fail(Code::Malformed, "\"type\" {} is not known", type);
  q.kind = *kind;
  q.rings = TRY(optional_of<std::uint32_t>(row, "num_queues", 1));
  if (q.rings < 1 || q.rings > kMostRings)
    return fail(Code::Malformed, "\"num_queues\" is {}, expected 1 to {}", q.rings, kMostRings);
  q.owner = TRY(optional_of<std::string>(row, "owner", ""));
  q.semaphores = TRY(list_of<std::uint32_t>(row, "semaphore_set"));
  if (json::find(row, "semaphore") && q.semaphores.empty()) {
    const auto only = TRY(json::get<std::uint32_t>(row, "semaphore"));
    q.semaphores.push_back(only);
  }
  for (std::uint32_t s : q.semaphores)
    if (s >= kSemaphores)
      return fail(Code::Malformed, "semaphore {} does not exist, the last is {}", s,
                  kSemaphores - 1);
  if (json::find(row, "semaphore_set") && q.semaphores.size() != q.rings)
    return fail(Code::Malformed, "\"semaphore_set\" has {} entries for {} queues",
                q.semaphores.size(), q.rings);
  return q;
}

Result<std::vector<Queue>> queues_of(const Json& json, const std::string& definition,
                                     const Faults& faults) {
  const Json* rows = TRY(object_of(json, "dma_queue").within(definition));
  std::vector<Queue> queues;
  for (const auto& [name, row] : rows->items()) {
    auto q = queue_of(name, row);
    if (q)
      queues.push_back(*std::move(q));
    else
      TRY(faults.take(FindingId::Queue, std::move(q).error().within("dma_queue " + name),
                      definition, pointer_to("/dma_queue", name)));
  }
  std::sort(queues.begin(), queues.end(),
            [](const Queue& a, const Queue& b) { return a.name < b.name; });
  return queues;
}

/// Names in transfers must be variables and queues of this subgraph.
Result<> check_names(const EngineProgram& program, const Subgraph& subgraph, const Faults& faults) {
  std::unordered_set<std::string_view> variables, queues;
  for (const Variable& v : subgraph.variables) variables.insert(v.name);
  for (const Queue& q : subgraph.queues) queues.insert(q.name);
  const std::string path = subgraph.directory + program.json_name;
  const auto take = [&](std::string pointer, Error error) {
    return faults.take(FindingId::Reference, std::move(error), path, std::move(pointer));
  };
  for (std::size_t i = 0; i < program.transfers.size(); ++i) {
    const Transfer& t = program.transfers[i];
    if (t.queue.empty()) continue;  // a wrong one, told of already
    if (!queues.contains(t.queue))
      TRY(take(fmt::format("/dma/{}", i),
               fail(Code::Malformed, "dma {}: no queue is called {}", t.id, t.queue)));
    for (std::size_t n = 0; n < t.descriptors.size(); ++n) {
      const auto check = [&](const Side& side) -> Result<> {
        if (variables.contains(side.variable)) return {};
        return take(fmt::format("/dma/{}/desc/{}", i, n),
                    fail(Code::Malformed, "dma {}: no variable is called {}", t.id, side.variable));
      };
      TRY(check(t.descriptors[n].to));
      for (const Side& side : t.descriptors[n].from) TRY(check(side));
    }
  }
  return {};
}

/// Transfers may name an instance of a queue instead; from here on they name the queue.
Result<> resolve_instances(const Json& definition, std::vector<EngineProgram>& engines) {
  const Json* rows = TRY(object_of(definition, "dma_queue"));
  std::unordered_map<std::string, std::string> queue_of_instance;
  for (const auto& [name, row] : rows->items()) {
    const auto instances = TRY(list_of<std::string>(row, "queue_instances"));
    for (const auto& instance : instances) queue_of_instance.emplace(instance, name);
  }
  if (queue_of_instance.empty()) return {};
  for (EngineProgram& program : engines)
    for (Transfer& t : program.transfers)
      if (const auto at = queue_of_instance.find(t.queue); at != queue_of_instance.end())
        t.queue = at->second;
  return {};
}

}  // namespace

const Variable* Subgraph::find(std::string_view variable) const {
  const auto at = std::find_if(variables.begin(), variables.end(),
                               [&](const Variable& v) { return v.name == variable; });
  return at == variables.end() ? nullptr : &*at;
}

Result<Subgraph> subgraph_of(const MemberIndex& members, const std::string& definition,
                             const std::string& name, const Faults& faults) {
  const auto def = TRY(members.json(definition));
  const std::string directory = directory_of(definition);
  Subgraph s;
  s.name = name;
  s.directory = directory;
  s.definition = definition.substr(directory.size());
  s.variables = TRY(variables_of(def, members, definition, faults));
  s.queues = TRY(queues_of(def, definition, faults));
  s.features = TRY(list_of<std::string>(def, "neff_features").within(definition));
  for (const EngineWord& engine : kEngines) {
    if (!json::find(def, engine.token)) continue;
    auto program = engine_of(members, directory, std::string(engine.token), def, faults);
    if (!program) {
      TRY(faults.take(FindingId::Engine, std::move(program).error(), "", ""));
      continue;
    }
    name_instructions(members, directory, def, *program);
    s.engines.push_back(*std::move(program));
  }
  TRY(resolve_instances(def, s.engines).within(definition));
  for (const EngineProgram& e : s.engines) TRY(check_names(e, s, faults));
  return s;
}

}  // namespace neuron::neff
