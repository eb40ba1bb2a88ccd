// SPDX-License-Identifier: Apache-2.0
#include "compile/import/onnx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/io/coded_stream.h>

#include <algorithm>
#include <limits>
#include <set>
#include <unordered_map>

#include "compile/attributes.h"
#include "compile/fold.h"
#include "compile/import/onnx_node.h"
#include "compile/import/onnx_parts.h"
#include "compile/partition/host.h"
#include "compile/shapes.h"
#include "compile/unsupported.h"

namespace neuron::compile::onnx {
namespace {

// What this importer was written against: the operators of operators.def have not changed in a way
// that it does not know up to opset 27 (onnx 1.22).
constexpr std::int64_t kOldestOpset = 1;
constexpr std::size_t kMostNodes = 200000;  // after loops are unrolled
constexpr int kDeepest = 16;

struct Look {
  std::size_t at;
  std::string_view bytes;
  const char* words;
};
constexpr Look kLooks[] = {
#define NEURON_LOOK(at, bytes, words) {at, {bytes, sizeof(bytes) - 1}, words},
#include "compile/import/looks.def"
#undef NEURON_LOOK
};

Error not_onnx(ByteView bytes) {
  const std::string words = looks_like(bytes);
  return fail(
      Code::Malformed, "not an ONNX model; {}",
      words.empty() ? "a TensorFlow graph or an MXNet symbol neither" : "it looks like " + words);
}

Result<::onnx::ModelProto> message_of(ByteView bytes) {
  if (bytes.empty()) return fail(Code::Malformed, "the file is empty");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    return fail(Code::UnsupportedVersion, "{} bytes, a protobuf message holds at most {}",
                bytes.size(), std::numeric_limits<int>::max());
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  ::onnx::ModelProto model;
  const bool whole = model.ParsePartialFromCodedStream(&stream) && stream.ConsumedEntireMessage();
  if (!whole && model.ir_version() > 0 && model.has_graph())
    return fail(Code::Malformed,
                "the ONNX message is cut short or damaged; fetch or export it again");
  if (!whole || !model.has_graph() || model.ir_version() <= 0) return not_onnx(bytes);
  return model;
}

Result<std::int64_t> opset_of(const ::onnx::ModelProto& model) {
  for (const auto& import : model.opset_import()) {
    if (!import.domain().empty() && import.domain() != "ai.onnx") continue;
    if (import.version() < kOldestOpset || import.version() > kNewestOpset)
      return fail(Code::UnsupportedVersion, "opset is {}, supported are {} to {}", import.version(),
                  kOldestOpset, kNewestOpset);
    return import.version();
  }
  return fail(Code::Malformed, "no version of the standard operators is given (opset_import)");
}

Result<> check_dense(const ::onnx::GraphProto& graph) {
  if (graph.sparse_initializer_size() == 0) return {};
  return fail(Code::UnsupportedVersion,
              "sparse initializers are not supported; save the model with dense ones");
}

Result<> add_initializer(Importer& im, const ::onnx::TensorProto& proto) {
  auto tensor = tensor_of(proto, im.options.folder);
  if (!tensor)
    return std::move(tensor).error().within(fmt::format("initializer '{}'", proto.name()));
  Value value{proto.name(), tensor->type, tensor->shape, std::move(*tensor)};
  TRY(add_value(im, std::move(value)));
  return {};
}

// Of the whole model: the message gives its data away, so that no weight is held twice for long.
Result<> take_initializers(Importer& im, ::onnx::GraphProto& graph) {
  TRY(check_dense(graph));
  for (auto& proto : *graph.mutable_initializer()) {
    TRY(add_initializer(im, proto));
    std::string().swap(*proto.mutable_raw_data());
  }
  return {};
}

// The size of one dimension: as the file says, or as the user says for an open one.
Result<std::int64_t> dim_of(Importer& im, const ::onnx::TensorShapeProto::Dimension& dim,
                            std::size_t axis, const std::string& input) {
  if (dim.has_dim_value() && dim.dim_value() >= 0) return dim.dim_value();
  const std::string& symbol = dim.dim_param();
  const std::string place = fmt::format("{}.{}", input, axis);
  for (const std::string& key : {symbol, place}) {
    if (const auto bound = im.bound.find(key); bound != im.bound.end()) return bound->second;
    const auto at = im.options.dims.find(key);
    if (key.empty() || at == im.options.dims.end()) continue;
    im.used_dims.insert(key);
    if (at->second < 1)
      return fail(Code::BadUsage, "dimension '{}' is {}, expected at least 1", key, at->second);
    return at->second;
  }
  return fail(Code::BadUsage, "dimension {} has no fixed size{}; give one with --dim {}=SIZE", axis,
              symbol.empty() ? "" : fmt::format(" ('{}')", symbol),
              symbol.empty() ? place : symbol);
}

Result<Value> input_value(Importer& im, const ::onnx::ValueInfoProto& info) {
  if (!info.type().has_tensor_type())
    return fail(Code::UnsupportedVersion, "not a tensor; only tensors can be inputs");
  const auto& tensor = info.type().tensor_type();
  const DType type = TRY(dtype_of(tensor.elem_type()));
  Value value{info.name(), type, {}, {}};
  if (const InputForm* form = form_given_for(im, info.name())) {
    TRY(check_form(*form, type, tensor));
    TRY(check_shape(form->shape));
    value.shape = form->shape;
    return value;
  }
  if (!tensor.has_shape()) return fail(Code::Malformed, "no shape is given");
  for (int i = 0; i < tensor.shape().dim_size(); ++i) {
    const auto axis = static_cast<std::size_t>(i);
    const std::int64_t size = TRY(dim_of(im, tensor.shape().dim(i), axis, info.name()));
    value.shape.push_back(size);
  }
  TRY(check_shape(value.shape));
  return value;
}

// A size that is given or bound; nothing where it stays open, which is no error here.
std::optional<std::int64_t> size_of_dim(const Importer& im,
                                        const ::onnx::TensorShapeProto::Dimension& dim) {
  if (dim.has_dim_value() && dim.dim_value() >= 0) return dim.dim_value();
  if (const auto at = im.bound.find(dim.dim_param()); at != im.bound.end()) return at->second;
  const auto at = im.options.dims.find(dim.dim_param());
  if (dim.dim_param().empty() || at == im.options.dims.end()) return std::nullopt;
  return at->second;
}

// What the file says of results, where it says type and every size.
void note_declared(Importer& im, const ::onnx::ValueInfoProto& info) {
  if (!info.type().has_tensor_type() || !info.type().tensor_type().has_shape()) return;
  const auto type = dtype_of(info.type().tensor_type().elem_type());
  if (!type) return;
  Form form{*type, {}};
  for (const auto& dim : info.type().tensor_type().shape().dim()) {
    const auto size = size_of_dim(im, dim);
    if (!size) return;
    form.shape.push_back(*size);
  }
  if (check_shape(form.shape)) im.declared.emplace(info.name(), std::move(form));
}

// A function of single elements has the shape of its result: what is declared of the one is true of
// the other.
void declare_backwards(Importer& im, const ::onnx::GraphProto& graph) {
  for (int i = graph.node_size(); i-- > 0;) {
    const auto& node = graph.node(i);
    const bool alike = node.op_type() == "Log" || node.op_type() == "Sqrt" ||
                       node.op_type() == "Exp" || node.op_type() == "Identity";
    if (!alike || node.input_size() != 1 || node.output_size() != 1) continue;
    const auto at = im.declared.find(node.output(0));
    if (at != im.declared.end()) im.declared.emplace(node.input(0), Form(at->second));
  }
}

// An input whose value the user gives when the model is compiled is a constant.
Result<Value> bound_value(Importer& im, const ::onnx::ValueInfoProto& info, const Tensor& tensor) {
  im.used_values.insert(info.name());
  const DType type = TRY(dtype_of(info.type().tensor_type().elem_type()));
  TRY(check_form({tensor.shape, tensor.type}, type, info.type().tensor_type()));
  return Value{info.name(), tensor.type, tensor.shape, tensor};
}

// Inputs that are initializers too are weights (IR version 3 lists them twice).
Result<> add_inputs(Importer& im, const ::onnx::GraphProto& graph) {
  bind_symbols(im, graph);
  for (const auto& info : graph.input()) {
    const auto known = im.ids.find(info.name());
    if (known != im.ids.end() && im.graph.value(known->second).constant) continue;
    const auto given = im.options.values.find(info.name());
    const bool bound = given != im.options.values.end();
    auto value = bound ? bound_value(im, info, given->second) : input_value(im, info);
    if (!value) return std::move(value).error().within(fmt::format("input '{}'", info.name()));
    const ValueId id = TRY(add_value(im, std::move(*value)));
    if (!bound) im.graph.inputs.push_back(id);
  }
  for (const auto& [name, form] : im.options.io.inputs)
    if (!im.used_forms.count(name))
      return fail(Code::BadUsage, "no input '{}' to give a shape to", name);
  for (const auto& [name, value] : im.options.values)
    if (!im.used_values.count(name))
      return fail(Code::BadUsage, "no input '{}' to give a value to", name);
  for (const auto& [name, size] : im.options.dims)
    if (!im.used_dims.count(name))
      return fail(Code::BadUsage, "no input has an open dimension '{}' (of size {})", name, size);
  return {};
}

Result<> add_nodes(Importer& im, const ::onnx::GraphProto& graph) {
  std::set<std::string> outside;
  if (im.depth > 0)
    for (const auto& [name, id] : im.ids) outside.insert(name);
  const auto order = TRY(order_of(graph, outside));
  for (int index : order) {
    const ::onnx::NodeProto& proto = graph.node(index);
    if (im.steps_left-- == 0)
      return fail(Code::NoResource, "loops unroll to more than {} nodes", kMostNodes);
    TRY(add_node(im, proto).within(
        fmt::format("node '{}' ({})", name_of_node(proto), proto.op_type())));
  }
  return {};
}

}  // namespace

Result<Values> inline_graph(Importer& im, const ::onnx::GraphProto& proto, const Values& inputs) {
  if (im.depth >= kDeepest)
    return fail(Code::Malformed, "graphs inside of graphs, {} deep", im.depth);
  if (proto.input_size() != static_cast<int>(inputs.size()))
    return fail(Code::Malformed, "the graph inside has {} inputs, expected {}", proto.input_size(),
                inputs.size());
  const auto outer = im.ids;
  ++im.depth;
  const auto hide = [&](const std::string& name) { im.ids.erase(name); };
  for (int i = 0; i < proto.input_size(); ++i)
    im.ids[proto.input(i).name()] = inputs[static_cast<std::size_t>(i)];
  for (const auto& initializer : proto.initializer()) hide(initializer.name());
  for (const auto& node : proto.node())
    for (const std::string& name : node.output()) hide(name);
  TRY(check_dense(proto));
  for (const auto& initializer : proto.initializer()) TRY(add_initializer(im, initializer));
  TRY(add_nodes(im, proto));
  Values out;
  for (const auto& info : proto.output()) {
    const auto at = im.ids.find(info.name());
    if (at == im.ids.end())
      return fail(Code::Malformed, "output '{}' is given by no node", info.name());
    out.push_back(at->second);
  }
  im.ids = outer;
  --im.depth;
  return out;
}

namespace {

// Values of the graph that the user names instead of the outputs of the file.
Result<> choose_named(Importer& im) {
  for (const std::string& name : im.options.io.outputs) {
    auto at = im.ids.find(name);
    if (at == im.ids.end()) at = im.ids.find(without_index(name));
    if (at == im.ids.end())
      return fail(Code::BadUsage, "no value '{}' in the model to make an output of", name);
    const ValueId id = at->second;
    const auto& chosen = im.graph.outputs;
    const bool twice =
        std::any_of(chosen.begin(), chosen.end(), [&](ValueId o) { return o.value == id.value; });
    if (twice) return fail(Code::BadUsage, "output '{}' is named twice", name);
    im.graph.outputs.push_back(id);
  }
  return {};
}

Result<> choose_outputs(Importer& im, const ::onnx::GraphProto& graph) {
  if (!im.options.io.outputs.empty()) return choose_named(im);
  std::set<std::string> seen;
  for (const auto& info : graph.output()) {
    const auto at = im.ids.find(info.name());
    if (at == im.ids.end())
      return fail(Code::Malformed, "output '{}' is given by no node", info.name());
    if (!seen.insert(info.name()).second)
      return fail(Code::Malformed, "output '{}' is listed twice", info.name());
    im.graph.outputs.push_back(at->second);
  }
  if (im.graph.outputs.empty()) return fail(Code::Malformed, "the graph has no outputs");
  return {};
}

}  // namespace

std::string looks_like(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  for (const Look& look : kLooks)
    if (text.size() >= look.at && text.substr(look.at).starts_with(look.bytes)) return look.words;
  return {};
}

Result<Graph> parse(ByteView bytes, const Options& options) {
  ::onnx::ModelProto model = TRY(message_of(bytes));
  Importer im{.options = options, .steps_left = kMostNodes};
  im.graph.opset = TRY(opset_of(model));
  im.graph.name = model.graph().name();
  TRY(take_initializers(im, *model.mutable_graph()));
  TRY(add_inputs(im, model.graph()));
  for (const auto& info : model.graph().value_info()) note_declared(im, info);
  for (const auto& info : model.graph().output()) note_declared(im, info);
  declare_backwards(im, model.graph());
  TRY(add_nodes(im, model.graph()));
  TRY(choose_outputs(im, model.graph()));
  return std::move(im.graph);
}

}  // namespace neuron::compile::onnx
