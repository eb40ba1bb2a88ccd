// SPDX-License-Identifier: Apache-2.0
// SavedModels: a graph with functions, a checkpoint, and signatures that name inputs and outputs.
#include <fmt/ranges.h>

#include <algorithm>

#include "compile/import/tensorflow/bundle.h"
#include "compile/import/tensorflow/model.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr const char* kText = "saved_model.pbtxt";

fs::path folder_of(const fs::path& path) {
  const bool file = path.filename() == kSavedModelFile || path.filename() == kText;
  return file ? path.parent_path() : path;
}

Result<pb::SavedModel> message_in(const fs::path& folder) {
  pb::SavedModel model;
  std::error_code error;
  if (fs::exists(folder / kSavedModelFile, error)) {
    const Bytes bytes = TRY(read_file(folder / kSavedModelFile));
    TRY(parse_message(bytes, model).within(kSavedModelFile));
    return model;
  }
  const Bytes bytes = TRY(read_file(folder / kText));
  TRY(parse_text(bytes, model).within(kText));
  return model;
}

std::string tags_of(const pb::SavedModel& model) {
  std::vector<std::string> all;
  for (const auto& graph : model.meta_graphs())
    all.push_back(fmt::format("{}", fmt::join(graph.meta_info_def().tags(), ",")));
  return fmt::format("{}", fmt::join(all, "; "));
}

}  // namespace

Result<pb::SavedModel> read_message(const fs::path& path) {
  return message_in(folder_of(path)).within(path.string());
}

Result<const pb::MetaGraphDef*> graph_with(const pb::SavedModel& model, const std::string& tag) {
  for (const auto& graph : model.meta_graphs()) {
    const auto& tags = graph.meta_info_def().tags();
    if (std::find(tags.begin(), tags.end(), tag) != tags.end()) return &graph;
  }
  if (model.meta_graphs_size() == 1 && model.meta_graphs(0).meta_info_def().tags_size() == 0)
    return &model.meta_graphs(0);
  return fail(Code::BadUsage, "no graph has the tag '{}'; there are: {}", tag, tags_of(model));
}

Result<std::string> signature_key(const pb::MetaGraphDef& graph, const std::string& name) {
  std::vector<std::string> names;
  for (const auto& [key, signature] : graph.signature_def()) {
    if (key == name) return key;
    if (!key.starts_with("__")) names.push_back(key);  // others are TensorFlow's own
  }
  if (names.size() == 1) return names[0];
  std::sort(names.begin(), names.end());
  return fail(Code::BadUsage, "no signature '{}'; there are: {}", name, fmt::join(names, ", "));
}

namespace {

using Ends = std::map<std::string, const pb::TensorInfo*>;
Ends sorted_ends(const google::protobuf::Map<std::string, pb::TensorInfo>& map) {
  Ends ends;
  for (const auto& [name, info] : map) ends.emplace(name, &info);
  return ends;
}

/// Runs what the model does itself to read its variables.
Result<> restore(Runner& runner, const Body& body, const pb::MetaGraphDef& graph) {
  const std::string& name = graph.saver_def().restore_op_name();
  if (!runner.restore || name.empty()) return {};
  const Edge op = TRY(find_edge(body, name));
  runner.prefix.words.emplace();
  TRY(runner.run(body, {}, {op.op}, {}).within("reading variables"));
  runner.prefix.words.reset();
  return {};
}

Result<std::map<std::uint32_t, Item>> inputs_of(onnx::Importer& im, const Body& body,
                                                const pb::SignatureDef& signature) {
  std::map<std::uint32_t, Item> feeds;
  for (const auto& [name, info] : sorted_ends(signature.inputs())) {
    const Edge edge = TRY(find_edge(body, info->name()).within(fmt::format("input '{}'", name)));
    Declaration file{DType::Float32, shape_of(info->tensor_shape()), body.ops[edge.op].name};
    file.type = TRY(dtype_of(info->dtype()).within(fmt::format("input '{}'", name)));
    Item item = TRY(input_item(im, name, file));
    feeds.emplace(edge.op, std::move(item));
  }
  return feeds;
}

/// The outputs that the user names among those of the signature; all of them when none is named.
Result<Ends> outputs_of(const onnx::Options& options, const pb::SignatureDef& signature) {
  const Ends all = sorted_ends(signature.outputs());
  Ends chosen;
  for (const std::string& name : options.io.outputs) {
    const auto at = std::find_if(all.begin(), all.end(), [&](const auto& end) {
      return end.first == name || end.second->name() == name;
    });
    if (at == all.end()) return fail(Code::BadUsage, "no output '{}' in the signature", name);
    chosen.insert(*at);
  }
  return chosen.empty() ? all : chosen;
}

}  // namespace

bool is_saved_model(const fs::path& path) {
  std::error_code error;
  const fs::path name = path.filename();
  return name == kSavedModelFile || name == kText ||
         fs::is_regular_file(path / kSavedModelFile, error) ||
         fs::is_regular_file(path / kText, error);
}

Result<Graph> read_saved_model(const fs::path& path, const onnx::Options& options,
                               const Choice& choice) {
  const fs::path folder = folder_of(path);
  const pb::SavedModel model = TRY(message_in(folder));
  const pb::MetaGraphDef* graph = TRY(graph_with(model, choice.tag));
  const std::string key = TRY(signature_key(*graph, choice.signature));
  const pb::SignatureDef& signature = graph->signature_def().at(key);
  const Body body = TRY(body_of(graph->graph_def()));
  onnx::Importer im{.options = options, .steps_left = kMostDraftNodes};
  im.graph.opset = kDraftOpset;
  Checkpoint checkpoint;
  const fs::path prefix = folder / "variables" / "variables";
  if (fs::exists(prefix.string() + ".index")) {
    Bundle opened = TRY(Bundle::open(prefix));
    const auto bundle = std::make_shared<const Bundle>(std::move(opened));
    checkpoint = [bundle](const std::string& name) { return bundle->read(name); };
  }
  Runner runner(im, graph->graph_def(), checkpoint);
  TRY(restore(runner, body, *graph));
  const auto feeds = TRY(inputs_of(im, body, signature));
  TRY(check_used(im));
  const Ends ends = TRY(outputs_of(options, signature));
  std::vector<Edge> results;
  for (const auto& [name, info] : ends) {
    const Edge edge = TRY(find_edge(body, info->name()).within(fmt::format("output '{}'", name)));
    results.push_back(edge);
  }
  const Items out = TRY(runner.run(body, results, {}, feeds));
  std::size_t at = 0;
  for (const auto& [name, info] : ends) TRY(add_result(im, name, out[at++]));
  return std::move(im.graph);
}

}  // namespace neuron::compile::tensorflow
