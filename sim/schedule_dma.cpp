// SPDX-License-Identifier: Apache-2.0
#include "sim/schedule_dma.h"

#include <algorithm>
#include <utility>

namespace neuron::sim {
namespace {

constexpr std::int64_t kMaxPacket = 65536;     // published: largest descriptor
constexpr std::int64_t kSoftwareMerge = 4096;  // traces: rows that follow each other share a packet
constexpr std::int64_t kRowsAnEngine = 8;      // published: 128 partitions on 16 engines
constexpr std::int64_t kLeastShare = 512;      // bytes; less is not worth an engine of its own
constexpr std::int64_t kMostPackets = 65536;   // of one descriptor; beyond, several count as one
constexpr std::uint32_t kSemaphoreBytes = 4;

QueueKind kind_of(const Transfer& t, const Program& p) { return p.queues[t.queue.value].kind; }

bool is_local(const Side& side, const Program& p) {
  return p.variables[side.variable.value].storage == Storage::Local;
}

/// Bytes that follow each other from the start of a side, dimension by dimension.
std::int64_t run_of(const Side& side) {
  std::int64_t run = 1;
  for (int d = 0; d < 4; ++d) {
    if (side.sizes[d] != 1 && side.steps[d] != run) break;
    run *= side.sizes[d];
  }
  return run;
}

/// Pieces of one descriptor that one packet each would move.
struct Cut {
  std::int64_t rows = 0;    ///< packets
  std::int64_t bytes = 0;   ///< written by one
  std::int64_t read = 0;    ///< read by one
  std::int64_t pieces = 1;  ///< read by one
  double share = 1;         ///< of the copying rate
};

Cut cut_of(const Descriptor& d, QueueKind kind, bool reads_device, const SimCosts& costs) {
  const Side& from = d.from.front();
  const std::int64_t written = bytes_of(d.to), read = bytes_of(from);
  Cut cut;
  if (written == 0 || read == 0) return cut;
  // Where one side changes type, its bytes count as the elements of the other.
  const std::int64_t from_run = d.op == DmaOp::Transpose ? written : run_of(from) * written / read;
  const std::int64_t to_run = run_of(d.to);
  std::int64_t run = std::clamp<std::int64_t>(std::min(from_run, to_run), 1, kMaxPacket);
  const std::int64_t longer = std::max(from_run, to_run);
  if (kind == QueueKind::SoftwareDynamic && written == read && longer > run) {
    const std::int64_t rows = std::max<std::int64_t>(1, std::min(longer, kSoftwareMerge) / run);
    if (from_run < to_run) cut.pieces = rows;
    run *= rows;
  }
  cut.bytes = run;
  cut.rows = (written + run - 1) / run;
  cut.read = std::max<std::int64_t>(1, read / cut.rows);
  if (kind != QueueKind::Static && reads_device) cut.share = costs.dynamic_read_share;
  if (d.op == DmaOp::Transpose) cut.share *= costs.transpose_share;
  if (d.op != DmaOp::Transpose && d.op != DmaOp::Copy) cut.share *= costs.accumulate_share;
  cut.pieces *= static_cast<std::int64_t>(d.from.size());
  return cut;
}

/// Memory to memory without partitions: as many equal parts as engines.
void spread(Cut& cut, std::int64_t rings) {
  const std::int64_t total = cut.rows * cut.bytes, read = cut.rows * cut.read;
  cut.rows = std::clamp<std::int64_t>(total / kLeastShare, 1, rings);
  cut.bytes = total / cut.rows;
  cut.read = read / cut.rows;
}

}  // namespace

Rings packets_of(const Transfer& transfer, const Program& program, const Timing& timing) {
  const SimCosts& costs = timing.machine;
  const QueueKind kind = kind_of(transfer, program);
  const auto& queue = program.queues[transfer.queue.value];
  const auto count = std::clamp<std::int64_t>(queue.rings, 1, DmaEngines::kEngines);
  const double rate = timing.engines.arch.dma_bytes_per_ns;
  const double hbm_rate = timing.engines.arch.hbm_bytes_per_ns * costs.hbm_alone;
  const double fixed = kind == QueueKind::Static ? costs.static_packet : costs.dynamic_packet;

  std::vector<Packet> all;
  bool local = false;
  for (const Descriptor& d : transfer.descriptors) {
    Cut cut = cut_of(d, kind, !is_local(d.from.front(), program), costs);
    const bool here = is_local(d.to, program) || is_local(d.from.front(), program);
    if (!here && cut.rows > 0 && cut.rows < count && transfer.descriptors.size() == 1)
      spread(cut, count);
    local = local || here;
    const auto moved = static_cast<double>(std::max(cut.bytes, cut.read));
    const double cost_ns = fixed * static_cast<double>(cut.pieces) + moved / (rate * cut.share);
    const std::int64_t fold = (cut.rows + kMostPackets - 1) / kMostPackets;
    if (fold == 0) continue;
    const auto shared = static_cast<double>((is_local(d.from.front(), program) ? 0 : cut.read) +
                                            (is_local(d.to, program) ? 0 : cut.bytes));
    const Packet packet{
        static_cast<std::uint32_t>(std::min<std::int64_t>(cut.bytes * fold, UINT32_MAX)),
        cost_ns * static_cast<double>(fold), shared / hbm_rate * static_cast<double>(fold)};
    all.insert(all.end(), static_cast<std::size_t>((cut.rows + fold - 1) / fold), packet);
  }
  const auto rows = static_cast<std::int64_t>(all.size());
  std::int64_t share = (rows + count - 1) / count;
  if (local && kind == QueueKind::Static) share = std::max(share, std::min(kRowsAnEngine, rows));
  Rings rings(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < rows; ++i)
    rings[static_cast<std::size_t>(i / share)].push_back(all[static_cast<std::size_t>(i)]);
  return rings;
}

DmaEngines::Latency DmaEngines::latency_of(const Transfer& transfer, isa::Engine issuer) {
  const SimCosts& c = costs_;
  const bool writes =
      !transfer.descriptors.empty() && !is_local(transfer.descriptors.front().to, program_);
  switch (kind_of(transfer, program_)) {
    case QueueKind::HardwareDynamic:
      return writes ? Latency{c.hardware_write_start, c.hardware_write_stagger, c.dynamic_tail}
                    : Latency{c.hardware_read_start, c.hardware_read_stagger, c.dynamic_tail};
    case QueueKind::SoftwareDynamic:
      return writes ? Latency{c.software_write_start, c.software_write_stagger, c.dynamic_tail}
                    : Latency{c.software_read_start, c.software_read_stagger, c.dynamic_tail};
    case QueueKind::Static:
      break;
  }
  const double start = issuer == isa::Engine::Gpsimd ? c.static_start_gpsimd : c.static_start;
  const double extra = std::exchange(first_static_, false) ? c.first_static : 0;
  return {start + extra, c.static_stagger, c.static_tail};
}

Ps SharedTime::take(Ps begin, Ps need) {
  for (std::uint64_t window = begin / kWindow;; ++window) {
    Ps& used = used_[window];
    const Ps taken = std::min(need, kWindow - used);
    const bool waited = window != begin / kWindow;
    used += taken;
    need -= taken;
    if (need == 0) return waited ? window * kWindow + used : begin + taken;
  }
}

void DmaEngines::serve(std::uint32_t ring, Ps ready, const Packet& packet, PacketTime& time) {
  Ps& now = free_[ring];
  time.bytes = packet.bytes;
  time.begin_ps = std::max(now, ready);
  time.end_ps = time.begin_ps + ps_of(packet.cost_ns);
  if (packet.hbm_ns > 0)
    time.end_ps = std::max(time.end_ps, hbm_.take(time.begin_ps, ps_of(packet.hbm_ns)));
  now = time.end_ps;
}

const std::vector<Ps>& DmaEngines::start(const Transfer& transfer, isa::Engine issuer,
                                         std::uint32_t pc, Ps begin,
                                         std::vector<PacketTime>& packets) {
  const Latency latency = latency_of(transfer, issuer);
  const Rings rings = packets_of(transfer, program_, timing_);
  // Static rings of v3 write the semaphore with their last packet; all others send one more.
  const bool merges =
      kind_of(transfer, program_) == QueueKind::Static && program_.arch > isa::ArchId::V2;
  std::size_t longest = 0;
  for (const auto& ring : rings) longest = std::max(longest, ring.size());
  std::vector<Ps> told(rings.size());
  // One packet of each ring after the other, as they come to the memory that they share.
  for (std::size_t i = 0; i <= longest; ++i)
    for (std::uint32_t ring = 0; ring < rings.size(); ++ring) {
      const auto& all = rings[ring];
      if (i > all.size()) continue;
      const bool tells = i == all.size();
      if (tells && merges && !all.empty()) continue;
      const Ps ready = begin + ps_of(latency.start + latency.stagger * ring);
      PacketTime& t = packets.emplace_back();
      t.queue = transfer.queue, t.ring = ring, t.issuer = issuer, t.pc = pc;
      serve(ring, ready, tells ? Packet{kSemaphoreBytes, costs_.semaphore_packet, 0} : all[i], t);
      if (merges && i + 1 == all.size()) t.bytes += kSemaphoreBytes;
      told[ring] = t.end_ps + ps_of(latency.tail);
    }
  increments_.clear();
  for (std::uint32_t i = 0; i < transfer.increment; ++i)
    increments_.push_back(told[i % told.size()]);
  std::sort(increments_.begin(), increments_.end());
  return increments_;
}

}  // namespace neuron::sim
