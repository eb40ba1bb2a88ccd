// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>

#include "sim/plan/order.h"

/// Which LDWEIGHTS each MATMUL of an order uses.
namespace neuron::sim {

struct Uses {
  bool clear = true;  ///< every MATMUL finds its weights in one LDWEIGHTS
  std::map<const bound::matmul*, const bound::ldweights*> weights;
};
Uses uses_of(const std::vector<Event>& order);

/// Rows and columns of the array.
struct Cells {
  unsigned row0, row1, column0, column1;
  bool overlaps(const Cells& o) const {
    return row0 < o.row1 && o.row0 < row1 && column0 < o.column1 && o.column0 < column1;
  }
  bool contains(const Cells& o) const {
    return row0 <= o.row0 && o.row1 <= row1 && column0 <= o.column0 && o.column1 <= column1;
  }
};
Cells cells_of(const bound::ldweights& in);
Cells cells_of(const bound::matmul& in);

}  // namespace neuron::sim
