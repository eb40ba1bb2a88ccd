// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <google/protobuf/message.h>

#include "compile/import/tensorflow.h"
#include "compile/import/tensorflow/runner.h"

/// What frozen graphs and SavedModels share.
namespace neuron::compile::tensorflow {

Result<> parse_message(ByteView bytes, google::protobuf::Message& message);
/// The same from its text form; fields that are not read are skipped.
Result<> parse_text(ByteView bytes, google::protobuf::Message& message);

/// What a file says of an input; `key` is another name that users give it.
struct Declaration {
  DType type = DType::Float32;
  std::optional<Shape> shape;
  std::string key;
};
/// An input of the graph with the shape that the file or the user gives.
Result<Item> input_item(onnx::Importer& im, const std::string& name, const Declaration& file);
/// Refuses what the user gave and no input has used.
Result<> check_used(const onnx::Importer& im);
Result<> add_result(onnx::Importer& im, const std::string& name, const Item& item);

inline constexpr const char* kSavedModelFile = "saved_model.pb";
/// The message of a SavedModel: `path` is its folder or the file in it. Errors name it.
Result<pb::SavedModel> read_message(const fs::path& path);
/// The graph that is served under a tag, or the only one.
Result<const pb::MetaGraphDef*> graph_with(const pb::SavedModel& model, const std::string& tag);
/// The key of a signature, or of the only one that is not TensorFlow's own.
Result<std::string> signature_key(const pb::MetaGraphDef& graph, const std::string& name);

}  // namespace neuron::compile::tensorflow
