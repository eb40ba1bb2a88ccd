// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>

#include "sim/machine.h"
#include "sim/plan.h"

/// What a plan is made of. Private to sim.
namespace neuron::sim {

/// What one thread computes in.
struct Worker {
  Machine* machine;           ///< of the reference; only kernels of one unit use it
  std::vector<float> panel;   ///< packed moving columns
  std::vector<float> sums;    ///< a tile of a product
  std::vector<float> values;  ///< rows on their way
};

/// Where the bytes of this run lie.
struct Memory {
  std::byte* core;
  Variables variables;
};

/// One host kernel. Its units (rows, panels) are independent: they may run on any thread and in
/// any order.
struct Kernel {
  std::function<void(const Memory&, Worker&, unsigned begin, unsigned end)> run;
  unsigned units = 1;
  double cost = 0;  ///< nanoseconds or so, to tell what is worth a second thread
};

struct PackedWeights;

struct Plan {
  const Loaded& loaded;
  std::vector<Kernel> kernels;
  std::vector<Worker> workers;
  std::unique_ptr<Machine> machine;
  std::vector<std::span<std::byte>> placed;  ///< the bytes of each variable in this run
  std::shared_ptr<PackedWeights> packed;     ///< weights of the product that is running
};

}  // namespace neuron::sim
