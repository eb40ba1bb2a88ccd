// SPDX-License-Identifier: Apache-2.0
// Tables over time: when engines were active, what layers cost, what DMA was under way. Rules found
// in published exports and held to them by tests/unit/view/official_rows_test.cpp.
#include <algorithm>
#include <array>
#include <map>

#include "isa/isa.h"
#include "view/formats/json_tables.h"
#include "view/metric_inputs.h"
#include "view/occupancy.h"
#include "view/store/series.h"

namespace neuron::view {
namespace {

constexpr const char* kEngineWords[] = {"tensor", "scalar", "gpsimd", "vector", "sync"};

struct Interval {
  std::int64_t begin_ps = 0, end_ps = 0;
  std::int64_t ns() const { return (end_ps - begin_ps) / 1000; }
};

/// Merges intervals that come in order of begin.
struct Merged {
  std::vector<Interval> list;
  std::int64_t total_ns() const {
    std::int64_t sum = 0;
    for (const Interval& i : list) sum += i.ns();
    return sum;
  }
  void add(const Instruction& i) {
    if (!list.empty() && i.begin_ps <= list.back().end_ps)
      list.back().end_ps = std::max(list.back().end_ps, i.end_ps);
    else
      list.push_back({i.begin_ps, i.end_ps});
  }
};

struct LayerSums {
  std::array<Merged, isa::kEngines> active;
  std::array<std::int64_t, isa::kEngines> time_ns{};
  std::array<std::uint64_t, isa::kEngines> count{};
  std::uint64_t flops = 0, useful_flops = 0;
  std::int64_t begin_ns = INT64_MAX, end_ns = 0;

