// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/onnx.h"

/// TensorFlow's files as graphs: frozen graphs (GraphDef, binary or text) and SavedModels. While
/// loops with a fixed number of rounds and functions are written out, channels go where the machine
/// has them, every shape is static.
///   auto graph = TRY(tensorflow::parse(bytes, {.dims = {{"x.0", 1}}}));
namespace neuron::compile::tensorflow {

/// Which part of a SavedModel; both have the words that TensorFlow serves by.
struct Choice {
  std::string tag = "serve", signature = "serving_default";
};

/// Whether the beginning reads as a GraphDef.
bool is_graph(ByteView bytes);
/// Inputs are the Placeholders that outputs depend on, and the tensors that `options.io` names;
/// outputs are those it names, else the nodes that nobody reads. Errors as onnx::parse().
Result<Graph> parse(ByteView bytes, const onnx::Options& options);

/// Whether `path` is a SavedModel: a folder with saved_model.pb, or that file.
bool is_saved_model(const fs::path& path);
/// Inputs and outputs have the names that the signature gives them.
Result<Graph> read_saved_model(const fs::path& path, const onnx::Options& options,
                               const Choice& choice = {});

/// Names of the operators that are known, sorted.
std::vector<std::string> operator_names();

}  // namespace neuron::compile::tensorflow
