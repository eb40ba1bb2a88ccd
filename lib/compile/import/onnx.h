// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/file.h"
#include "compile/graph.h"
#include "compile/import/io_config.h"

/// ONNX files, opsets 7 to 27, made new at the door: what older opsets keep in attributes and newer
/// ones in inputs has one form behind it (operators.def), every shape is static, every constant
/// expression is computed.
///   auto graph = TRY(onnx::parse(bytes, {.dims = {{"N", 1}}}));
namespace neuron::compile::onnx {

struct Options {
  /// Sizes of dimensions that the file leaves open: by symbol ("N"), or "INPUT.AXIS" without one.
  std::map<std::string, std::int64_t> dims;
  /// Inputs whose values are given now: they become constants.
  std::map<std::string, Tensor> values = {};
  /// Where files with external data are looked for: beside the model.
  fs::path folder = {};
  /// Shapes of inputs, which bind what the file leaves open, and the values that become outputs.
  IoConfig io = {};
  /// Told what the user should know of.
  std::function<void(const std::string&)> warn = {};
};

/// Errors: Malformed; UnsupportedVersion for opsets and features; UnsupportedOperator; BadUsage for
/// a dimension that is open, or a size for one that does not exist.
Result<Graph> parse(ByteView bytes, const Options& options);

/// Operators that models may hold, sorted.
std::vector<std::string> operator_names();

/// What a file that is no ONNX model seems to be: "a zip archive"; empty when nothing comes to
/// mind.
std::string looks_like(ByteView bytes);

}  // namespace neuron::compile::onnx
