// SPDX-License-Identifier: Apache-2.0
// A trace and its package become a timeline: records are paired, programs described, names given.
#include <algorithm>
#include <future>

#include "view/collectives.h"
#include "view/package_notes.h"
#include "view/pairing.h"
#include "view/transfers.h"
#include "view/view.h"

namespace neuron::view {
namespace {

/// HBM bandwidth of a physical core as the official tool counts it: it prints 716 GB/s for a
/// logical core of two on Trn2, and its Trn1 summaries follow from 410 GB/s.
double hbm_bytes_per_s(isa::ArchId id) {
  return id == isa::ArchId::V3 ? 358e9 : isa::arch(id).hbm_bytes_per_ns * 1e9;
}

isa::ArchId arch_of(const Timeline& timeline) {
  if (auto id = isa::arch_of_kelf_target(timeline.target)) return *id;
  const std::string& instance = timeline.instance_type;
  if (instance.starts_with("inf1")) return isa::ArchId::V1;
  if (instance.starts_with("trn1") || instance.starts_with("inf2")) return isa::ArchId::V2;
  return instance.starts_with("trn3") ? isa::ArchId::V4 : isa::ArchId::V3;
}

Result<> check_uuid(const neff::Package& package, const ntff::Trace& trace, Oddities& oddities) {
  const std::size_t known = std::min<std::size_t>(trace.uuid_bytes, 16);
  const auto ours = package.header.uuid;
  if (known < 16) oddities.count(Oddity::short_uuid);
  if (std::equal(trace.uuid.begin(), trace.uuid.begin() + known, ours.begin())) return {};
  return fail(Code::Mismatch,
              "the trace is of the package {}, but the package given is {}; give the NEFF that was "
              "captured",
              hex(ByteView(trace.uuid).first(known)), hex(ours));
}

/// One core of the trace on its way into the timeline.
struct CoreImport {
  ntff::CoreTrace& core;  ///< loses its records when they are in the timeline
  const neff::Subgraph* subgraph;
  std::uint8_t index;
  const TimeWindow& window;
  Timeline& timeline;
  Oddities& oddities;
  const fs::path& spool;
};

/// Traces number the DMA engines of a core modulo 64; its rings tell the whole number.
std::uint16_t first_engine_of(const ntff::CoreTrace& core) {
  return core.rings.empty() ? 0 : static_cast<std::uint16_t>(core.rings[0].engine / 64 * 64);
}

void import_rings(const CoreImport& in) {
  bool seen[2] = {};
  for (const ntff::Ring& ring : in.core.rings) {
    const neff::Queue* queue = nullptr;
    if (in.subgraph)
      for (const neff::Queue& q : in.subgraph->queues)
        if (q.name == ring.queue) queue = &q;
    const QueueType type = type_of(ring, queue);
    if (type == QueueType::HardwareDynamic) seen[0] = true;
    if (type == QueueType::SoftwareDynamic) seen[1] = true;
    in.timeline.rings.push_back({static_cast<std::uint16_t>(ring.engine),
                                 static_cast<std::uint16_t>(ring.index), in.index, type,
                                 shown_queue(ring.queue)});
  }
  in.oddities.count(Oddity::dynamic_queues, seen[0] + seen[1]);
}

/// Frees the memory too, which clear() and an empty list do not.
template <class Record>
void let_go(ntff::Records<Record>& records) {
  records = {};
  records.shrink_to_fit();
}

/// Merges rows into others, both in order.
template <class Row, class Earlier>
void merge(SpoolList<Row>& all, SpoolList<Row>&& more, Earlier earlier) {
  if (all.empty()) {
    all = std::move(more);
    return;
  }
  SpoolList<Row> both(all.get_allocator());
  both.reserve(all.size() + more.size());
  const auto ours = passing(all), theirs = passing(more);
  auto our = ours.begin(), their = theirs.begin();
  while (our != ours.end() || their != theirs.end()) {
    const bool is_ours = !(their != theirs.end()) || (our != ours.end() && !earlier(*their, *our));
    both.push_back(is_ours ? *our : *their);
    if (is_ours)
      ++our;
    else
      ++their;
    if (both.size() % kNearRows == 0) release(both, 0, both.size());
  }
  all = std::move(both);
}

constexpr auto kByTime = [](const auto& a, const auto& b) { return a.at_ps < b.at_ps; };
constexpr auto kByBegin = [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; };

void import_events(const CoreImport& in) {
  CoreInfo& info = in.timeline.cores[in.index];
  SpoolList<SemaphoreUpdate> updates{SpoolAllocator<SemaphoreUpdate>(in.spool)};
  updates.reserve(in.core.events.count());
  ntff::for_each(in.core.events, [&](const ntff::EventRecord& event) {
    if (event.time_ps > kLatestTime || !in.window.holds(event.time_ps, event.time_ps)) return;
    ++info.event_count;
    if (!event.is_semaphore) return;
    updates.push_back({in.window.from_begin(event.time_ps), event.value, event.id, in.index});
    if (updates.size() % kNearRows == 0) release(updates, 0, updates.size());
  });
  let_go(in.core.events);
  sort_stably(updates, kByTime);
  merge(in.timeline.semaphores, std::move(updates), kByTime);
}

struct Packets {
  SpoolList<DmaPacket> rows;
  Oddities oddities;
};

/// Packets are found beside the instructions; only import_core() waits for them.
std::future<Packets> start_packets(const CoreImport& in) {
  return std::async(std::launch::async, [&in] {
    Packets out;
    out.rows = pair_packets(in.core, in.index, first_engine_of(in.core), in.window, in.spool,
                            out.oddities);
    let_go(in.core.dma);
    return out;
  });
}

/// A limit holds until the next one; the last until the core's last instruction ends.
void import_throttles(const CoreImport& in, std::int64_t last_end) {
  std::vector<Throttle> rows;
  for (const ntff::ThrottleRecord& t : in.core.throttles)
    if (t.time_ps <= kLatestTime && in.window.holds(t.time_ps, t.time_ps))
      rows.push_back({in.window.from_begin(t.time_ps), 0, t.k, t.n, t.kind, in.index});
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i].end_ps =
        std::max(rows[i].begin_ps, i + 1 < rows.size() ? rows[i + 1].begin_ps : last_end);
  in.timeline.throttles.insert(in.timeline.throttles.end(), rows.begin(), rows.end());
}

void import_core(const CoreImport& in, Texts& texts, isa::ArchId arch) {
  CoreInfo& info = in.timeline.cores[in.index];
  ProgramContext context{in.subgraph, {}, arch, {}, texts, in.timeline.accesses, in.oddities};
  if (in.subgraph) {
    context.variables = VariableIndex(*in.subgraph);
    context.semaphore_names = semaphore_names(*in.subgraph);
  }
  info.semaphore_names = context.semaphore_names;
  Programs programs;
  for (const ntff::Image& image : in.core.images)
    if (image.engine < isa::kEngines)
      programs[image.engine] = std::make_unique<Program>(image, in.index, context);

  auto found = start_packets(in);
  auto events = std::async(std::launch::async, [&in] { import_events(in); });
  auto rows =
      pair_instructions(in.core, in.index, programs, in.window, in.spool, in.timeline, in.oddities);
  let_go(in.core.instructions);
  std::int64_t last_end = 0;
  for (const Instruction& row : passing(rows)) {
    last_end = std::max(last_end, row.end_ps);
    if (!row->hbm_read && !row->hbm_write) continue;
    if (const StartedTransfer* start = programs[row->engine]->started(row->pc)) {
      in.timeline.spill_save_bytes += start->bytes.spill_save;
      in.timeline.spill_reload_bytes += start->bytes.spill_reload;
    }
  }
  auto collectives = pair_collectives(in.core, in.index, rows, programs, in.window, texts);
  auto [packets, oddities] = found.get();
  events.get();
  in.oddities.add(oddities);
  for (const auto& program : programs)
    if (program) in.timeline.steps.push_back(program->steps());
  auto transfers =
      attribute_packets(in.core, rows, programs, packets, in.timeline.transfers.size());
  in.timeline.transfers.insert(in.timeline.transfers.end(), transfers.begin(), transfers.end());
  import_rings(in);
  import_throttles(in, last_end);
  for (const ntff::MemoryUse& use : in.core.memory)
    in.timeline.memory.push_back({shown_memory(use), use.bytes, in.index});
  info.trace_count = rows.size() + packets.size() + collectives.size() + info.event_count;
  in.timeline.trace_count += info.trace_count;
  in.timeline.event_count += info.event_count;
  merge(in.timeline.instructions, std::move(rows), kByBegin);
  merge(in.timeline.packets, std::move(packets), kByBegin);
  merge(in.timeline.collectives, std::move(collectives), kByBegin);
}

Timeline facts_of(const ntff::Trace& trace, const ImportOptions& options) {
  Timeline t;
  t.neff_name = options.show_host ? trace.neff_name : file_name_of(trace.neff_name);
  t.uuid = hex(ByteView(trace.uuid).first(std::min<std::size_t>(trace.uuid_bytes, 16)));
  t.runtime_version = shown_version(trace.runtime);
  t.driver_version = shown_version(trace.driver);
  t.collectives_version = shown_version(trace.collectives);
  t.instance_type = trace.instance_type;
  t.ntff_version = trace.version;
  t.is_simulated = trace.is_simulated;
  t.lnc_size = std::max(1u, trace.lnc_size);
  return t;
}

void put_machine(Timeline& timeline, isa::ArchId id, Oddities& oddities) {
  const isa::Arch& arch = isa::arch(id);
  if (arch.is_parametric && timeline.is_simulated) oddities.count(Oddity::parametric_times);
  timeline.target = arch.target;
  timeline.tensor_ghz = arch.tensor_ghz;
  timeline.base_ghz = arch.base_ghz;
  timeline.hbm_bytes_per_s = hbm_bytes_per_s(id) * timeline.lnc_size;
  timeline.sbuf_partition_bytes = arch.sbuf_partition_bytes;
  timeline.psum_partition_bytes = arch.psum_partition_bytes;
  timeline.dma_bytes_per_s = arch.dma_bytes_per_ns * 1e9 * arch.dma_engines;
}

}  // namespace

