// SPDX-License-Identifier: Apache-2.0
// One packet sequence; names are interned. Tracks are announced when their first event comes, and
// events of a track follow each other in time; Perfetto sorts by time itself.
#include "view/formats/perfetto.h"

#include <fmt/format.h>

#include <map>
#include <queue>

#include "isa/isa.h"
#include "view/edges.h"
#include "view/formats/json.h"
#include "view/formats/lanes.h"
#include "view/formats/perfetto_writer.h"
#include "view/rings.h"
#include "view/store/series.h"

namespace neuron::view {
namespace {

/// Order of rows below a core, top to bottom; DMA engines and queues follow by their numbers.
enum Rank : int {
  kCounters = 0,
  kEngines = 100,
  kCcCores = 200,
  kDma = 1000,
  kQueues = 2000,
  kSemaphores = 3000
};

struct Exporter {
  const Timeline& timeline;
  perfetto::Writer& writer;
  const RingTypes rings;
  std::vector<std::uint64_t> cores{};  ///< process track of each core
  std::multimap<std::uint32_t, std::pair<std::uint64_t, bool>> flows{};  ///< by instruction

  Exporter(const Timeline& t, perfetto::Writer& w) : timeline(t), writer(w), rings(t) {}
  /// Rows of core 255 and above cannot be: import refuses such traces.
  std::uint64_t process(std::uint8_t core) const { return core < cores.size() ? cores[core] : 0; }

