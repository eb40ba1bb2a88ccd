// SPDX-License-Identifier: Apache-2.0
// A compiled model as TensorFlow for Neuron saves it: one NeuronOp between the ends of a signature.
// Its attributes are those of the operator's public registration (aws-neuron-tensorflow).
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <set>

#include "compile/import/tensorflow/model.h"
#include "compile/saved_model.h"
#include "neff/model.h"

namespace neuron::compile {
namespace tensorflow {
namespace {

constexpr const char *kOp = "NeuronOp", *kPackage = "executable";
constexpr int kProducer = 27;  // that of TensorFlow 1.15

void put_shape(const Shape& shape, pb::TensorShapeProto& out) {
  out.Clear();
  for (std::int64_t size : shape) out.add_dim()->set_size(size);
}

void put_ends(const std::string& side, const std::vector<neff::Slot>& ends, pb::NodeDef& node) {
  auto& attributes = *node.mutable_attr();
  auto& names = *attributes[side + "_names"].mutable_list();
  auto& types = *attributes[side + "_dtypes"].mutable_list();
  auto& shapes = *attributes[side + "_shapes"].mutable_list();
  for (const neff::Slot& end : ends) {
    names.add_s(end.name);
    types.add_type(number_of(end.type));
    put_shape(end.shape, *shapes.add_shape());
  }
}

/// The serving graph as it grows; nodes keep the names of the tensors that a signature names.
class Serving {
 public:
  Serving(pb::GraphDef& graph, pb::SignatureDef& signature)
      : graph_(graph), signature_(signature) {}
  /// Wires the inputs of the signature to the operator; those that it does not have stay unread.
  Result<> add_inputs(const std::vector<neff::Slot>& inputs, pb::NodeDef& op);
  Result<> add_outputs(const std::vector<neff::Slot>& outputs, const pb::NodeDef& op);
  std::string free_name(const std::string& wanted) {
    std::string name = wanted;
    while (!names_.insert(name).second) name += "_";
    return name;
  }

 private:
  using Ends = google::protobuf::Map<std::string, pb::TensorInfo>;
  pb::NodeDef& add_node(pb::TensorInfo& info, const char* op) {
    // "x" of "x:0": other outputs of a node become nodes of their own.
    const std::string& tensor = info.name();
    pb::NodeDef& node = *graph_.add_node();
    node.set_name(free_name(tensor.substr(0, tensor.rfind(':'))));
    node.set_op(op);
    info.set_name(node.name() + ":0");
    return node;
  }
  static Result<pb::TensorInfo*> find(Ends& ends, const neff::Slot& slot, const char* what) {
    const auto at = ends.find(slot.name);
    if (at == ends.end())
      return fail(Code::Malformed, "the package's {} '{}' is none of the signature", what,
                  slot.name);
    put_shape(slot.shape, *at->second.mutable_tensor_shape());
    return &at->second;
  }

