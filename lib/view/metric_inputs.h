// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <map>

#include "isa/isa.h"
#include "view/metrics.h"

/// What the formulas of metrics.def are made of. Private to this library and its tests.
namespace neuron::view {

struct EngineSums {
  double active_s = 0;  ///< length of the union of intervals
  double time_s = 0;    ///< plain sum
  std::uint64_t count = 0;
};
struct DmaSums {
  double active_s = 0, time_s = 0;
  std::uint64_t packets = 0, bytes = 0;
};
/// Time under one kind of throttle, and the same weighted by k/n.
struct ThrottleSums {
  double time_s = 0, weighted_s = 0;
  std::uint64_t limited_ns = 0;  ///< where k < n
};

struct MetricInputs {
  double total_s = 0, active_s = 0, exec_s = 0;
  double base_hz = 0;
  double core_flops_per_s = 0;  ///< peak of one physical core
  double flops_per_s = 0;       ///< peak of the logical core
  double hbm_bytes_per_s = 0;
  std::uint64_t hardware_flops = 0, transpose_flops = 0, model_flops = 0;
  std::uint64_t adjusted_flops = 0, adjusted_transpose_flops = 0;
  std::uint64_t hbm_read = 0, hbm_write = 0, sbuf_read = 0, sbuf_write = 0;
  std::uint64_t psum_read = 0, psum_write = 0, psum_to_sbuf = 0, psum_to_sbuf_count = 0;
  std::uint64_t spill_save = 0, spill_reload = 0;
  std::uint64_t input_bytes = 0, output_bytes = 0, weight_bytes = 0;  ///< sizes of tensors
  std::uint64_t input_queue_bytes = 0, output_queue_bytes = 0, weight_queue_bytes = 0;
  std::uint64_t event_count = 0, trace_count = 0, queue_count = 0, row_count = 0;
  std::uint64_t matmul_count = 0;
  std::uint64_t transfer_count = 0, transfer_bytes = 0;
  double transfer_s = 0;
  EngineSums activate;
  EngineSums collectives;
  std::array<EngineSums, isa::kEngines> engines;
  DmaSums dma, fixed, software, hardware;  ///< fixed: laid down by the compiler
  std::uint32_t nc_index = 0, device_index = 0;
  std::string collectives_version, compiler_version, driver_version, instance_type, runtime_version;
  std::map<std::uint8_t, std::map<std::uint8_t, ThrottleSums>> throttles;  ///< by core, then kind
};

/// What the array of one physical core multiplies and adds in a second at most.
double core_flops_per_s(const Timeline& timeline);
MetricInputs inputs_of(const Timeline& timeline);
std::vector<Metric> metrics_of(const MetricInputs& in);

}  // namespace neuron::view
