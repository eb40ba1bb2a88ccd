// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "neff/info_rows.h"
#include "neff/words.h"

// The schema stands in neuron-neff(5); keys are only ever added.
namespace neuron::neff {
namespace {

Json header_json(const Package& package) {
  const Header& h = package.header;
  const std::uint64_t pkg = h.pkg_version, size = h.header_size, data = h.data_size,
                      major = h.neff_version_major, minor = h.neff_version_minor,
                      features = h.feature_bits;
  const std::uint32_t cores = h.num_tpb, requested = h.requested_tpb_count, lnc = h.lnc_size;
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
              {"hash_matches", hash_matches(h, package.archive)},
              {"uuid", hex(h.uuid)},
              {"network_name", text_of(h.name)},
              {"feature_bits", features},
              {"enabled_features", feature_names(features)},
              {"lnc_size", lnc == 0 ? 1 : lnc}};
}

Json block_json(const InfoBlock& block) {
  Json tensors = Json::array();
  for (const InfoTensor& t : block.tensors) {
    Json row{{"variable", t.variable}, {"size", t.size},   {"type", t.type},
             {"format", t.format},     {"shape", t.shape}, {"data_type", nullptr}};
    if (t.data_type != DType::Unknown) row["data_type"] = name_of(t.data_type);
    if (t.is_output) row["time_series"] = false;
    tensors.push_back(std::move(row));
  }
  return Json{{"node", block.node},
              {"executor", block.executor},
              {"name", block.name},
              {"tensors", std::move(tensors)}};
}

Json subgraph_json(const Subgraph& s) {
  std::uint64_t constants = 0, private_scratch = 0, shared_scratch = 0;
  for (const Variable& v : s.variables) {
    if (v.kind == VariableKind::File) constants += v.size;
    if (v.kind == VariableKind::TmpBuf) private_scratch += v.size;
    if (v.kind == VariableKind::Virtual)
      shared_scratch = std::max(shared_scratch, v.backing_offset + v.size);
  }
  Json queues = Json::array(), engines = Json::array();
  for (const Queue& q : s.queues)
    queues.push_back({{"name", q.name},
                      {"type", text_of(kQueueWords, q.kind)},
                      {"rings", q.rings},
                      {"owner", q.owner}});
  for (const EngineProgram& e : s.engines)
    engines.push_back({{"engine", e.token},
                       {"file", s.directory + e.bin_name},
                       {"bytes", e.instructions.size()},
                       {"instructions", e.instructions.size() / 64},
                       {"transfers", e.transfers.size()}});
  return Json{{"name", s.name},
              {"node", s.node},
              {"directory", s.directory},
              {"features", s.features},
              {"variables", s.variables.size()},
              {"constant_bytes", constants},
              {"private_scratchpad_bytes", private_scratch},
              {"shared_scratchpad_bytes", shared_scratch},
              {"queues", std::move(queues)},
              {"engines", std::move(engines)}};
}

}  // namespace

Result<Json> info_json(const Package& package, const InfoOptions& options) {
  const auto model = TRY(model_of(package));
  Json nodes = Json::array(), subgraphs = Json::array(), members = Json::array();
  for (const InfoBlock& block : blocks_of(model, options)) nodes.push_back(block_json(block));
  for (const Subgraph& s : model.subgraphs) subgraphs.push_back(subgraph_json(s));
  for (const Member& m : package.members)
    members.push_back({{"path", m.path}, {"size", m.bytes.size()}});
  return Json{{"header", header_json(package)},     {"target", model.target},
              {"tool_version", model.tool_version}, {"nodes", std::move(nodes)},
              {"subgraphs", std::move(subgraphs)},  {"members", std::move(members)}};
}

}  // namespace neuron::neff