  void add(const Instruction& i) {
    begin_ns = std::min(begin_ns, i.begin_ps / 1000);
    end_ns = std::max(end_ns, i.end_ps / 1000);
    ++count[i->engine];
    flops += i->flops;
    if (!i->is_transpose) useful_flops += i->flops;
    if (i->opcode == isa::event_semaphore::kOpcode) return;  // it only waits
    time_ns[i->engine] += (i.end_ps - i.begin_ps) / 1000;
    active[i->engine].add(i);
  }
};

double share(double part, double whole) { return whole > 0 ? part / whole : 0; }

Json layer_row(const LayerSums& sums, const std::string& subgraph, const std::string& layer,
               double flops_per_s) {
  const auto duration = static_cast<double>(sums.end_ns - sums.begin_ns);
  const double room = flops_per_s * duration * 1e-9;
  Json row{{"name", "/" + subgraph + (layer.empty() ? "" : "/" + layer)},
           {"fully_qualified_subgraph", "/" + subgraph},
           {"start", sums.begin_ns},
           {"end", sums.end_ns},
           {"duration", sums.end_ns - sums.begin_ns},
           {"tensor_engine_flop_count", sums.flops},
           {"tensor_engine_model_flop_count", sums.useful_flops},
           {"tensor_engine_hfu", share(static_cast<double>(sums.flops), room)},
           {"tensor_engine_mfu", share(static_cast<double>(sums.useful_flops), room)}};
  for (int e = 0; e < isa::kEngines; ++e) {
    if (sums.count[e] == 0) continue;
    const std::string name = std::string(kEngineWords[e]) + "_engine_";
    const std::int64_t active = sums.active[e].total_ns();
    row[name + "instruction_count"] = sums.count[e];
    row[name + "instruction_time"] = sums.time_ns[e];
    row[name + "active_time"] = active;
    row[name + "active_percent"] = share(static_cast<double>(active), duration);
  }
  return row;
}

/// Each subgraph, and in it each layer; what the compiler named without a layer is "Unknown".
Json layer_rows(const Timeline& timeline) {
  using Key = std::pair<std::uint8_t, std::string>;
  std::map<Key, LayerSums> sums;
  for (const Instruction& i : passing(timeline.instructions)) {
    if (i->engine >= isa::kEngines || i->core >= timeline.cores.size()) continue;
    sums[{i->core, ""}].add(i);
    if (i->name.value == 0) continue;
    const std::string& layer = timeline.text(i->layer);
    sums[{i->core, layer.empty() ? "Unknown" : layer}].add(i);
  }
  const double flops_per_s = core_flops_per_s(timeline) * timeline.lnc_size;
  Json rows = Json::array();
  for (const auto& [key, layer] : sums)
    rows.push_back(layer_row(layer, timeline.cores[key.first].subgraph, key.second, flops_per_s));
  return rows;
}

Json active_rows(const Timeline& timeline) {
  std::map<std::pair<std::uint8_t, std::uint8_t>, Merged> active;
  for (const Instruction& i : passing(timeline.instructions))
    if (i->engine < isa::kEngines && i->core < timeline.cores.size() &&
        i->opcode != isa::event_semaphore::kOpcode)
      active[{i->core, i->engine}].add(i);
  Json rows = Json::array();
  for (const auto& [key, merged] : active)
    for (const Interval& interval : merged.list)
      rows.push_back({{"start_ts", interval.begin_ps / 1000},
                      {"end_ts", interval.end_ps / 1000},
                      {"duration_ns", interval.ns()},
                      {"engine", kEngineWords[key.second]},
                      {"pcore_idx", key.first},
                      {"subgraph", timeline.cores[key.first].subgraph}});
  return rows;
}

/// A row where a counter changes; `make` turns time and value into the rest of the row.
template <class Make>
Json counter_rows(const Timeline& timeline, const std::vector<Counter>& counters,
                  std::string_view name, Make make) {
  Json rows = Json::array();
  for (const Counter& counter : counters) {
    if (counter.name != name || counter.core >= timeline.cores.size()) continue;
    double before = 0, sum = 0;
    for (std::size_t i = 0; i < counter.mean.size(); ++i) {
      sum += counter.mean[i];
      if (counter.mean[i] == before) continue;
      before = counter.mean[i];
      const auto step_ps = std::int64_t{1} << counter.shift;
      Json row = make(before, sum * static_cast<double>(step_ps) * 1e-12);
      row["timestamp"] = static_cast<std::int64_t>(i) * step_ps / 1000;
      row["subgraph"] = timeline.cores[counter.core].subgraph;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// A row whenever the share of a partition or bank that is taken changes.
template <std::size_t N>
void add_memory_rows(Json& rows, const Json& frame, const std::array<SpoolList<Occupied>, N>& parts,
                     const std::array<std::string, N>& names, double size) {
  std::map<std::int64_t, std::array<std::int64_t, N>> changes;
  for (std::size_t i = 0; i < N; ++i)
    for (const Occupied& o : parts[i]) {
      changes[o.begin_ps][i] += o.bytes;
      changes[o.end_ps][i] -= o.bytes;
    }
  std::array<std::int64_t, N> taken{};
  for (const auto& [at_ps, change] : changes) {
    Json row = frame;
    row["timestamp"] = at_ps / 1000;
    double sum = 0;
    for (std::size_t i = 0; i < N; ++i) {
      taken[i] += change[i];
      const double full = share(static_cast<double>(taken[i]), size);
      row[names[i]] = full;
      sum += full;
    }
    row["usage_avg"] = sum / N;
    rows.push_back(std::move(row));
  }
}

Json memory_rows(const Timeline& timeline) {
  Json rows = Json::array();
  std::array<std::string, kSampledPartitions.size()> partitions;
  std::array<std::string, kPsumBanks> banks;
  for (std::size_t i = 0; i < partitions.size(); ++i)
    partitions[i] = fmt::format("partition_{}_usage", kSampledPartitions[i]);
  for (std::size_t i = 0; i < banks.size(); ++i) banks[i] = fmt::format("bank_{}_usage", i);
  for (std::size_t core = 0; core < timeline.cores.size(); ++core) {
    const Occupancy found = occupancy_of(timeline, static_cast<std::uint8_t>(core));
    const Json subgraph = timeline.cores[core].subgraph;
    add_memory_rows(rows, {{"type", "sb"}, {"subgraph", subgraph}}, found.sbuf, partitions,
                    timeline.sbuf_partition_bytes);
    add_memory_rows(rows, {{"type", "psum"}, {"subgraph", subgraph}}, found.psum, banks,
                    isa::kPsumBankBytes);
  }
  return rows;
}

}  // namespace

void put_usage_tables(Json& out, const Timeline& timeline) {
  out["layer_summary"] = layer_rows(timeline);
  out["active_time"] = active_rows(timeline);
  const std::vector<Counter> counters = counters_of(timeline);
  out["pending_dma"] =
      counter_rows(timeline, counters, "Pending DMA Count", [](double value, double) {
        return Json{{"value", value}};
      });
  out["dma_throughput"] =
      counter_rows(timeline, counters, "DMA Throughput", [](double rate, double bytes) {
        return Json{{"transfer_rate", rate},
                    {"total_transfer_bytes", static_cast<std::uint64_t>(bytes + 0.5)}};
      });
  out["instruction_usage"] = memory_rows(timeline);
}

}  // namespace neuron::view
