// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <map>
#include <string>
#include <vector>

#include "base/progress.h"
#include "base/tensor.h"
#include "compile/partition/report.h"
#include "compile/precision.h"
#include "isa/arch.h"
#include "neff/model.h"

/// Models to packages.
///   auto output = TRY(compile::compile("model.onnx", {.target = isa::find_target("trn2")}));
///   auto bytes = TRY(neff::bytes_of(output.package, neff::Compression::Gzip));
///   TRY(write_file("model.neff", bytes));
/// Import -> graph.h -> passes/ -> ops/ (one lowering per operator) -> emit.
namespace neuron::compile {

struct Options {
  const isa::Target* target = nullptr;  ///< required
  std::string name;                     ///< network name in the header; the file's stem when empty
  std::map<std::string, std::int64_t> dims;  ///< values of symbolic dimensions of the inputs
  std::map<std::string, Tensor> values;      ///< of inputs that become constants of the package
  AutoCast auto_cast = AutoCast::None;       ///< which float32 products and results are rounded
  CastType cast_type = CastType::Bf16;       ///< to what
  bool dump_graph = false;                   ///< fill Output::graph_text
  std::uint32_t pipeline_cores = 1;          ///< stages of about equal cost, a NeuronCore each
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

}  // namespace neuron::compile
