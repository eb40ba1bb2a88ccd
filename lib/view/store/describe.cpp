// SPDX-License-Identifier: Apache-2.0
#include "view/store/describe.h"

#include <algorithm>
#include <future>
#include <map>
#include <set>

#include "isa/isa.h"
#include "view/insights.h"
#include "view/rings.h"
#include "view/store/rows.h"

namespace neuron::view {
namespace {

constexpr std::size_t kMostLayers = 4096;  // more names than that help nobody and slow the page

Json summary_json(const std::vector<Metric>& summary) {
  Json list = Json::array();
  for (const Metric& metric : summary) {
    Json json{{"group", metric.group},
              {"name", metric.name},
              {"unit", metric.unit},
              {"meaning", metric.meaning}};
    if (!metric.why_zero.empty()) json["why_zero"] = metric.why_zero;
    std::visit([&](const auto& value) { json["value"] = value; }, metric.value);
    list.push_back(std::move(json));
  }
  return list;
}

struct LayerUse {
  std::uint64_t count = 0, flops = 0;
  std::int64_t begin_ps = 0, end_ps = 0, active_ps = 0;
};

std::string text_in(const Timeline& timeline, std::uint32_t id) {
  return id < timeline.texts.size() ? timeline.texts[id] : std::string();
}

/// Layers, the busiest first, each with its id in spans.
Json layers_json(const Timeline& timeline) {
  std::vector<LayerUse> uses(timeline.texts.size());
  for (const Instruction& e : passing(timeline.instructions)) {
    if (e->layer.value == 0 || e->layer.value >= uses.size()) continue;
    LayerUse& use = uses[e->layer.value];
    const bool is_new = use.count == 0;
    use.begin_ps = is_new ? e.begin_ps : std::min(use.begin_ps, e.begin_ps);
    use.end_ps = is_new ? e.end_ps : std::max(use.end_ps, e.end_ps);
    use.active_ps += std::max<std::int64_t>(e.end_ps - e.begin_ps, 0);
    use.flops += e->flops;
    ++use.count;
  }
  std::vector<std::pair<std::uint32_t, LayerUse>> order;
  for (std::uint32_t id = 0; id < uses.size(); ++id)
    if (uses[id].count) order.emplace_back(id, uses[id]);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    return a.second.active_ps > b.second.active_ps;
  });
  if (order.size() > kMostLayers) order.resize(kMostLayers);
  Json list = Json::array();
  for (const auto& [id, use] : order)
    list.push_back({{"id", id},
                    {"name", text_in(timeline, id)},
                    {"instructions", use.count},
                    {"begin_ps", use.begin_ps},
                    {"end_ps", use.end_ps},
                    {"active_ps", use.active_ps},
                    {"flops", use.flops}});
  return list;
}

Json opcodes_json(const Timeline& timeline) {
  std::array<bool, 256> seen{};
  for (const Instruction& e : passing(timeline.instructions)) seen[e->opcode] = true;
  Json json = Json::object();
  for (std::size_t i = 0; i < seen.size(); ++i)
    if (seen[i]) json[std::to_string(i)] = opcode_name(static_cast<std::uint8_t>(i));
  return json;
}

/// How often each opcode ran on each engine, and for how long.
Json opcode_rows(const Timeline& timeline) {
  struct Use {
    std::uint64_t count = 0;
    std::int64_t ps = 0;
  };
  std::vector<Use> uses(std::size_t{1} << 16);  // by engine and opcode
  for (const Instruction& e : passing(timeline.instructions)) {
    Use& use = uses[std::size_t{e->engine} << 8 | e->opcode];
    ++use.count;
    use.ps += std::max<std::int64_t>(e.end_ps - e.begin_ps, 0);
  }
  Json list = Json::array();
  for (std::size_t key = 0; key < uses.size(); ++key) {
    const Use& use = uses[key];
    if (use.count == 0) continue;
    const std::size_t engine = key >> 8;
    list.push_back(
        {{"engine",
          engine < isa::kEngines ? isa::info(static_cast<isa::Engine>(engine)).shown : "Unknown"},
         {"opcode", opcode_name(static_cast<std::uint8_t>(key))},
         {"instruction_count", use.count},
         {"instruction_time_ps", use.ps}});
  }
  return list;
}

