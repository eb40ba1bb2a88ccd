// SPDX-License-Identifier: Apache-2.0
#include "view/metric_inputs.h"

#include <algorithm>
#include <future>

#include "isa/cost.h"
#include "view/rings.h"

namespace neuron::view {
namespace {

double seconds(auto ps) { return static_cast<double>(ps) / 1e12; }
/// Unsigned, so that sums over a damaged trace wrap and nothing worse.
std::uint64_t span(const auto& row) {
  return static_cast<std::uint64_t>(row.end_ps) - static_cast<std::uint64_t>(row.begin_ps);
}

/// Length of a union of intervals that come in order of their begin.
struct Union {
  std::int64_t length = 0, end = INT64_MIN;
  void add(std::int64_t begin, std::int64_t until) {
    if (until <= end || until <= begin) return;
    length += until - std::max(begin, end);
    end = until;
  }
};

/// Opcodes that only prepare, wait or clean up: the official definition of total_exec_time.
bool is_setup(std::uint8_t opcode) {
  switch (opcode) {
    case isa::nop::kOpcode:
    case isa::set_ordering_mode::kOpcode:
    case isa::event_semaphore::kOpcode:
    case isa::notify::kOpcode:
    case isa::write::kOpcode:
    case 0xa2:  // DRAIN
    case 0xa9:  // COMPARE_BRANCH
    case 0xaa:  // TENSOR_LOAD
    case 0xb0:  // EVENT_SEMAPHORE_RANGE_CLEAR
      return true;
  }
  return false;
}

/// Waiting is all that EVENT_SEMAPHORE does; the official times leave it out (its count does not).
bool only_waits(const Instruction& i) { return i->opcode == isa::event_semaphore::kOpcode; }

void add_traffic(MetricInputs& in, const Instruction& i) {
  in.hbm_read += i->hbm_read;
  in.hbm_write += i->hbm_write;
  in.sbuf_read += i->sbuf_read;
  in.sbuf_write += i->sbuf_write;
  in.psum_read += i->psum_read;
  in.psum_write += i->psum_write;
  if (i->psum_read && i->sbuf_write) {
    in.psum_to_sbuf += i->sbuf_write;
    ++in.psum_to_sbuf_count;
  }
  in.hardware_flops += i->flops;
  in.adjusted_flops += i->adjusted_flops;
  if (i->is_transpose) {
    in.transpose_flops += i->flops;
    in.adjusted_transpose_flops += i->adjusted_flops;
  }
}

void add_instructions(MetricInputs& in, const Timeline& timeline) {
  std::array<Union, isa::kEngines> busy;
  std::array<std::uint64_t, isa::kEngines> time{};
  std::uint64_t activate_time = 0;
  for (const Instruction& i : passing(timeline.instructions)) {
    add_traffic(in, i);
    if (i->engine >= isa::kEngines) continue;
    ++in.engines[i->engine].count;
    if (i->opcode == isa::matmul::kOpcode) ++in.matmul_count;
    if (only_waits(i)) continue;
    time[i->engine] += span(i);
    busy[i->engine].add(i.begin_ps, i.end_ps);
    if (i->opcode == isa::activate::kOpcode) {
      ++in.activate.count;
      activate_time += span(i);
    }
  }
  in.activate.time_s = seconds(activate_time);
  for (int e = 0; e < isa::kEngines; ++e) {
    in.engines[e].active_s = seconds(busy[e].length);
    in.engines[e].time_s = seconds(time[e]);
  }
}

/// Packets of one origin while they are added up.
struct PacketSums {
  Union busy;
  std::uint64_t time = 0;
  void add(DmaSums& sums, const DmaPacket& p) {
    ++sums.packets;
    sums.bytes += p.bytes;
    time += span(p);
    busy.add(p.begin_ps, p.end_ps);
  }
  void finish(DmaSums& sums) const {
    sums.active_s = seconds(busy.length);
    sums.time_s = seconds(time);
  }
};

void add_packets(MetricInputs& in, const Timeline& timeline) {
  const RingTypes types(timeline);
  PacketSums all, fixed, software, hardware;
  for (const DmaPacket& p : passing(timeline.packets)) {
    const QueueType type = types.of(p);
    all.add(in.dma, p);
    if (type == QueueType::HardwareDynamic)
      hardware.add(in.hardware, p);
    else if (type == QueueType::SoftwareDynamic)
      software.add(in.software, p);
    else
      fixed.add(in.fixed, p);
    if (type == QueueType::Input) in.input_queue_bytes += p.bytes;
    if (type == QueueType::Output) in.output_queue_bytes += p.bytes;
    if (type == QueueType::Data) in.weight_queue_bytes += p.bytes;
  }
  all.finish(in.dma);
  hardware.finish(in.hardware);
  software.finish(in.software);
  fixed.finish(in.fixed);
}

void add_transfers(MetricInputs& in, const Timeline& timeline) {
  std::uint64_t time = 0;
  for (const DmaTransfer& t : timeline.transfers) {
    ++in.transfer_count;
    in.transfer_bytes += t.bytes;
    time += span(t);
  }
  in.transfer_s = seconds(time);
}

/// Both lists are in order of begin, so one walk over the two gives the union.
void add_spans(MetricInputs& in, const Timeline& timeline) {
  Union busy;
  std::int64_t first = INT64_MAX, last = INT64_MIN;
  const auto work = [&](std::int64_t begin, std::int64_t end) {
    first = std::min(first, begin);
    last = std::max(last, end);
  };
  const auto packets = passing(timeline.packets);
  auto packet = packets.begin();
  const auto packets_until = [&](std::int64_t time) {
    for (; packet != packets.end() && (*packet).begin_ps <= time; ++packet) {
      busy.add((*packet).begin_ps, (*packet).end_ps);
      work((*packet).begin_ps, (*packet).end_ps);
    }
  };
  for (const Instruction& i : passing(timeline.instructions)) {
    if (only_waits(i)) continue;
    packets_until(i.begin_ps);
    busy.add(i.begin_ps, i.end_ps);
    if (!is_setup(i->opcode)) work(i.begin_ps, i.end_ps);
  }
  packets_until(INT64_MAX);
  in.active_s = seconds(busy.length);
  if (last > first) in.exec_s = seconds(last - first);
}

void add_throttles(MetricInputs& in, const Timeline& timeline) {
  for (const Throttle& t : timeline.throttles) {
    ThrottleSums& sums = in.throttles[t.core][t.kind];
    const double held = seconds(t.end_ps - t.begin_ps);
    sums.time_s += held;
    if (t.n != 0) sums.weighted_s += held * t.k / t.n;
    if (t.k < t.n) sums.limited_ns += static_cast<std::uint64_t>((t.end_ps - t.begin_ps) / 1000);
  }
}

void add_collectives(MetricInputs& in, const Timeline& timeline) {
  Union busy;
  for (const Collective& c : timeline.collectives) {
    in.collectives.time_s += seconds(span(c));
    ++in.collectives.count;
    busy.add(c.begin_ps, c.end_ps);
  }
  in.collectives.active_s = seconds(busy.length);
}

void add_tensors(MetricInputs& in, const Timeline& timeline) {
  for (const Tensor& t : timeline.tensors) {
    if (t.kind == "IN") in.input_bytes += t.bytes;
    if (t.kind == "OUT") in.output_bytes += t.bytes;
    if (t.kind == "WEIGHT") in.weight_bytes += t.bytes;
  }
}

}  // namespace

double core_flops_per_s(const Timeline& timeline) {
  // A multiply and an add for each of 128 x 128 elements of the array, cycle by cycle.
  const auto arch = isa::arch_of_kelf_target(timeline.target).value_or(isa::ArchId::V3);
  return 2.0 * 128 * 128 * timeline.tensor_ghz * 1e9 / isa::timing(arch).costs.matmul_column_cycles;
}

MetricInputs inputs_of(const Timeline& timeline) {
  MetricInputs in;
  in.total_s = seconds(timeline.total_ps);
  in.base_hz = timeline.base_ghz * 1e9;
  in.core_flops_per_s = core_flops_per_s(timeline);
  in.flops_per_s = in.core_flops_per_s * timeline.lnc_size;
  in.hbm_bytes_per_s = timeline.hbm_bytes_per_s;
  in.model_flops = 2 * timeline.model_macs;
  in.spill_save = timeline.spill_save_bytes;
  in.spill_reload = timeline.spill_reload_bytes;
  in.event_count = timeline.event_count;
  in.trace_count = timeline.trace_count;
  in.queue_count = timeline.rings.size();
  in.row_count = timeline.instructions.size() + timeline.packets.size() +
                 timeline.transfers.size() + timeline.semaphores.size() + timeline.throttles.size();
  if (!timeline.cores.empty()) {
    in.nc_index = timeline.cores.front().nc_index;
    in.device_index = timeline.cores.front().device_index;
  }
  in.collectives_version = timeline.collectives_version;
  in.compiler_version = timeline.compiler_version;
  in.driver_version = timeline.driver_version;
  in.instance_type = timeline.instance_type;
  in.runtime_version = timeline.runtime_version;
  // Each fills in figures of its own.
  auto packets = std::async(std::launch::async, [&] { add_packets(in, timeline); });
  auto instructions = std::async(std::launch::async, [&] { add_instructions(in, timeline); });
  add_transfers(in, timeline);
  packets.get();
  add_spans(in, timeline);
  instructions.get();
  add_throttles(in, timeline);
  add_collectives(in, timeline);
  add_tensors(in, timeline);
  return in;
}

}  // namespace neuron::view
