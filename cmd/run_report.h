// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/json.h"
#include "cmd/command.h"
#include "nrt/bench.h"
#include "sim/clock.h"

/// What `run` prints of a measurement.
namespace neuron::cmd {

/// Latencies of one package, and how fast it went.
struct Figures {
  std::uint64_t count = 0;
  std::int64_t fastest = 0, slowest = 0;
  double mean = 0, deviation = 0, per_second = 0;
  std::vector<std::pair<double, std::int64_t>> percentiles;  ///< percent, nanoseconds
};
Figures figures_of(const nrt::BenchResult& result, std::uint32_t package,
                   const std::vector<double>& percents);
Json json_of(const Figures& figures);
/// Three lines: throughput, host latencies, modelled device time.
std::string lines_of(const Figures& figures, std::uint64_t device_ps);
/// A row for each execution: package, thread, begin and latency in nanoseconds.
std::string csv_of(const nrt::BenchResult& result);

/// The time that the schedule predicts; nothing is executed, and no other rank is needed.
Result<> tell_prediction(const fs::path& neff, const sim::Clock& clock, bool json, Terminal& io);

}  // namespace neuron::cmd
