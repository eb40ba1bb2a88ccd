// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <onnx/onnx_pb.h>

#include <set>
#include <string>
#include <unordered_map>

#include "compile/import/onnx.h"
#include "compile/import/onnx_build.h"

/// What importing a graph and importing the graphs inside of its nodes share.
namespace neuron::compile::onnx {

/// Builds the graph; holds what is needed only while it does.
struct Importer {
  const Options& options;
  Graph graph = {};
  std::unordered_map<std::string, ValueId> ids = {};  ///< names that can be seen from here
  std::set<std::string> used_dims = {}, used_values = {}, used_forms = {};
  std::map<std::string, std::int64_t> bound = {};  ///< symbols that Options::io gives a size
  FoldBudget budget = {};
  std::unordered_map<std::string, Form> declared = {};  ///< forms that the file gives whole
  int depth = 0;                                        ///< of graphs inside of graphs
  std::size_t steps_left = 0;  ///< nodes that loops may still be unrolled into
};

/// What the file declares; looks into `im`.
Declared declared_in(const Importer& im);
/// What the user says of an input; null when nothing.
const InputForm* form_given_for(Importer& im, const std::string& name);
/// Whether it agrees with what the file says.
Result<> check_form(const InputForm& form, DType type, const ::onnx::TypeProto::Tensor& tensor);
/// Sizes that such forms give to symbols hold for all inputs and results that name them.
void bind_symbols(Importer& im, const ::onnx::GraphProto& graph);
/// "x" of "x:0", the name that TensorFlow's users give to the first output of "x".
std::string without_index(const std::string& name);

Builder builder_for(Importer& im, Node node);
/// Appends one node whose inputs are known by name; the caller adds the node to errors.
Result<> add_node(Importer& im, const ::onnx::NodeProto& proto);
/// Gives the outputs of a node the values that were built for them.
Result<> bind_outputs(Importer& im, const Node& node, const Values& values);
/// Appends the nodes of a graph inside of a node; its inputs are `inputs`, the answer its outputs.
Result<Values> inline_graph(Importer& im, const ::onnx::GraphProto& proto, const Values& inputs);

/// If, Loop and Scan of the standard operators: true when the node was one of them.
Result<bool> control_flow(Importer& im, const ::onnx::NodeProto& proto, const Node& node,
                          bool standard);

}  // namespace neuron::compile::onnx
