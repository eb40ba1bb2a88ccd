// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "sim/plan/product.h"

/// What takes a sum away, panel by panel.
namespace neuron::sim {

/// Runs of an eviction's views in one panel.
struct EvictionPanel {
  std::size_t columns = 0;
  Pieces to, other;
};

class Evictor {
 public:
  virtual ~Evictor() = default;
  virtual EvictionPanel panel(std::int32_t begin, std::int32_t end) const = 0;
  /// Before the first panel of a run on this worker.
  virtual void open(const Memory& m, Worker& w) const = 0;
  /// `w.sums` holds the sums of `rows` rows from `first` on; they are lost.
  virtual void take(const Memory& m, Worker& w, const EvictionPanel& panel, unsigned first,
                    unsigned rows) const = 0;
};

/// For the sum in `sum`; none for std::monostate.
std::unique_ptr<Evictor> evictor_of(const Eviction& eviction, const View& sum);

}  // namespace neuron::sim