  pb::GraphDef& graph_;
  pb::SignatureDef& signature_;
  std::set<std::string> names_;
};

Result<> Serving::add_inputs(const std::vector<neff::Slot>& inputs, pb::NodeDef& op) {
  for (const neff::Slot& slot : inputs) TRY(find(*signature_.mutable_inputs(), slot, "input"));
  std::map<std::string, pb::TensorInfo*> sorted;  // maps of messages have no order
  for (auto& [name, info] : *signature_.mutable_inputs()) sorted[name] = &info;
  std::map<std::string, std::string> nodes;
  for (auto& [name, info] : sorted) {
    pb::NodeDef& node = add_node(*info, "Placeholder");
    (*node.mutable_attr())["dtype"].set_type(info->dtype());
    *(*node.mutable_attr())["shape"].mutable_shape() = info->tensor_shape();
    nodes[name] = node.name();
  }
  for (const neff::Slot& slot : inputs) op.add_input(nodes.at(slot.name));
  return {};
}

Result<> Serving::add_outputs(const std::vector<neff::Slot>& outputs, const pb::NodeDef& op) {
  for (std::size_t o = 0; o < outputs.size(); ++o) {
    pb::TensorInfo* info = TRY(find(*signature_.mutable_outputs(), outputs[o], "output"));
    pb::NodeDef& node = add_node(*info, "Identity");
    node.add_input(fmt::format("{}:{}", op.name(), o));
    (*node.mutable_attr())["T"].set_type(number_of(outputs[o].type));
  }
  return {};
}

/// What of a package's outputs has no place in the signature is not served: "y.shape".
std::vector<neff::Slot> outputs_of(const neff::Model& model, const pb::SignatureDef& signature) {
  std::vector<neff::Slot> outputs;
  for (const neff::Edge& head : model.heads) {
    const neff::Slot& slot = model.nodes[head.node].outputs[head.output];
    if (signature.outputs().contains(slot.name)) outputs.push_back(slot);
  }
  return outputs;
}

std::vector<neff::Slot> inputs_of(const neff::Model& model) {
  std::vector<neff::Slot> inputs;
  for (const neff::Node& node : model.nodes)
    if (node.executor == neff::Executor::Input && !node.is_param)
      inputs.push_back(node.outputs.at(0));
  return inputs;
}

/// The new meta graph: tags and signature of the old one, and one operator.
Result<> fill(const pb::MetaGraphDef& old, const std::string& key, const neff::Model& model,
              ByteView neff, pb::MetaGraphDef& out) {
  *out.mutable_meta_info_def()->mutable_tags() = old.meta_info_def().tags();
  pb::SignatureDef& signature = (*out.mutable_signature_def())[key];
  signature = old.signature_def().at(key);
  pb::GraphDef& graph = *out.mutable_graph_def();
  graph.mutable_versions()->set_producer(kProducer);
  Serving serving(graph, signature);
  pb::NodeDef op;
  op.set_op(kOp);
  const auto inputs = inputs_of(model), outputs = outputs_of(model, signature);
  TRY(serving.add_inputs(inputs, op));
  op.set_name(serving.free_name("neuron_op"));
  TRY(serving.add_outputs(outputs, op));
  put_ends("input", inputs, op);
  put_ends("output", outputs, op);
  (*op.mutable_attr())[kPackage].set_s(std::string(text_of(neff)));
  (*op.mutable_attr())["graph_def"].set_s("");
  *graph.add_node() = std::move(op);
  return {};
}

/// Maps in the order of their keys, so that same messages are same bytes.
Result<std::string> bytes_of(const pb::SavedModel& model) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream out(&stream);
  out.SetSerializationDeterministic(true);
  if (!model.SerializeToCodedStream(&out))
    return fail(Code::NoResource, "a message of more than 2 GiB");
  out.Trim();
  return bytes;
}

Result<> write_file_in(const fs::path& folder, const std::string& bytes) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return fail(Code::Io, "{}: cannot create: {}", folder.string(), error.message());
  return write_file(folder / kSavedModelFile, view_of(bytes));
}

}  // namespace
}  // namespace tensorflow

Result<> write_saved_model(const fs::path& from, const fs::path& to, ByteView neff) {
  namespace tf = tensorflow;
  const auto source = TRY(tf::read_message(from));
  const tf::Choice choice;
  const auto* old = TRY(tf::graph_with(source, choice.tag).within(from.string()));
  const std::string key = TRY(tf::signature_key(*old, choice.signature).within(from.string()));
  const auto package = TRY(neff::parse(neff));
  const auto model = TRY(neff::model_of(package));
  tf::pb::SavedModel made;
  made.set_saved_model_schema_version(1);
  TRY(tf::fill(*old, key, model, neff, *made.add_meta_graphs()).within(from.string()));
  const std::string bytes = TRY(tf::bytes_of(made).within(to.string()));
  return tf::write_file_in(to, bytes);
}

Result<std::optional<Bytes>> package_in_saved_model(const fs::path& path) {
  namespace tf = tensorflow;
  if (!tf::is_saved_model(path)) return std::optional<Bytes>{};
  const auto source = TRY(tf::read_message(path));
  const std::string* found = nullptr;
  std::size_t count = 0;
  for (const auto& meta : source.meta_graphs())
    for (const auto& node : meta.graph_def().node()) {
      const auto at = node.attr().find(tf::kPackage);
      if (node.op() != tf::kOp || at == node.attr().end()) continue;
      found = &at->second.s();
      ++count;
    }
  if (count == 0)
    return fail(Code::NotFound,
                "{}: no NeuronOp in its graphs; compile it first: neuron compile-saved-model",
                path.string());
  if (count > 1)
    return fail(Code::NotFound,
                "{}: {} packages, expected one; 'neuron packager extract' takes them out",
                path.string(), count);
  const ByteView view = view_of(*found);
  return std::optional(Bytes(view.begin(), view.end()));
}

}  // namespace neuron::compile
