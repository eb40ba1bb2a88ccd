// SPDX-License-Identifier: Apache-2.0
#include "view/insight_facts.h"

#include <algorithm>
#include <map>
#include <set>

namespace neuron::view {
namespace {

constexpr std::size_t kMostProofs = 5;
constexpr std::uint32_t kSmallBytes = 4096;  // the official tool's limit for its warning

const char* engine_name(std::uint8_t engine) {
  return engine < isa::kEngines ? isa::info(static_cast<isa::Engine>(engine)).shown : "Unknown";
}

Proof proof_of(const Timeline& t, std::uint32_t index) {
  const Instruction& e = t.instructions[index];
  std::string label =
      fmt::format("{} on {}, pc {}", opcode_name(e->opcode), engine_name(e->engine), e->pc);
  if (e->name.value) label += " (" + t.text(e->name) + ")";
  return {"instruction", index, std::move(label), e.begin_ps, e.end_ps};
}

/// The instructions that `weigh` finds heaviest; weight 0 is none.
template <class Weigh>
std::vector<Proof> heaviest(const Timeline& t, Weigh weigh) {
  std::set<std::pair<std::int64_t, std::uint32_t>> order;
  std::uint32_t index = 0;
  for (const Instruction& e : passing(t.instructions)) {
    const std::uint32_t i = index++;
    const std::int64_t weight = weigh(e);
    if (weight <= 0) continue;
    if (order.size() == kMostProofs && -weight >= order.rbegin()->first) continue;
    order.emplace(-weight, i);
    if (order.size() > kMostProofs) order.erase(std::prev(order.end()));
  }
  std::vector<Proof> proofs;
  for (const auto& [weight, i] : order) proofs.push_back(proof_of(t, i));
  return proofs;
}

Proof packet_proof(const Timeline& t, const RingTypes& rings, std::uint32_t index) {
  const DmaPacket& p = t.packets[index];
  const DmaRing* ring = rings.find(p);
  std::string label = fmt::format("packet of {} B on {}", p.bytes,
                                  ring ? ring->queue : fmt::format("ring {}", p.ring));
  if (p.transfer && p.transfer <= t.transfers.size())
    label += " for " + t.text(t.transfers[p.transfer - 1].variable);
  return {"queue", index, std::move(label), p.begin_ps, p.end_ps};
}

double seconds(std::int64_t ps) { return static_cast<double>(ps) * 1e-12; }

}  // namespace

InsightFacts::InsightFacts(const Timeline& t) : timeline(t), in(inputs_of(t)), rings(t) {
  hbm_bytes = in.hbm_read + in.hbm_write;
  useful_flops = in.hardware_flops - in.transpose_flops;
  for (std::uint8_t e = 0; e < isa::kEngines; ++e)
    if (in.engines[e].active_s > busiest_s) {
      busiest_s = in.engines[e].active_s;
      busiest = engine_name(e);
    }
  if (in.dma.active_s > busiest_s) {
    busiest_s = in.dma.active_s;
    busiest = "DMA";
  }
  add_loads();
  add_throttles();
  const std::uint64_t avoidable = spill_bytes() + reloaded_bytes;
  necessary_bytes = hbm_bytes - std::min(hbm_bytes, avoidable);
  for (const DmaPacket& p : passing(t.packets))
    small_dynamic_packets += p.bytes < kSmallBytes && !is_static(rings.of(p));
}

void InsightFacts::add_loads() {
  struct Loads {
    std::uint64_t count = 0, bytes = 0;
  };
  std::map<std::uint32_t, Loads> loads;
  std::map<std::string_view, const Tensor*> tensors;
  for (const Tensor& tensor : timeline.tensors) tensors[tensor.name] = &tensor;
  for (const DmaTransfer& transfer : timeline.transfers) {
    Loads& one = loads[transfer.variable.value];
    ++one.count;
    one.bytes += transfer.bytes;
  }
  for (const auto& [text, load] : loads) {
    // A tensor that comes in pieces is not loaded again: what counts is bytes beyond its size.
    const auto tensor = tensors.find(timeline.texts[text]);
    if (tensor == tensors.end() || tensor->second->kind == "OUT") continue;
    const std::uint64_t size = tensor->second->bytes;
    if (size == 0 || load.bytes <= 2 * size) continue;
    ++reloaded_tensors;
    reloaded_bytes += load.bytes - size;
    if (const std::uint64_t times = load.bytes / size; times > most_loads) {
      most_loads = times;
      most_loaded = tensor->second->name;
    }
  }
}

void InsightFacts::add_throttles() {
  for (const Throttle& t : timeline.throttles) {
    if (t.k >= t.n) continue;
    throttled_s += seconds(t.end_ps - t.begin_ps);
    std::int64_t active_ps = 0;  // what the tensor engine did meanwhile would have taken k/n of it
    for (const Instruction& e : passing(timeline.instructions)) {
      if (e.begin_ps >= t.end_ps) break;
      if (e->engine != 0 || e->core != t.core || e->opcode != isa::matmul::kOpcode) continue;
      active_ps += std::max<std::int64_t>(
          0, std::min(e.end_ps, t.end_ps) - std::max(e.begin_ps, t.begin_ps));
    }
    throttle_loss_s += seconds(active_ps) * (1 - static_cast<double>(t.k) / t.n);
  }
}

std::vector<Proof> InsightFacts::longest_of(std::uint8_t engine) const {
  return heaviest(timeline, [&](const Instruction& e) {
    const bool works = e->engine == engine && e->opcode != isa::event_semaphore::kOpcode;
    return works ? e.end_ps - e.begin_ps : 0;
  });
}
std::vector<Proof> InsightFacts::longest_transposes() const {
  return heaviest(timeline, [](const Instruction& e) {
    return e->is_transpose && e->flops ? e.end_ps - e.begin_ps : 0;
  });
}
std::vector<Proof> InsightFacts::longest_waits() const {
  return heaviest(timeline, [&](const Instruction& e) { return wait_ns(e, timeline.base_ghz); });
}
std::vector<Proof> InsightFacts::longest_transfers() const {
  auto proofs = heaviest(timeline, [](const Instruction& e) {
    return static_cast<std::int64_t>(e->hbm_read) + e->hbm_write;
  });
  if (!proofs.empty() || timeline.packets.empty()) return proofs;
  std::uint32_t index = 0, longest = 0;
  std::int64_t most_ps = -1;
  for (const DmaPacket& p : passing(timeline.packets)) {
    if (p.end_ps - p.begin_ps > most_ps) {
      most_ps = p.end_ps - p.begin_ps;
      longest = index;
    }
    ++index;
  }
  return {packet_proof(timeline, rings, longest)};
}

namespace {

/// The first packets that are `wanted`.
template <class Wanted>
std::vector<Proof> first_packets(const Timeline& timeline, const RingTypes& rings, Wanted wanted) {
  std::vector<Proof> proofs;
  std::uint32_t index = 0;
  for (const DmaPacket& p : passing(timeline.packets)) {
    if (wanted(p)) proofs.push_back(packet_proof(timeline, rings, index));
    if (proofs.size() == kMostProofs) break;
    ++index;
  }
  return proofs;
}

}  // namespace

std::vector<Proof> InsightFacts::loads_of_most_loaded() const {
  std::uint32_t before = 0;
  return first_packets(timeline, rings, [&](const DmaPacket& p) {
    if (!p.transfer || p.transfer > timeline.transfers.size() || p.transfer == before) return false;
    if (timeline.text(timeline.transfers[p.transfer - 1].variable) != most_loaded) return false;
    before = p.transfer;
    return true;
  });
}
std::vector<Proof> InsightFacts::first_small_packets() const {
  return first_packets(timeline, rings, [&](const DmaPacket& p) {
    return p.bytes < kSmallBytes && !is_static(rings.of(p));
  });
}
std::vector<Proof> InsightFacts::throttle_times() const {
  std::vector<Proof> proofs;
  for (std::uint32_t i = 0; i < timeline.throttles.size() && proofs.size() < kMostProofs; ++i) {
    const Throttle& t = timeline.throttles[i];
    if (t.k < t.n)
      proofs.push_back({"throttle", i, fmt::format("limit {}/{}", t.k, t.n), t.begin_ps, t.end_ps});
  }
  return proofs;
}

}  // namespace neuron::view
