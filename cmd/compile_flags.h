// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "cmd/command.h"
#include "compile/compile.h"

namespace neuron::cmd {

/// The command line of `compile`, which takes the words of neuron-cc, neuronx-cc and kcc.
struct CompileFlags {
  std::vector<std::string> files;  ///< the model, and its further files
  std::string model, output;       ///< plain or file://
  std::string auto_cast = "none", cast_type = "bf16", fp32_cast, fast_math;
  std::string framework, io_config, target, name, verbose = "warning";
  std::vector<std::string> dims;
  std::vector<std::string> values;  ///< NAME=FILE: inputs that become constants
  std::vector<std::string> pipeline;
  std::string trim_cache;
  fs::path logfile, stages;
  std::uint32_t cores = 1, tensor_ranks = 1, data_ranks = 1;
  int lnc = 1;
  std::string report;
  bool dump_graph = false, debug = false, fast_loading = false, cache = true;
  bool guidance = false, json = false;
  bool list_operators = false, show_cache = false, clear_cache = false;
  std::vector<std::string> accepted;  ///< what has no effect, as a warning says it
};
void bind_compile_flags(CLI::App& app, CompileFlags& flags);

/// Sizes by name, of "NAME=SIZE". Errors: BadUsage.
Result<std::map<std::string, std::int64_t>> sizes_of(const std::vector<std::string>& dims);

/// Where the model is, and what the compiler is asked for. Errors: BadUsage, and those of
/// read_io_config().
struct CompileJob {
  fs::path model, output;
  compile::Options options;
  compile::Split split = compile::Split::Tensor;
  std::uint32_t ranks = 1;  ///< that compute it together, split so
};
Result<CompileJob> job_of(const CompileFlags& flags);

}  // namespace neuron::cmd
