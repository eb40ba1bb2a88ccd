// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <onnx/onnx_pb.h>

#include <set>

#include "base/file.h"
#include "compile/graph.h"
#include "compile/operators.h"

/// The rooms behind import/onnx.h; nobody else includes it.
namespace neuron::compile::onnx {

/// Element type by the number that ONNX gives it.
Result<DType> dtype_of(std::int32_t onnx_type);
/// A tensor with its data, from raw_data or the typed list that belongs to its type.
Result<Tensor> tensor_of(const ::onnx::TensorProto& proto);
/// The same, with data that may lie in a file in or below `folder`.
Result<Tensor> tensor_of(const ::onnx::TensorProto& proto, const fs::path& folder);

/// The attributes that attributes.def lists for the operator, of the kinds that it tells, defaults
/// filled in. Others are left out: they say nothing about inference.
Result<std::map<std::string, Attribute>> attributes_of(const ::onnx::NodeProto& proto);
/// All attributes that are numbers, words or tensors, as the file gives them; lists of words are
/// joined with commas, subgraphs are left out.
Result<std::map<std::string, Attribute>> plain_attributes(const ::onnx::NodeProto& proto);
/// The tensor of a Constant node.
Result<Tensor> constant_of(const ::onnx::NodeProto& proto);

/// Brings a node of `opset` to the form that shapes and passes know: constant inputs become
/// attributes, renamed operators get today's name, old defaults are written out.
Result<> upgrade(const Graph& graph, Node& node, std::int64_t opset);

/// Indices of nodes such that each comes after those that it reads from, otherwise in file order.
/// `outside`: names that a graph inside of a node sees around it.
Result<std::vector<int>> order_of(const ::onnx::GraphProto& graph,
                                  const std::set<std::string>& outside);

}  // namespace neuron::compile::onnx