  Result<> processes();
  Result<> instructions();
  Result<> packets();
  Result<> queues();
  Result<> semaphores();
  Result<> pending();
  Result<> rates();
  Result<> throttles();
  Result<> collectives();
};

/// Rows "NAME - Row 0", "NAME - Row 1" ... that overlapping slices are spread over.
struct Row {
  Lanes lanes{};
  std::vector<std::uint64_t> tracks{};
};

std::uint64_t track_for(perfetto::Writer& writer, Row& row, std::uint64_t process, int rank,
                        std::string_view name, std::int64_t begin, std::int64_t end) {
  const std::size_t lane = row.lanes.place(begin, end);
  if (lane == row.tracks.size())
    row.tracks.push_back(writer.track(process, rank, fmt::format("{} - Row {}", name, lane)));
  return row.tracks[lane];
}

Result<> Exporter::processes() {
  for (std::size_t i = 0; i < timeline.cores.size(); ++i) {
    const CoreInfo& core = timeline.cores[i];
    cores.push_back(writer.process(
        static_cast<int>(i) + 1, fmt::format("NeuronCore {} ({})", core.nc_index, core.subgraph)));
  }
  return writer.settle();
}

Result<> Exporter::instructions() {
  const auto rank_of = [](const Instruction& i) {
    constexpr int kPlaces[] = {1, 3, 4, 2, 5};  // Tensor, Scalar, GpSimd, Vector, Sync
    if (i->engine >= isa::kEngines) return kEngines + 6;
    const bool is_matrix = i->engine == 0 && i->opcode == isa::matmul::kOpcode;
    return kEngines + (is_matrix ? 0 : kPlaces[i->engine]);
  };
  std::map<std::pair<int, int>, Row> rows;
  for (std::uint32_t at = 0; at < timeline.instructions.size(); ++at) {
    const Instruction& i = timeline.instructions[at];
    const int rank = rank_of(i);
    const std::uint64_t track =
        track_for(writer, rows[{i->core, rank}], process(i->core), rank,
                  std::string(track_of(i)) + " Engine", i.begin_ps, i.end_ps);
    writer.begin_slice(track, i.begin_ps, opcode_name(i->opcode));
    for (auto [flow, last] = flows.equal_range(at); flow != last; ++flow)
      writer.flow(flow->second.first, flow->second.second);
    writer.note("pc", i->pc);
    if (i->compiler_pc >= 0) writer.note("compiler_pc", i->compiler_pc);
    writer.note("evt_wait_time", wait_ns(i, timeline.base_ghz));
    writer.note("operands", timeline.text(i->operands));
    writer.note("bir_instruction_name", timeline.text(i->name));
    writer.note("layer", timeline.text(i->layer));
    if (i->flops) writer.note("flops", static_cast<std::int64_t>(i->flops));
    writer.end_slice(track, i.end_ps);
    TRY(writer.settle());
  }
  return {};
}

Result<> Exporter::packets() {
  std::map<std::pair<int, int>, Row> rows;
  for (const DmaPacket& p : passing(timeline.packets)) {
    const std::uint64_t track =
        track_for(writer, rows[{p.core, p.engine}], process(p.core), kDma + p.engine,
                  fmt::format("DMA Engine {}", p.engine), p.begin_ps, p.end_ps);
    const DmaRing* ring = rings.find(p);
    writer.begin_slice(track, p.begin_ps,
                       ring ? fmt::format("{}-Q{}-E{}", ring->queue, p.ring, p.engine)
                            : fmt::format("Q{}-E{}", p.ring, p.engine));
    writer.note("transfer_size", p.bytes);
    writer.note("queue_type", name_of(rings.of(p)));
    writer.note("packet_idx", p.index);
    if (p.transfer && p.transfer <= timeline.transfers.size())
      writer.note("variable", timeline.text(timeline.transfers[p.transfer - 1].variable));
    writer.end_slice(track, p.end_ps);
    TRY(writer.settle());
  }
  return {};
}

/// A queue's packets that touch or overlap are one slice: what the queue did from here to there.
Result<> Exporter::queues() {
  struct Burst {
    std::int64_t begin = 0, end = INT64_MIN, bytes = 0, packets = 0;
    std::uint64_t track = 0;
  };
  std::map<std::pair<int, std::string>, Burst> bursts;
  const auto finish = [&](const std::string& name, const Burst& burst) {
    if (burst.packets == 0) return;
    writer.begin_slice(burst.track, burst.begin, name);
    writer.note("transfer_size", burst.bytes);
    writer.note("packets", burst.packets);
    writer.end_slice(burst.track, burst.end);
  };
  int rank = kQueues;
  for (const DmaPacket& p : passing(timeline.packets)) {
    const DmaRing* ring = rings.find(p);
    if (!ring) continue;
    Burst& burst = bursts[{p.core, ring->queue}];
    if (burst.track == 0)
      burst.track = writer.track(process(p.core), rank++, ring->queue + " - Row 0");
    if (p.begin_ps > burst.end) {
      finish(ring->queue, burst);
      burst = {p.begin_ps, p.end_ps, 0, 0, burst.track};
    }
    burst.end = std::max(burst.end, p.end_ps);
    burst.bytes += p.bytes;
    ++burst.packets;
    TRY(writer.settle());
  }
  for (const auto& [key, burst] : bursts) finish(key.second, burst);
  return writer.settle();
}

Result<> Exporter::semaphores() {
  std::map<std::pair<int, int>, std::pair<std::uint64_t, std::string>> tracks;
  for (const SemaphoreUpdate& u : passing(timeline.semaphores)) {
    auto& [track, name] = tracks[{u.core, u.id}];
    if (track == 0) {
      name = semaphore_label(timeline, u);
      if (!name.starts_with("S[")) name = "S[" + name + "]";
      track = writer.track(process(u.core), kSemaphores + u.id, name);
    }
    writer.instant(track, u.at_ps, name);
    writer.note("value", u.value);
    writer.close();
    TRY(writer.settle());
  }
  return {};
}

/// How many packets are under way, at each moment that this changes.
Result<> Exporter::pending() {
  for (std::size_t core = 0; core < cores.size(); ++core) {
    std::priority_queue<std::int64_t, std::vector<std::int64_t>, std::greater<>> ends;
    std::uint64_t track = 0;
    const auto value_at = [&](std::int64_t time) {
      writer.value(track, time, static_cast<double>(ends.size()));
    };
    const auto end_until = [&](std::int64_t time) {
      while (!ends.empty() && ends.top() <= time) {
        const std::int64_t end = ends.top();
        while (!ends.empty() && ends.top() == end) ends.pop();
        if (end < time || ends.empty()) value_at(end);
      }
    };
    for (const DmaPacket& p : passing(timeline.packets)) {
      if (p.core != core) continue;
      if (track == 0)
        track = writer.counter(cores[core], kCounters, "Pending DMA Count", "packets");
      end_until(p.begin_ps);
      ends.push(p.end_ps);
      value_at(p.begin_ps);
      TRY(writer.settle());
    }
    end_until(INT64_MAX);
  }
  return writer.settle();
}

/// Throughputs, utilization and how full the memories are, at each step where they change.
Result<> Exporter::rates() {
  constexpr std::size_t kSteps = 4096;
  int rank = kCounters + 3;
  for (const Counter& counter : counters_of(timeline)) {
    const std::string_view name = counter.name;
    if (*counter.of || name == "Pending DMA Count" || counter.core >= cores.size()) continue;
    const std::size_t fold = counter.mean.size() / kSteps + 1;
    std::uint64_t track = 0;
    double before = 0;
    for (std::size_t i = 0; i < counter.mean.size() + fold; i += fold) {
      double sum = 0;
      for (std::size_t k = i; k < std::min(i + fold, counter.mean.size()); ++k)
        sum += counter.mean[k];
      const double value = sum / static_cast<double>(fold);
      if (value == before) continue;
      if (track == 0)
        track = writer.counter(cores[counter.core], rank++, counter.name, counter.unit);
      writer.value(track, static_cast<std::int64_t>(i) << counter.shift, value);
      before = value;
      TRY(writer.settle());
    }
  }
  return {};
}

/// The share of full use that the hardware allows.
Result<> Exporter::throttles() {
  std::map<int, std::uint64_t> tracks;
  for (const Throttle& t : timeline.throttles) {
    std::uint64_t& track = tracks[t.core];
    if (track == 0) track = writer.counter(process(t.core), kCounters + 2, "Throttling", "k/n");
    writer.value(track, t.begin_ps, t.n ? static_cast<double>(t.k) / t.n : 1);
    TRY(writer.settle());
  }
  return {};
}

Result<> Exporter::collectives() {
  std::map<std::pair<int, int>, Row> rows;
  for (const Collective& c : timeline.collectives) {
    const std::uint64_t track =
        track_for(writer, rows[{c.core, c.cc_core}], process(c.core), kCcCores + c.cc_core,
                  fmt::format("CC-core {}", c.cc_core), c.begin_ps, c.end_ps);
    writer.begin_slice(track, c.begin_ps, timeline.text(c.operation));
    writer.note("algorithm", timeline.text(c.algorithm));
    writer.note("dtype", timeline.text(c.dtype));
    writer.note("num_elements", c.elements);
    writer.note("input_size", static_cast<std::int64_t>(c.in_bytes));
    writer.note("output_size", static_cast<std::int64_t>(c.out_bytes));
    writer.note("replica_group", timeline.text(c.replica_group));
    writer.end_slice(track, c.end_ps);
    TRY(writer.settle());
  }
  return {};
}

Result<> write(const Timeline& timeline, const Sink& sink, const std::vector<Edge>& edges) {
  perfetto::Writer writer(sink);
  Exporter exporter(timeline, writer);
  std::uint64_t flow = 0;
  for (const Edge& edge : edges) {
    exporter.flows.emplace(edge.from, std::pair(++flow, false));
    exporter.flows.emplace(edge.to, std::pair(flow, true));
  }
  TRY(exporter.processes());
  TRY(exporter.pending());
  TRY(exporter.rates());
  TRY(exporter.throttles());
  TRY(exporter.instructions());
  TRY(exporter.collectives());
  TRY(exporter.packets());
  TRY(exporter.queues());
  TRY(exporter.semaphores());
  return writer.finish();
}

}  // namespace

Result<> write_perfetto(const Timeline& timeline, const Sink& sink) {
  return write(timeline, sink, {});
}
Result<> write_perfetto_with_flows(const Timeline& timeline, const Sink& sink) {
  return write(timeline, sink, edges_of(timeline));
}

}  // namespace neuron::view
