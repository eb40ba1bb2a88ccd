// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/insights.h"
#include "view/metric_inputs.h"
#include "view/rings.h"

namespace neuron::view {

/// What the rows of insights.def ask for. Private to this library.
struct InsightFacts {
  explicit InsightFacts(const Timeline& timeline);

  const Timeline& timeline;
  const MetricInputs in;
  const RingTypes rings;
  std::uint64_t hbm_bytes = 0, useful_flops = 0;
  std::uint64_t necessary_bytes = 0;  ///< HBM traffic without spills and repeated loads
  double busiest_s = 0;
  std::string busiest;
  std::uint64_t reloaded_tensors = 0, reloaded_bytes = 0, most_loads = 0;
  std::string most_loaded;
  std::uint64_t small_dynamic_packets = 0;
  double throttled_s = 0, throttle_loss_s = 0;

  std::uint64_t spill_bytes() const { return std::min(hbm_bytes, in.spill_save + in.spill_reload); }
  std::vector<Proof> longest_of(std::uint8_t engine) const;
  std::vector<Proof> longest_transposes() const;
  std::vector<Proof> longest_waits() const;
  std::vector<Proof> longest_transfers() const;
  std::vector<Proof> loads_of_most_loaded() const;
  std::vector<Proof> first_small_packets() const;
  std::vector<Proof> throttle_times() const;

 private:
  void add_loads();
  void add_throttles();
};

}  // namespace neuron::view