Json queues_json(const Timeline& timeline) {
  struct Use {
    QueueType type = QueueType::Static;
    std::set<std::uint16_t> engines;
    std::uint64_t rings = 0, packets = 0, bytes = 0;
  };
  std::map<std::pair<std::uint8_t, std::string>, Use> uses;
  const RingTypes rings(timeline);
  std::vector<Use*> of_ring;  // by number of the ring
  for (const DmaRing& ring : timeline.rings) {
    Use& use = uses[{ring.core, ring.queue}];
    use.type = ring.type;
    use.engines.insert(ring.engine);
    ++use.rings;
    of_ring.push_back(&use);
  }
  for (const DmaPacket& packet : passing(timeline.packets)) {
    const DmaRing* ring = rings.find(packet);
    if (!ring) continue;
    Use& use = *of_ring[static_cast<std::size_t>(ring - timeline.rings.data())];
    ++use.packets;
    use.bytes += packet.bytes;
  }
  Json list = Json::array();
  for (const auto& [key, use] : uses)
    list.push_back({{"queue", key.second},
                    {"core", key.first},
                    {"type", name_of(use.type)},
                    {"dma_engines", use.engines.size()},
                    {"rings", use.rings},
                    {"packets", use.packets},
                    {"bytes", use.bytes}});
  return list;
}

void add_lists(const Timeline& timeline, Json& out) {
  out["cores"] = Json::array();
  for (const CoreInfo& core : timeline.cores)
    out["cores"].push_back({{"subgraph", core.subgraph},
                            {"nc_index", core.nc_index},
                            {"device_index", core.device_index},
                            {"trace_count", core.trace_count},
                            {"event_count", core.event_count}});
  out["tensors"] = Json::array();
  for (const Tensor& tensor : timeline.tensors)
    out["tensors"].push_back({{"name", tensor.name},
                              {"kind", tensor.kind},
                              {"format", tensor.format},
                              {"shape", tensor.shape},
                              {"bytes", tensor.bytes}});
  out["memory"] = Json::array();
  for (const MemoryUse& use : timeline.memory)
    out["memory"].push_back({{"name", use.name}, {"core", use.core}, {"bytes", use.bytes}});
  out["warnings"] = timeline.warnings;
  out["neff_header"] = Json::array();
  for (const auto& [name, value] : timeline.neff_header)
    out["neff_header"].push_back({{"name", name}, {"value", value}});
}

void widen(Json& out, std::int64_t begin_ps, std::int64_t end_ps) {
  out["begin_ps"] = std::min(out["begin_ps"].get<std::int64_t>(), begin_ps);
  out["end_ps"] = std::max(out["end_ps"].get<std::int64_t>(), end_ps);
}

void add_extent(const Timeline& timeline, Json& out) {
  out["begin_ps"] = std::int64_t{0};
  out["end_ps"] = std::max<std::int64_t>(timeline.total_ps, 1);
  std::int64_t begin = 0, end = 0;
  const auto see = [&](std::int64_t from, std::int64_t to) {
    begin = std::min(begin, from);
    end = std::max(end, to);
  };
  for (const auto& e : passing(timeline.instructions)) see(e.begin_ps, e.end_ps);
  for (const auto& p : passing(timeline.packets)) see(p.begin_ps, p.end_ps);
  widen(out, begin, end);
}

}  // namespace

Json describe(const Timeline& timeline, const std::vector<Metric>& summary) {
  Json out{{"profile_name", timeline.profile_name},
           {"neff_name", timeline.neff_name},
           {"network_name", timeline.network_name},
           {"uuid", timeline.uuid},
           {"neff_hash", timeline.neff_hash},
           {"runtime_version", timeline.runtime_version},
           {"driver_version", timeline.driver_version},
           {"collectives_version", timeline.collectives_version},
           {"compiler_version", timeline.compiler_version},
           {"instance_type", timeline.instance_type},
           {"ntff_version", timeline.ntff_version},
           {"is_simulated", timeline.is_simulated},
           {"target", timeline.target},
           {"lnc_size", timeline.lnc_size},
           {"sbuf_partition_bytes", timeline.sbuf_partition_bytes},
           {"psum_bank_bytes", isa::kPsumBankBytes},
           {"tensor_ghz", timeline.tensor_ghz},
           {"model_macs", timeline.model_macs},
           {"total_ps", timeline.total_ps},
           {"trace_count", timeline.trace_count},
           {"event_count", timeline.event_count}};
  auto insights = std::async(std::launch::async, [&] { return insights_of(timeline); });
  add_extent(timeline, out);
  out["instructions"] = timeline.instructions.size();
  out["packets"] = timeline.packets.size();
  out["opcodes"] = opcodes_json(timeline);
  out["layers"] = layers_json(timeline);
  out["queues"] = queues_json(timeline);
  out["variables"] = Json::object();
  for (const DmaTransfer& transfer : timeline.transfers)
    if (transfer.variable.value && out["variables"].size() < kMostLayers)
      out["variables"][std::to_string(transfer.variable.value)] = timeline.text(transfer.variable);
  out["operations"] = Json::object();
  for (const Collective& c : timeline.collectives)
    if (out["operations"].size() < kMostLayers)
      out["operations"][std::to_string(c.operation.value)] = timeline.text(c.operation);
  add_lists(timeline, out);
  out["summary"] = summary_json(summary);
  out["opcode_summary"] = opcode_rows(timeline);
  out["insights"] = insights_json(insights.get());
  return out;
}

}  // namespace neuron::view
