// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "host/host.h"
#include "sim/clock.h"

/// How fast a package will be, by the schedule of the simulator: what `compile` tells of it.
/// The compiler itself may not ask the machine; a command may.
namespace neuron::cmd {

/// A part of the NeuronCore and the share of the time in which it works.
struct Load {
  std::string name;  ///< "the Tensor engine", "DMA"
  double share = 0;  ///< 0 to 1
};
struct Prediction {
  double latency_us = 0;  ///< one execution, its parts one after the other, launches included
  double slowest_us = 0;  ///< the longest part
  std::uint32_t parts = 0;
  bool is_parametric = false;  ///< of a generation of which little is published
  std::vector<Load> loads;     ///< the busiest first
};
/// The programs of all NeuronCore nodes one after the other. Nodes on the CPU are not counted.
Result<Prediction> predict(ByteView neff, const sim::Clock& clock = {});

/// "bound by DMA, busy 62 % of the time", or what waits when nothing is busy for half of it.
std::string bound_text(const Prediction& prediction);

/// What instance types make of a package for their generation: a copy of it on every core.
struct Guidance {
  const host::Instance* instance = nullptr;
  double latency_us = 0, per_second = 0;
  bool is_parametric = false;
  std::string bound;
};
/// `cores`: NeuronCores that the package is spread over; then parts work at the same time.
std::vector<Guidance> guidance_of(const Prediction& prediction, host::Generation generation,
                                  std::uint32_t cores);
std::string table_of(const std::vector<Guidance>& rows);
Json json_of(const std::vector<Guidance>& rows);

}  // namespace neuron::cmd
