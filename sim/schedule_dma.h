// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <unordered_map>
#include <vector>

#include "sim/loaded.h"
#include "sim/schedule_costs.h"

namespace neuron::sim {

/// What a DMA engine moves in one go.
struct Packet {
  std::uint32_t bytes = 0;
  double cost_ns = 0;  ///< on its engine
  double hbm_ns = 0;   ///< of device memory, which all engines share
};
/// The packets of a transfer, by ring.
using Rings = std::vector<std::vector<Packet>>;
Rings packets_of(const Transfer& transfer, const Program& program, const Timing& timing);

/// Something that serves one at a time, in windows of about a microsecond: in which order requests
/// are told does not matter, only when they begin.
class SharedTime {
 public:
  /// Takes `need` of its time from `begin` on; when that is done.
  Ps take(Ps begin, Ps need);

 private:
  static constexpr Ps kWindow = 1'024'000;
  std::unordered_map<std::uint64_t, Ps> used_;
};

/// Sixteen DMA engines, each a queue of packets that are served as they come, whatever ring they
/// are on; ring r of every queue lies on engine r. Together they go no faster than device memory.
class DmaEngines {
 public:
  /// Both must outlive it.
  DmaEngines(const Program& program, const Timing& timing)
      : program_(program), timing_(timing), costs_(timing.machine) {}

  /// Starts `transfer` by the instruction (engine, pc) that began at `begin`. Appends its packets;
  /// gives the times at which its semaphore grows by one.
  const std::vector<Ps>& start(const Transfer& transfer, isa::Engine issuer, std::uint32_t pc,
                               Ps begin, std::vector<PacketTime>& packets);
  static constexpr int kEngines = 16;

 private:
  struct Latency {
    double start, stagger, tail;
  };
  Latency latency_of(const Transfer& transfer, isa::Engine issuer);

  const Program& program_;
  const Timing& timing_;
  const SimCosts& costs_;
  /// Serves one packet on an engine, after all that came before it.
  void serve(std::uint32_t ring, Ps ready, const Packet& packet, PacketTime& time);

  std::array<Ps, kEngines> free_{};
  SharedTime hbm_;
  bool first_static_ = true;
  std::vector<Ps> increments_;
};

}  // namespace neuron::sim
