// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <charconv>
#include <unordered_map>

#include "neff/debug.h"
#include "neff/members.h"

// Names of instructions, by the chain of debug files from the binary back to the framework.
namespace neuron::neff {
namespace {

/// One level of the chain, its records by id.
struct Level {
  DebugFile file;
  std::unordered_map<std::uint64_t, const DebugRecord*> by_id;

  const DebugRecord* parent_of(const DebugRecord* child) const {
    if (!child || child->parents.empty()) return nullptr;
    const auto at = by_id.find(child->parents[0]);
    return at == by_id.end() ? nullptr : at->second;
  }
};

Level open_level(const Member* member) {
  Level level;
  if (!member) return level;
  if (auto file = read_debug(member->bytes)) level.file = std::move(*file);
  for (const DebugRecord& record : level.file.records) level.by_id.emplace(record.id, &record);
  return level;
}

/// Levels above the backend lie in debug_info/, one file per subgraph, or one for all.
const Member* upper_member(const MemberIndex& members, const std::string& directory,
                           const std::string& name) {
  if (name.empty()) return nullptr;
  std::string digits;
  for (char c : directory)
    if (c >= '0' && c <= '9') digits += c;
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  const std::string path = "debug_info/" + name;
  if (const Member* own = members.find(path + "_sg" + digits)) return own;
  return members.find(path + "_sg000000");
}

std::string note_of(const DebugRecord* record, std::string_view key) {
  if (record)
    for (const auto& [name, value] : record->notes)
      if (name == key) return value;
  return {};
}

/// Collects the lines that instructions come from: the kernel's, noted in the backend as an index
/// of its files and a line, else the framework program's, noted in the HLO as they are.
class Sources {
 public:
  explicit Sources(EngineProgram& program) : program_(program) {}

  void add(const Level& backend, const DebugRecord* in_backend, const DebugRecord* in_hlo) {
    EngineProgram::SourceLine& place = program_.source_lines.emplace_back();
    const std::uint64_t file = number_of(note_of(in_backend, "kernel_file"));
    const std::uint64_t line = number_of(note_of(in_backend, "kernel_line"));
    if (line != 0 && file < backend.file.sources.size())
      place = {index_of(backend.file.sources[file]), static_cast<std::uint32_t>(line)};
    else if (const std::uint64_t own = number_of(note_of(in_hlo, "source_line")); own != 0)
      place = {index_of(note_of(in_hlo, "source_file")), static_cast<std::uint32_t>(own)};
  }

 private:
  /// 0 for what is no number of 32 bits.
  static std::uint64_t number_of(const std::string& text) {
    std::uint32_t number = 0;
    const char* end = text.data() + text.size();
    return std::from_chars(text.data(), end, number).ptr == end ? number : 0;
  }
  std::uint32_t index_of(const std::string& file) {
    const auto next = static_cast<std::uint32_t>(program_.source_files.size());
    const auto [at, is_new] = index_.try_emplace(file, next);
    if (is_new) program_.source_files.push_back(file);
    return at->second;
  }
  EngineProgram& program_;
  std::unordered_map<std::string, std::uint32_t> index_;
};

/// First name of the list `key` of def.json, as a member beside it.
const Member* listed(const MemberIndex& members, const std::string& directory,
                     const Json& definition, const std::string& key) {
  const Json* list = json::find(definition, key);
  if (!list || !list->is_array() || list->empty() || !(*list)[0].is_string()) return nullptr;
  return members.find(directory + (*list)[0].get_ref<const std::string&>());
}

}  // namespace

void name_instructions(const MemberIndex& members, const std::string& directory,
                       const Json& definition, EngineProgram& program) {
  const std::size_t count = program.instructions.size() / kInstructionBytes;
  const Level assembly =
      open_level(listed(members, directory, definition, program.token + "_asm_dbg"));
  if (count == 0 || assembly.file.records.size() != count) return;
  const Level backend = open_level(members.find(directory + assembly.file.next));
  const Level penguin = open_level(upper_member(members, directory, backend.file.next));
  const Level hlo = open_level(upper_member(members, directory, penguin.file.next));
  const Level framework = open_level(upper_member(members, directory, hlo.file.next));
  const auto name = [](const DebugRecord* r) { return r ? r->name : std::string(); };
  Sources sources(program);
  for (const DebugRecord& record : assembly.file.records) {
    const DebugRecord* in_backend = backend.parent_of(&record);
    const DebugRecord* in_penguin = penguin.parent_of(in_backend);
    const DebugRecord* in_hlo = hlo.parent_of(in_penguin);
    program.backend_names.push_back(name(in_backend));
    program.layers.push_back(name(framework.parent_of(in_hlo)));
    program.op_types.push_back(note_of(in_hlo, "op_type"));
    sources.add(backend, in_backend, in_hlo);
  }
}

std::string EngineProgram::source_of(std::size_t instruction) const {
  if (instruction >= source_lines.size() || source_lines[instruction].line == 0) return {};
  const SourceLine& place = source_lines[instruction];
  return fmt::format("{}:{}", source_files[place.file], place.line);
}

}  // namespace neuron::neff
