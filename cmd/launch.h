// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

/// Commands that run as several workers: in processes that a launcher started, or that we start.
namespace neuron::cmd {

struct WorkerPlace {
  std::uint32_t rank = 0, ranks = 1;
  const char* launcher = "";
};
/// Where rank 0 waits under a launcher on one host, unless NEURON_RT_ROOT_COMM_ID says.
constexpr const char* kDefaultRoot = "127.0.0.1:48620";
/// Nothing when no launcher of launchers.def started this process.
Result<std::optional<WorkerPlace>> worker_place();

/// Where workers run: on hosts in equal, consecutive shares. The first words of `remote_shell` and
/// a host run a command there; localhost and 127.0.0.1 need none.
struct WorkerPlan {
  std::uint32_t ranks = 1;
  std::vector<std::string> hosts{"localhost"};
  std::string remote_shell = "ssh";
  std::string root;  ///< NEURON_RT_ROOT_COMM_ID of the workers
};
/// Runs this very command line once for each rank and waits for all. When one fails, the others
/// have `grace` seconds to end by themselves; the first failure is the result.
Result<> launch_workers(const WorkerPlan& plan, int grace);

}  // namespace neuron::cmd
