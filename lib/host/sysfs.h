// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/snapshot.h"

namespace neuron::host {

enum class TreeExtent {
  Touched,  ///< devices that were ever used
  All
};

/// Brings the text files below `neuron_device` in the box's directory up to date: the layout that
/// the driver has below /sys/devices/virtual, a number in a file. Files are replaced whole, and
/// only those whose number changed are written. When another process is at it, it does nothing.
Result<> refresh_tree(const Snapshot& snapshot, TreeExtent extent);

/// Refreshes the touched part of the tree once a second while it lives, in a thread of its own, so
/// that whoever reads the files sees numbers that are a second old at most.
class TreeRefresher {
 public:
  explicit TreeRefresher(Box box);
  ~TreeRefresher();
  TreeRefresher(const TreeRefresher&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neuron::host
