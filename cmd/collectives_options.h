// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/App.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "cmd/collectives_report.h"

/// What `neuron collectives` is told: its options, and what they mean.
namespace neuron::cmd {

struct CollectivesOptions {
  std::string operation, type = "uint8", minimum = "32M", maximum = "32M", step;
  std::uint32_t workers = 0, nodes = 0, iterations = 20, warm_up = 5, factor = 0;
  std::uint32_t neff_iterations = 1, neff_warm_up = 0;
  std::vector<std::string> check, hosts;
  fs::path hosts_file, groups, pairs, metadata, report;
  std::string remote_shell = "ssh";
  std::optional<std::uint64_t> seed;
  ReportOptions shown;
  bool json = false, is_quiet = false, predicts = false, is_debug = false;
  bool has_own_buffers = false, shares_output = false;
};

void add_options(CLI::App& app, CollectivesOptions& o);

/// The operation; lists of words may have taken it with them: `--check allr`, `--stats p50 allr`.
Result<const nrt::cc::Benchmark*> operation_of(CollectivesOptions& o);
/// Sizes, type, repeats and what stands in files.
Result<nrt::cc::BenchmarkOptions> benchmark_options(const CollectivesOptions& o,
                                                    const nrt::cc::Benchmark& benchmark);
Result<std::vector<std::string>> hosts_of(const CollectivesOptions& o);

}  // namespace neuron::cmd
