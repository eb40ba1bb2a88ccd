// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "host/page.h"

/// What readers see of the box at one moment. Taking it waits for nobody and nobody waits for it.
namespace neuron::host {

struct LoadedPart {
  std::uint64_t model = 0;
  std::uint32_t core = 0;  ///< of the box
  std::string name, uuid, subgraph;
  MemoryUse memory;
  bool is_running = false;
};

struct ProcessView {
  std::uint64_t pid = 0;
  std::string tag, command, runtime_version;
  std::uint32_t first = 0, count = 0, lnc = 1;  ///< cores of the box
  std::uint64_t started_unix_ns = 0;
  std::vector<CoreCells> cores;
  std::vector<LoadedPart> parts;
  std::unique_ptr<ProcessCells> cells;  ///< large
};

struct Snapshot {
  Box box;
  std::uint64_t at_ns = 0;             ///< CLOCK_MONOTONIC
  std::vector<ProcessView> processes;  ///< living ones, by first core
  std::vector<CoreCells> cores;        ///< of the box since it is there, ended processes included
  std::vector<std::string> oddities;   ///< pages that could not be read, and why
};

Result<Snapshot> take_snapshot(const Box& box);

/// Busy time of a core up to `at_ns`, the running execution included.
std::uint64_t busy_ns(const CoreCells& core, std::uint64_t at_ns);

}  // namespace neuron::host
