// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/onnx.h"

/// MXNet's checkpoints as graphs: PREFIX-symbol.json in every dialect, PREFIX-0000.params in every
/// version.
///   auto graph = TRY(mxnet::parse(symbol, TRY(mxnet::read_params(bytes)), {.io = shapes}));
namespace neuron::compile::mxnet {

/// Arrays by the names that the file has, such as "arg:conv_weight" or "conv_weight".
using Arrays = std::map<std::string, Tensor>;

bool is_symbol(ByteView bytes);
bool is_params(ByteView bytes);
/// A list of NDArrays, versions 0 to 3. Errors: Malformed with the array; UnsupportedVersion for
/// sparse ones.
Result<Arrays> read_params(ByteView bytes);
/// The file of arrays that belongs to a symbol: the only PREFIX-NNNN.params beside it, or nothing.
/// Several are an error that names them.
Result<std::optional<fs::path>> params_beside(const fs::path& symbol);
/// The symbol that belongs to a file of arrays.
fs::path symbol_beside(const fs::path& params);

/// Inputs are the variables without arrays, labels left out; `options.io` gives their shapes.
/// Outputs are the heads, each named as its node. Errors as onnx::parse().
Result<Graph> parse(ByteView symbol, const Arrays& arrays, const onnx::Options& options);

/// Names of the operators that are known, sorted.
std::vector<std::string> operator_names();

}  // namespace neuron::compile::mxnet
