// SPDX-License-Identifier: Apache-2.0
#include "view/transfers.h"

#include <algorithm>

namespace neuron::view {
namespace {

/// The packets of one ring in order, and how many each transfer of its queue takes.
struct RingPackets {
  SpoolList<std::uint32_t> rows;
  std::size_t next = 0;
  std::unordered_map<std::uint32_t, std::uint32_t> counts;
};

std::uint32_t key_of(std::uint32_t engine, std::uint32_t ring) {
  return engine % 64 * 16 + ring % 16;
}

/// Takes the next packets of a ring into a transfer; fewer when the trace holds fewer.
void take(RingPackets& ring, SpoolList<DmaPacket>& packets, DmaTransfer& transfer,
          std::size_t number) {
  auto count = ring.counts.find(transfer.id);
  if (count == ring.counts.end()) return;
  for (std::uint32_t i = 0; i < count->second && ring.next < ring.rows.size(); ++i) {
    DmaPacket& packet = packets[ring.rows[ring.next++]];
    packet.transfer = static_cast<std::uint32_t>(number + 1);
    transfer.begin_ps =
        transfer.packets ? std::min(transfer.begin_ps, packet.begin_ps) : packet.begin_ps;
    transfer.end_ps = transfer.packets ? std::max(transfer.end_ps, packet.end_ps) : packet.end_ps;
    transfer.bytes += packet.bytes;
    ++transfer.packets;
  }
}

}  // namespace

std::vector<DmaTransfer> attribute_packets(const ntff::CoreTrace& core,
                                           const SpoolList<Instruction>& instructions,
                                           const Programs& programs, SpoolList<DmaPacket>& packets,
                                           std::size_t first) {
  std::unordered_map<std::uint32_t, RingPackets> rings;
  std::unordered_map<std::string_view, std::vector<std::uint32_t>> queues;
  for (const ntff::Ring& ring : core.rings) {
    if (ring.triggers.empty()) continue;
    const std::uint32_t key = key_of(ring.engine, ring.index);
    queues[ring.queue].push_back(key);
    for (const ntff::Trigger& t : ring.triggers) rings[key].counts[t.id] = t.packets;
  }
  std::vector<DmaTransfer> transfers;
  if (queues.empty()) return transfers;
  for (auto& [key, ring] : rings)
    ring.rows = SpoolList<std::uint32_t>(SpoolAllocator<std::uint32_t>(packets.get_allocator()));
  std::uint32_t number = 0;
  for (const DmaPacket& packet : passing(packets)) {
    auto ring = rings.find(key_of(packet.engine, packet.ring));
    if (ring != rings.end()) add(ring->second.rows, number);
    ++number;
  }
  std::uint64_t taken = 0;
  for (const Instruction& row : passing(instructions)) {
    const Program* program = row->engine < isa::kEngines ? programs[row->engine].get() : nullptr;
    const StartedTransfer* start = program ? program->started(row->pc) : nullptr;
    if (!start) continue;
    auto queue = queues.find(start->queue);
    if (queue == queues.end()) continue;
    DmaTransfer transfer;
    transfer.id = start->id;
    transfer.hbm_bytes = start->bytes.hbm_read + start->bytes.hbm_write;
    transfer.core = row->core;
    transfer.queue = start->shown_queue;
    transfer.variable = start->variable;
    for (std::uint32_t key : queue->second)
      take(rings[key], packets, transfer, first + transfers.size());
    if (!transfer.packets) continue;
    transfers.push_back(transfer);
    if ((taken += transfer.packets) < kNearRows) continue;
    taken = 0;  // all rings go through the packets in about the same order
    release(packets, 0, packets.size());
  }
  return transfers;
}

}  // namespace neuron::view
