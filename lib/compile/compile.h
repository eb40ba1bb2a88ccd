// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/tensor.h"
#include "compile/cache.h"
#include "compile/import/io_config.h"
#include "compile/parallel/share.h"
#include "compile/partition/report.h"
#include "compile/precision.h"
#include "isa/arch.h"
#include "neff/model.h"
#include "neff/neff.h"

/// Models to packages.
///   auto output = TRY(compile::compile("model.onnx", {.target = isa::find_target("trn2")}));
///   auto bytes = TRY(neff::bytes_of(output.package, neff::Compression::Gzip));
///   TRY(write_file("model.neff", bytes));
/// Import -> graph.h -> passes/ -> ops/ (one lowering per operator) -> emit.
namespace neuron::compile {

/// A stage of the compiler: "01-import", and what stands after it as text.
using Stages =
    std::function<Result<>(std::string_view name, const std::function<std::string()>& text)>;

struct Options {
  const isa::Target* target = nullptr;  ///< required
  std::string name;                     ///< network name in the header; the file's stem when empty
  std::map<std::string, std::int64_t> dims;  ///< values of symbolic dimensions of the inputs
  std::map<std::string, Tensor> values;      ///< of inputs that become constants of the package
  AutoCast auto_cast = AutoCast::None;       ///< which float32 products and results are rounded
  CastType cast_type = CastType::Bf16;       ///< to what
  IoConfig io;                       ///< shapes of inputs, and values that become the outputs
  std::string framework;             ///< ONNX, TENSORFLOW or MXNET; by content when empty
  std::vector<fs::path> parts;       ///< further files of the model, such as MXNet's .params
  std::uint32_t pipeline_cores = 1;  ///< stages of about equal cost, a NeuronCore each
  std::uint32_t logical_core = 1;    ///< physical cores that compute the model as one, 1 or 2
  /// Constants stay in SBUF from execution to execution as far as they fit; unset: in stages of a
  /// pipeline, each of which has a core to itself.
  std::optional<bool> weights_stay;
  bool dump_graph = false;  ///< fill Output::graph_text
  /// Told what importing did that the user should know; compile() adds it to Output::warnings.
  std::function<void(const std::string&)> warn;
  /// Told each stage that ends, with what it made; `text` renders it and may be slow.
  Stages stages;
  Progress progress;
};
struct Output {
  neff::Package package;
  std::string graph_text;  ///< the graph after all passes
  std::vector<std::string> warnings;
  Report report;
};
/// Errors: Malformed and Io for the file; UnsupportedOperator with operator, node and the nearest
/// supported form; NoResource when a tensor does not fit the machine.
Result<Output> compile(const fs::path& model, const Options& options);

/// A package as bytes.
struct Artifact {
  Bytes neff;
  std::string graph_text;
  std::vector<std::string> warnings;
  Report report;  ///< empty when it comes from the cache
  bool from_cache = false;
};
/// The same down to the bytes of the file; what `cache` holds is not compiled again.
Result<Artifact> compile_to_bytes(const fs::path& model, const Options& options,
                                  neff::Compression compression, const Cache* cache);

/// A package for each of the ranks that compute the model together (parallel/share.h); they differ
/// in constants and offsets only.
Result<std::vector<Artifact>> compile_ranks(const fs::path& model, const Options& options,
                                            neff::Compression compression, const Cache* cache,
                                            Split split, std::uint32_t ranks);

/// Names of operators, sorted, that models of a framework (in any case) may hold. Errors:
/// UnsupportedVersion for a framework that is not read.
Result<std::vector<std::string>> operators_of_framework(const std::string& framework);

}  // namespace neuron::compile
