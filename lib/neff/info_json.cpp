// SPDX-License-Identifier: Apache-2.0

#include "neff/hash.h"
#include "neff/info_rows.h"
#include "neff/memory.h"
#include "neff/spool.h"
#include "neff/words.h"

// The form is that of schemas/info.json; keys are only ever added.
namespace neuron::neff {
namespace {

Json features_json(std::uint64_t bits) {
  Json features = Json::array();
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t mask = std::uint64_t{1} << bit;
    if ((bits & mask) == 0) continue;
    Json row{{"bit", bit}, {"name", nullptr}};
    if (is_feature_named(mask)) row["name"] = feature_names(mask);
    features.push_back(std::move(row));
  }
  return features;
}

Json header_json(const Package& package) {
  const Header& h = package.header;
  const std::uint64_t pkg = h.pkg_version, size = h.header_size, data = h.data_size,
                      major = h.neff_version_major, minor = h.neff_version_minor,
                      features = h.feature_bits;
  const std::uint32_t cores = h.num_tpb, requested = h.requested_tpb_count, lnc = h.lnc_size;
  const std::string form = hash_form(h, package.archive);
  Json per_node = Json::array();
  for (std::byte b : h.tpb_per_node)
    if (b != std::byte{0}) per_node.push_back(std::to_integer<int>(b));
  return Json{{"package_version", pkg},
              {"header_size", size},
              {"data_size", data},
              {"major_version", major},
              {"minor_version", minor},
              {"build_version", text_of(h.neff_build_version)},
              {"neuroncore_count", cores},
              {"requested_neuroncore_count", requested},
              {"neuroncores_per_node", per_node},
              {"hash", hex(std::span(h.hash).first(pkg == 1 ? 32 : 16))},
              {"hash_matches", !form.empty()},
              {"uuid", hex(h.uuid)},
              {"network_name", text_of(h.name)},
              {"hash_form", form},
              {"feature_bits", features},
              {"features", features_json(features)},
              {"enabled_features", feature_names(features)},
              {"lnc_size", lnc == 0 ? 1 : lnc}};
}

Json block_json(const InfoBlock& block) {
  Json tensors = Json::array();
  for (const InfoTensor& t : block.tensors) {
    Json row{{"variable", t.variable}, {"size", t.size},   {"type", t.type},
             {"format", t.format},     {"shape", t.shape}, {"data_type", nullptr}};
    if (t.data_type != DType::Unknown) row["data_type"] = name_of(t.data_type);
    if (t.has_time_series) row["time_series"] = false;
    tensors.push_back(std::move(row));
  }
  return Json{{"node", block.node},
              {"executor", block.executor},
              {"name", block.name},
              {"tensors", std::move(tensors)}};
}

Json opcodes_json(const EngineProgram& e, const std::string& target,
                  const InstructionReader& reader) {
  std::map<std::string, std::size_t> counts;
  const auto count = [&](ByteView step) -> Result<> {
    for (std::size_t at = 0; at + kInstructionBytes <= step.size(); at += kInstructionBytes) {
      const auto word = step.subspan(at, kInstructionBytes);
      const auto facts = reader ? reader(target, e.token, word) : std::nullopt;
      ++counts[facts ? facts->name : fmt::format("0x{:02x}", std::to_integer<unsigned>(word[0]))];
    }
    return {};
  };
  (void)in_steps(e.instructions, count);  // counting does not fail
  Json opcodes = Json::object();
  for (const auto& [name, count] : counts) opcodes[name] = count;
  return opcodes;
}

Json queues_json(const Subgraph& s) {
  struct Load {
    std::size_t transfers = 0, descriptors = 0;
  };
  std::map<std::string_view, Load> loads;
  for (const EngineProgram& e : s.engines)
    for (const Transfer& t : e.transfers) {
      ++loads[t.queue].transfers;
      loads[t.queue].descriptors += t.descriptors.size();
    }
  Json queues = Json::array();
  for (const Queue& q : s.queues)
    queues.push_back({{"name", q.name},
                      {"type", text_of(kQueueWords, q.kind)},
                      {"rings", q.rings},
                      {"owner", q.owner},
                      {"semaphores", q.semaphores},
                      {"transfers", loads[q.name].transfers},
                      {"descriptors", loads[q.name].descriptors}});
  return queues;
}

Json weights_json(const Subgraph& s) {
  Json weights = Json::array();
  for (const Variable& v : s.variables) {
    if (v.kind != VariableKind::File) continue;
    Json row{{"name", v.name},
             {"variable_id", v.id},
             {"size", v.size},
             {"file", s.directory + v.file_name},
             {"file_offset", v.file_offset},
             {"format", ""},
             {"shape", Json::array()},
             {"data_type", nullptr}};
    if (const auto note = s.tensors.find(v.name); note != s.tensors.end()) {
      row["format"] = note->second.format;
      row["shape"] = note->second.shape;
      if (note->second.type != DType::Unknown) row["data_type"] = name_of(note->second.type);
    }
    weights.push_back(std::move(row));
  }
  return weights;
}

Json spills_json(const Subgraph& s) {
  Json spills = Json::array();
  for (const Variable& v : s.variables)
    if (v.kind == VariableKind::TmpBuf || v.kind == VariableKind::Virtual)
      spills.push_back({{"name", v.name},
                        {"variable_id", v.id},
                        {"size", v.size},
                        {"shared", v.kind == VariableKind::Virtual},
                        {"offset", v.backing_offset}});
  return spills;
}

Json subgraph_json(const Subgraph& s, const CoreMemory& memory, const std::string& target,
                   const InstructionReader& reader) {
  Json engines = Json::array();
  for (const EngineProgram& e : s.engines)
    engines.push_back({{"engine", e.token},
                       {"file", s.directory + e.bin_name},
                       {"bytes", e.instructions.size()},
                       {"instructions", e.instructions.size() / kInstructionBytes},
                       {"opcodes", opcodes_json(e, target, reader)},
                       {"activation_sets", e.activation_sets},
                       {"transfers", e.transfers.size()}});
  return Json{{"name", s.name},
              {"node", s.node},
              {"directory", s.directory},
              {"features", s.features},
              {"variables", s.variables.size()},
              {"constant_bytes", memory.constants},
              {"private_scratchpad_bytes", memory.scratchpad},
              {"shared_scratchpad_bytes", memory.shared_scratchpad},
              {"weights", weights_json(s)},
              {"spills", spills_json(s)},
              {"queues", queues_json(s)},
              {"engines", std::move(engines)}};
}

}  // namespace

Result<Json> info_json(const Package& package, const InfoOptions& options) {
  const auto model = TRY(model_of(package));
  Json nodes = Json::array(), subgraphs = Json::array(), members = Json::array();
  for (const InfoBlock& block : blocks_of(model, options)) nodes.push_back(block_json(block));
  const auto memory = memory_of(model);
  for (std::size_t i = 0; i < model.subgraphs.size(); ++i)
    subgraphs.push_back(subgraph_json(model.subgraphs[i], memory[i], model.target, options.reader));
  for (const Member& m : package.members)
    members.push_back({{"path", m.path}, {"size", m.bytes.size()}});
  return Json{{"header", header_json(package)},     {"target", model.target},
              {"tool_version", model.tool_version}, {"nodes", std::move(nodes)},
              {"subgraphs", std::move(subgraphs)},  {"memory", memory_json(memory)},
              {"members", std::move(members)}};
}

}  // namespace neuron::neff
