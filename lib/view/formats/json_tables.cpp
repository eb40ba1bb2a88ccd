// SPDX-License-Identifier: Apache-2.0
#include "view/formats/json_tables.h"

#include <algorithm>
#include <array>
#include <set>

#include "isa/isa.h"
#include "view/formats/summary_json.h"
#include "view/metrics.h"

namespace neuron::view {
namespace {

const std::string& subgraph_of(const Timeline& timeline, std::uint8_t core) {
  static const std::string none;
  return core < timeline.cores.size() ? timeline.cores[core].subgraph : none;
}

/// summary, what group each name belongs to, the order of groups, and what each name means.
void put_summary(Json& out, const Timeline& timeline) {
  const std::vector<Metric> metrics = metrics_of(timeline);
  Json groups = Json::object(), order = Json::object(), meanings = Json::object();
  for (const Metric& m : metrics) {
    groups[m.name] = m.group;
    meanings[m.name] = m.meaning;
    if (!order.contains(m.group)) order.emplace(m.group, order.size());
  }
  out["summary"] = Json::array({summary_object(metrics)});
  out["summary_groups"] = Json::array({std::move(groups)});
  out["summary_group_order"] = Json::array({std::move(order)});
  out["terminology"] = Json::array({std::move(meanings)});
}

Json memory_rows(const Timeline& timeline) {
  Json rows = Json::array();
  for (std::size_t core = 0; core < timeline.cores.size(); ++core) {
    const CoreInfo& info = timeline.cores[core];
    std::uint64_t total = 0;
    const auto row = [&](const std::string& name, std::uint64_t bytes) {
      rows.push_back({{"usage_type", name},
                      {"amount_bytes", bytes},
                      {"nd", info.device_index},
                      {"nc", info.nc_index}});
    };
    for (const MemoryUse& use : timeline.memory) {
      if (use.core != core) continue;
      total += use.bytes;
      row(use.name, use.bytes);
    }
    if (total) row("Total", total);
  }
  return rows;
}

Json node_rows(const Timeline& timeline) {
  Json rows = Json::array();
  for (std::size_t core = 0; core < timeline.cores.size(); ++core) {
    rows.push_back({{"node", std::to_string(timeline.neff_node)},
                    {"sg_name", timeline.cores[core].subgraph},
                    {"variable_name", ""},
                    {"type", ""},
                    {"format", ""},
                    {"shape", ""}});
    for (const Tensor& t : timeline.tensors) {
      if (core != 0) break;  // the subgraphs of one node share its tensors
      rows.push_back({{"variable_name", t.name},
                      {"type", t.kind},
                      {"format", t.format},
                      {"shape", t.shape},
                      {"size", std::to_string(t.bytes)},
                      {"sg_name", ""}});
    }
  }
  return rows;
}

Json model_rows(const Timeline& timeline) {
  std::vector<std::array<std::uint64_t, isa::kEngines>> counts(timeline.cores.size());
  std::vector<std::int64_t> last(timeline.cores.size());
  for (const Instruction& i : passing(timeline.instructions)) {
    if (i->core >= counts.size() || i->engine >= isa::kEngines) continue;
    ++counts[i->core][i->engine];
    last[i->core] = std::max(last[i->core], i.end_ps);
  }
  constexpr const char* kNames[] = {"tensor", "scalar", "gpsimd", "vector", "sync"};
  Json rows = Json::array();
  for (std::size_t core = 0; core < timeline.cores.size(); ++core) {
    const CoreInfo& info = timeline.cores[core];
    const auto rings = std::count_if(timeline.rings.begin(), timeline.rings.end(),
                                     [&](const DmaRing& r) { return r.core == core; });
    const double cycles = static_cast<double>(last[core]) / 1000 * timeline.base_ghz;
    Json row = {{"sg_name", info.subgraph},
                {"nd_idx", info.device_index},
                {"nc_idx", info.nc_index},
                {"trace_count", info.trace_count},
                {"event_count", info.event_count},
                {"dma_queue_count", rings},
                {"neuroncore_cycle_count", static_cast<std::int64_t>(cycles)}};
    for (int e = 0; e < isa::kEngines; ++e)
      row[std::string(kNames[e]) + "_engine_instruction_count"] = counts[core][e];
    rows.push_back(std::move(row));
  }
  return rows;
}

/// One row a queue and core: the last of its rings stands for all, as in published exports.
Json queue_rows(const Timeline& timeline) {
  std::map<std::pair<int, std::string>, const DmaRing*> queues;
  for (const DmaRing& ring : timeline.rings) queues[{ring.core, ring.queue}] = &ring;
  Json rows = Json::array();
  for (const auto& [key, ring] : queues)
    rows.push_back({{"subgraph", subgraph_of(timeline, ring->core)},
                    {"q_name", ring->queue},
                    {"q_eng_idx", ring->engine},
                    {"q_idx", ring->ring},
                    {"q_type", name_of(ring->type)}});
  return rows;
}

Json metadata_row(const Timeline& timeline) {
  return {{"ntff_version", timeline.ntff_version},
          {"is_simulation", timeline.is_simulated},
          {"ticks_per_nanosec", 1000},
          {"first_hw_timestamp", 0},
          {"last_hw_timestamp", timeline.total_ps / 1000},
          {"num_subgraphs", timeline.cores.size()},
          {"num_physical_cores", timeline.lnc_size},
          {"vnc_enabled", timeline.lnc_size > 1},
          {"pe_num_rows", 128},
          {"pe_num_cols", 128},
          {"pe_clock_freq", timeline.tensor_ghz},
          {"pe_clock_others", timeline.base_ghz},
          {"hbm_ddr_bandwidth", timeline.hbm_bytes_per_s},
          {"dma_ddr_bandwidth", timeline.dma_bytes_per_s}};
}

}  // namespace

Json small_tables(const Timeline& timeline) {
  Json out = Json::object();
  put_summary(out, timeline);
  Json header = Json::object();
  for (const auto& [key, value] : timeline.neff_header) header[key] = value;
  out["neff_header"] = Json::array();
  if (!header.empty()) out["neff_header"].push_back(std::move(header));
  out["neff_node"] = node_rows(timeline);
  out["model_info"] = model_rows(timeline);
  out["nc_mem_usage"] = memory_rows(timeline);
  out["dma_queues_info"] = queue_rows(timeline);
  out["metadata"] = Json::array({metadata_row(timeline)});
  out["profile_info"] = Json::array({{{"profile_name", timeline.profile_name},
                                      {"neff_name", timeline.neff_name},
                                      {"profile_type", "normal"}}});
  put_usage_tables(out, timeline);
  out["warnings"] = Json::array();
  for (const std::string& warning : timeline.warnings)
    out["warnings"].push_back({{"category", "Trace"}, {"message", warning}});
  return out;
}

}  // namespace neuron::view
