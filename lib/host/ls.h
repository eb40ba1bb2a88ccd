// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "host/snapshot.h"

/// What neuron-ls prints, as text of a snapshot.
namespace neuron::host {

/// A process that looks at devices without owning cores: neuron-ls itself, neuron-monitor.
struct Observer {
  std::uint64_t pid = 0;
  std::string command;
};

enum class LsView {
  Plain,     ///< core numbers, CPUs and NUMA nodes; owners by number
  Wide,      ///< owners by command, up to 80 characters
  All,       ///< owners and observers, up to 40 characters
  Topology,  ///< no owners; the drawing follows
};

/// Type and id of the instance, then a row for each device and owner.
std::string ls_table(const Snapshot& snapshot, LsView view,
                     const std::vector<Observer>& observers = {});
/// How devices are linked.
std::string topology_drawing(const Instance& instance);
/// An array with an object for each device.
Json ls_json(const Snapshot& snapshot);

}  // namespace neuron::host
