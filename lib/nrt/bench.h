// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "base/progress.h"
#include "nrt/session.h"

/// Many executions of loaded packages, from several threads, and how long each took.
///   auto result = TRY(nrt::bench(sessions, {.threads = 4, .executions = 1000}, {}));
///   result.percentile(99);
namespace neuron::nrt {

struct BenchOptions {
  int threads = 1;               ///< for each package
  int in_flight = 1;             ///< executions that a thread has scheduled at a time
  std::uint64_t warm_up = 0;     ///< executions of each thread that are not counted
  std::uint64_t executions = 1;  ///< of each package, shared out among its threads
  double seconds = 0;            ///< instead of a count, when not 0
  double rate = 0;               ///< executions a second of each thread; 0: as fast as it goes
  bool moves_tensors = false;    ///< count copies of inputs to and outputs from the device too
};

/// One execution: since the begin of the measurement, and which package ran.
struct Measured {
  std::int64_t begin_ns = 0, latency_ns = 0;
  std::uint32_t package = 0, thread = 0;
};

struct BenchResult {
  std::vector<Measured> executions;  ///< by begin
  std::int64_t wall_ns = 0;
  std::vector<std::int64_t> latencies(std::uint32_t package) const;  ///< sorted
};

/// The nearest-rank percentile of sorted numbers; 0 when there are none.
std::int64_t percentile(const std::vector<std::int64_t>& sorted, double percent);

/// The first failure of any thread ends all.
Result<BenchResult> bench(const std::vector<Session>& sessions, const BenchOptions& options,
                          const Progress& progress);

}  // namespace neuron::nrt