Result<Timeline> import(const neff::Package* package, ntff::Trace trace,
                        const ImportOptions& options) {
  constexpr std::size_t kMostCores = 255;
  if (trace.cores.size() > kMostCores)
    return fail(Code::Malformed, "the trace holds {} cores, at most {} can be shown",
                trace.cores.size(), kMostCores);
  Oddities oddities;
  Timeline timeline = facts_of(trace, options);
  PackageNotes notes;
  if (package) {
    TRY(check_uuid(*package, trace, oddities));
    notes = notes_of(*package, timeline, oddities);
  } else {
    oddities.count(Oddity::no_package);
  }
  const isa::ArchId arch = arch_of(timeline);
  put_machine(timeline, arch, oddities);

  TimeWindow window{trace.begin_ps, trace.end_ps, options.show_preamble};
  if (trace.end_ps <= trace.begin_ps || trace.end_ps > kLatestTime) window = {0, 0, true};
  timeline.total_ps = static_cast<std::int64_t>(window.end_ps - window.begin_ps);
  Texts texts(timeline.texts);
  for (const ntff::CoreTrace& core : trace.cores)
    timeline.cores.push_back({core.subgraph, core.nc_index, core.device_index, {}, 0, 0});
  for (std::size_t i = 0; i < trace.cores.size(); ++i) {
    ntff::CoreTrace& core = trace.cores[i];
    if (options.skip_instructions) let_go(core.instructions);
    if (options.skip_dma) let_go(core.dma);
    if (options.skip_events) let_go(core.events);
    const neff::Subgraph* subgraph = notes.subgraph(core.subgraph);
    if (notes.model && !subgraph) oddities.count(Oddity::foreign_cores);
    import_core(
        {core, subgraph, static_cast<std::uint8_t>(i), window, timeline, oddities, options.spool},
        texts, arch);
  }
  const std::vector<std::string> counted = oddities.sentences();
  timeline.warnings.insert(timeline.warnings.end(), counted.begin(), counted.end());
  timeline.warnings.insert(timeline.warnings.end(), trace.oddities.begin(), trace.oddities.end());
  return timeline;
}

std::string profile_id(ByteView neff, ByteView ntff) {
  return profile_id_of(sha1(neff), sha1(ntff));
}

std::string profile_id_of(const Sha1& neff, const Sha1& ntff) {
  Writer both;
  both.append(ByteView(neff));
  both.append(ByteView(ntff));
  return "n_" + hex(sha1(both.bytes()));
}

std::string profile_id_of(const std::string& same, const std::string& name) {
  return "n_" + hex(sha1(view_of(same + "/" + name)));
}

}  // namespace neuron::view
