// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/import/onnx_importer.h"

/// What the importers of graphs and of single nodes share.
namespace neuron::compile::onnx {

inline constexpr std::int64_t kNewestOpset = 27;

/// A value under its name; Malformed where that is empty or taken.
Result<ValueId> add_value(Importer& im, Value value);
/// "name" of a node, or of its first result.
std::string name_of_node(const ::onnx::NodeProto& proto);

}  // namespace neuron::compile::onnx
