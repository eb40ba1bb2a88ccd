// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <map>

#include "sim/machine.h"
#include "sim/registers.h"

/// The reference, one step at a time: five engines that run in order, wait for semaphores and tell
/// when they are done. Transfers of one queue complete in the order in which they were started.
namespace neuron::sim {

/// A transfer that was started and has not happened yet.
struct Pending {
  Transfer transfer;
  isa::Engine issuer;
  std::uint32_t pc;
};

class Interpreter {
 public:
  Interpreter(const Loaded& loaded, std::span<std::byte> memory,
              std::vector<std::span<std::byte>> variables);

  void set_peer(Interpreter* peer) { peer_ = peer; }
  void set_rounding(Rounding* rounding) { rounding_ = rounding; }
  void set_port(CollectivePort* port) { port_ = port; }
  /// Walks through the program without computing; not for programs with registers.
  void skip_values() { computes_ = false; }
  bool computes() const { return computes_; }
  /// May the next instruction of engine `e` start?
  bool ready(int e);
  Result<> step(int e);
  std::size_t queues() const { return pending_.size(); }
  const Pending* next_transfer(std::size_t queue) const;
  Result<> finish_one(std::size_t queue);

  bool at_end(int e) const { return pc_[e] == loaded_.steps[e].size(); }
  std::uint32_t pc(int e) const { return static_cast<std::uint32_t>(pc_[e]); }
  std::uint64_t semaphore(std::uint8_t index) const { return semaphores_[index]; }
  std::uint32_t register_of(int e, std::uint8_t index) const {
    return registers_[static_cast<std::size_t>(e)][index];
  }
  const Loaded& loaded() const { return loaded_; }
  std::span<const std::byte> memory() const { return machine_.memory; }
  Variables variables() const { return variables_; }
  /// "Tensor pc 5 waits for S[3]>=16 (is 0)" for each engine that has not come to its end.
  std::string waiting() const;

 private:
  void run_register(int e, const Step& s);
  /// Null where the program was laid out: then Step::waits holds the value.
  const bound::wait_register* register_wait(const Step& s) const {
    return loaded_.has_branches ? std::get_if<bound::wait_register>(&s.op) : nullptr;
  }
  Result<> start_transfer(int e, const Step& s);
  std::uint64_t arrived(std::uint32_t barrier) const;

  const Loaded& loaded_;
  Machine machine_;
  std::vector<std::span<std::byte>> variables_;
  std::array<std::size_t, isa::kEngines> pc_{};
  std::array<std::uint64_t, 256> semaphores_{};
  std::array<Registers, isa::kEngines> registers_{};
  std::uint64_t steps_ = 0;
  std::vector<std::deque<Pending>> pending_;
  std::map<std::uint32_t, std::uint64_t> arrived_;  ///< how often each barrier was reached
  std::array<bool, isa::kEngines> at_barrier_{};    ///< counted in arrived_ already
  Interpreter* peer_ = nullptr;
  Rounding* rounding_ = nullptr;
  CollectivePort* port_ = nullptr;
  bool computes_ = true;
};

}  // namespace neuron::sim
