// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <deque>
#include <functional>
#include <memory>
#include <new>
#include <optional>

#include "sim/machine.h"
#include "sim/plan.h"
#include "sim/plan/pages.h"
#include "sim/plan/sharing.h"

/// What a plan is made of. Private to sim.
namespace neuron::sim {

/// Memory that begins with a line of the host's caches, so that no vector lies across two. What is
/// not given a value has none: all of it is written before it is read.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kAlignment{kLine};
  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T);
    return static_cast<T*>(bytes < kManyBytes ? ::operator new(bytes, kAlignment)
                                              : take_pages(bytes));
  }
  void deallocate(T* at, std::size_t count) {
    if (count * sizeof(T) < kManyBytes)
      ::operator delete(at, kAlignment);
    else
      give_pages_back(at);
  }
  template <class... Values>
  void construct(T* at, Values&&... values) {
    if constexpr (sizeof...(Values) > 0)
      ::new (static_cast<void*>(at)) T(std::forward<Values>(values)...);
    else
      ::new (static_cast<void*>(at)) T;
  }
  bool operator==(const LineAllocator&) const = default;
};
using Floats = std::vector<float, LineAllocator<float>>;

/// What one thread computes in.
struct Worker {
  Machine* machine;  ///< of the reference; only kernels of one unit use it
  Floats panel;      ///< packed moving columns
  Floats sums;       ///< a tile of each product of a group
  Floats scalars;    ///< of their evictions
  Floats values;     ///< rows on their way
};

/// Where the bytes of this run lie.
struct Memory {
  std::byte* core;
  Variables variables;
  CollectivePort* port = nullptr;
  Result<>* failure = nullptr;  ///< where a kernel that fails says why; no other runs then
};

/// One host kernel. Its units (rows, panels) are independent: they may run on any thread and in
/// any order.
struct Kernel {
  std::function<void(const Memory&, Worker&, unsigned begin, unsigned end)> run;
  unsigned units = 1;
  double cost = 0;                     ///< nanoseconds or so, to tell what is worth a second thread
  std::string what = {};               ///< for people: the kind, then a comma and its sizes
  std::function<void()> prepare = {};  ///< done before all units, by the thread that runs the plan
};

struct PackedWeights;

struct Plan {
  const Loaded& loaded;
  std::vector<Kernel> kernels;
  std::vector<Worker> workers;
  std::unique_ptr<Machine> machine;
  std::vector<std::span<std::byte>> placed;  ///< the bytes of each variable in this run
  std::shared_ptr<PackedWeights> packed;     ///< weights of the product that is running
  std::deque<bound::Operation> parts;        ///< some columns of instructions, for kernels
  bool fills_sbuf = false;                   ///< much of it is touched
  Sharing sharing{{}};                       ///< of its kernels among threads
};

}  // namespace neuron::sim
