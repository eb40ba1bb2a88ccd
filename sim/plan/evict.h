// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/product.h"

/// What takes a sum away, panel by panel.
namespace neuron::sim {

constexpr std::size_t kScalars = 2 * kArray;

/// Sums of `rows` rows from `first` on, which are lost; `scalars` as open() left them.
struct Taken {
  float* sums;
  const float* scalars;
  unsigned first, rows;
};

/// Runs of an eviction's views in one panel.
struct EvictionPanel {
  std::size_t columns = 0;
  Pieces to, other;
};

class Evictor {
 public:
  virtual ~Evictor() = default;
  virtual EvictionPanel panel(std::int32_t begin, std::int32_t end) const = 0;
  /// Before the first panel of a run: reads one or two numbers a row, kScalars at most.
  virtual void open(const Memory& m, float* scalars) const = 0;
  virtual void take(const Memory& m, Worker& w, const EvictionPanel& panel,
                    const Taken& t) const = 0;
};

/// For the sum in `sum`; none for std::monostate.
std::unique_ptr<Evictor> evictor_of(const Eviction& eviction, const View& sum);

}  // namespace neuron::sim
