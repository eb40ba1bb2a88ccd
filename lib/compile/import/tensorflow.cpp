// SPDX-License-Identifier: Apache-2.0
#include "compile/import/tensorflow.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <limits>

#include "compile/import/tensorflow/model.h"

namespace neuron::compile::tensorflow {
namespace {

constexpr std::int32_t kShapesAreMeant = 24;  // older producers left the shape out as []

bool is_text(ByteView bytes) {
  const std::string_view text = text_of(bytes);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  return start != text.npos &&
         (text.substr(start).starts_with("node {") || text.substr(start).starts_with("node{"));
}

Result<pb::GraphDef> message_of(ByteView bytes) {
  pb::GraphDef graph;
  if (is_text(bytes)) {
    TRY(parse_text(bytes, graph).within("not a TensorFlow graph"));
    return graph;
  }
  TRY(parse_message(bytes, graph).within("not a TensorFlow graph"));
  return graph;
}

/// Nodes that nobody reads, but for those that give no result.
Result<std::vector<Edge>> sinks_of(const Body& body) {
  constexpr std::string_view kNone[] = {"Const",  "NoOp",    "Placeholder",
                                        "Assert", "PrintV2", "ControlTrigger"};
  std::vector<bool> read(body.ops.size());
  for (const Op& op : body.ops) {
    for (const Edge& edge : op.inputs) read[edge.op] = true;
    for (std::uint32_t control : op.controls) read[control] = true;
  }
  std::vector<Edge> out;
  for (std::uint32_t i = 0; i < body.ops.size(); ++i) {
    const Op& op = body.ops[i];
    if (read[i] || std::find(std::begin(kNone), std::end(kNone), op.kind) != std::end(kNone))
      continue;
    out.push_back({i, 0});
    if (op.kind.starts_with("TopK")) out.push_back({i, 1});
  }
  if (out.empty()) return fail(Code::Malformed, "no node is an output; name some with --io-config");
  return out;
}

std::string output_name(const Body& body, const Edge& edge) {
  const std::string& name = body.ops[edge.op].name;
  return edge.port == 0 ? name : fmt::format("{}:{}", name, edge.port);
}

/// The shape that the file gives a Placeholder, if it does.
std::optional<Shape> shape_in_file(const Op& op, std::int32_t producer) {
  const auto at = op.attributes->find("shape");
  if (at != op.attributes->end() && at->second.has_shape()) {
    const auto shape = shape_of(at->second.shape());
    if (shape && (!shape->empty() || producer >= kShapesAreMeant)) return shape;
  }
  const auto shapes = op.attributes->find("_output_shapes");
  if (shapes != op.attributes->end() && shapes->second.list().shape_size() > 0)
    return shape_of(shapes->second.list().shape(0));
  return std::nullopt;
}

Result<DType> type_in_file(const Op& op) {
  for (const char* name : {"dtype", "T", "DstT"})
    if (const auto at = op.attributes->find(name); at != op.attributes->end())
      return dtype_of(at->second.type());
  return DType::Float32;
}

}  // namespace

Result<> parse_message(ByteView bytes, google::protobuf::Message& message) {
  if (bytes.empty()) return fail(Code::Malformed, "the file is empty");
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (bytes.size() > kMost)
    return fail(Code::UnsupportedVersion, "{} bytes, a protobuf message holds at most {}",
                bytes.size(), kMost);
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  stream.SetTotalBytesLimit(std::numeric_limits<int>::max());
  if (!message.ParseFromCodedStream(&stream) || !stream.ConsumedEntireMessage())
    return fail(Code::Malformed, "the message is cut short or damaged; fetch or export it again");
  return {};
}

namespace {

/// The first thing that a text is found wrong for.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }
  std::string text;
};

}  // namespace

Result<> parse_text(ByteView bytes, google::protobuf::Message& message) {
  FirstError error;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(32);
  if (parser.ParseFromString(std::string(text_of(bytes)), &message)) return {};
  return fail(Code::Malformed, "{}", error.text.empty() ? "no message in text form" : error.text);
}

Result<Item> input_item(onnx::Importer& im, const std::string& name, const Declaration& file) {
  const InputForm* form = onnx::form_given_for(im, name);
  if (!form && !file.key.empty()) form = onnx::form_given_for(im, file.key);
  Shape shape;
  if (form) {
    if (form->type && *form->type != file.type)
      return fail(Code::BadUsage, "input '{}': given as {}, the model has {}", name,
                  name_of(*form->type), name_of(file.type));
    bool agrees = !file.shape || file.shape->size() == form->shape.size();
    for (std::size_t a = 0; agrees && file.shape && a < file.shape->size(); ++a)
      agrees = (*file.shape)[a] < 0 || (*file.shape)[a] == form->shape[a];
    if (!agrees)
      return fail(Code::BadUsage, "input '{}': given as {}, the model has {}", name,
                  text_of(form->shape), text_of(*file.shape));
    shape = form->shape;
  } else if (file.shape) {
    shape = TRY(bound_shape(im, name, *file.shape));
  } else if (!im.options.values.count(name)) {
    return fail(Code::BadUsage,
                "input '{}': the model does not tell its shape; give it with --io-config "
                "'{{\"inputs\": {{\"{}\": [[1, 224, 224, 3], \"{}\"]}}}}'",
                name, name, name_of(file.type));
  }
  Item item;
  item.value = TRY(add_input(im, name, file.type, shape));
  return item;
}

Result<> check_used(const onnx::Importer& im) {
  for (const auto& [name, form] : im.options.io.inputs)
    if (!im.used_forms.count(name))
      return fail(Code::BadUsage, "no input '{}' to give a shape to, or no output needs it", name);
  return check_all_used(im);
}

namespace {

/// The Placeholders that outputs need, and the tensors that the user makes inputs.
Result<std::map<std::uint32_t, Item>> inputs_of(onnx::Importer& im, const Body& body,
                                                const std::vector<Edge>& results,
                                                std::int32_t producer) {
  std::vector<bool> given(body.ops.size());
  for (const auto& [name, form] : im.options.io.inputs) {
    const auto edge = find_edge(body, name);
    if (!edge) return fail(Code::BadUsage, "input '{}' is no node of the model", name);
    if (edge->port != 0)
      return fail(Code::BadUsage, "input '{}': only first outputs of nodes can be inputs", name);
    given[edge->op] = true;
  }
  std::vector<std::uint32_t> targets;
  for (const Edge& edge : results) targets.push_back(edge.op);
  const std::vector<bool> needed = needed_of(body, targets, given);
  std::map<std::uint32_t, Item> feeds;
  for (std::uint32_t i = 0; i < body.ops.size(); ++i) {
    const Op& op = body.ops[i];
    if (!needed[i] || (!given[i] && !op.kind.starts_with("Placeholder"))) continue;
    if (!given[i] && !op.inputs.empty()) continue;  // it has a default
    Declaration file{{}, {}, {}};
    file.type = TRY(type_in_file(op).within(fmt::format("input '{}'", op.name)));
    if (op.kind.starts_with("Placeholder")) file.shape = shape_in_file(op, producer);
    Item item = TRY(input_item(im, op.name, file));
    feeds.emplace(i, std::move(item));
  }
  return feeds;
}

}  // namespace

bool is_graph(ByteView bytes) {
  if (is_text(bytes)) return true;
  // The first field is a node: what else begins so has no operator in its place.
  constexpr std::uint32_t kNode = 1 << 3 | 2;
  constexpr auto kMost = static_cast<std::size_t>(std::numeric_limits<int>::max());
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(std::min(bytes.size(), kMost)));
  std::uint32_t size = 0;
  if (stream.ReadTag() != kNode || !stream.ReadVarint32(&size)) return false;
  stream.PushLimit(static_cast<int>(std::min<std::size_t>(size, kMost)));
  pb::NodeDef node;
  return node.ParsePartialFromCodedStream(&stream) && !node.op().empty() && !node.name().empty();
}

Result<Graph> parse(ByteView bytes, const onnx::Options& options) {
  const pb::GraphDef message = TRY(message_of(bytes));
  const Body body = TRY(body_of(message));
  onnx::Importer im{.options = options, .steps_left = kMostDraftNodes};
  im.graph.opset = kDraftOpset;
  std::vector<Edge> results;
  for (const std::string& name : options.io.outputs) {
    const auto edge = find_edge(body, name);
    if (!edge) return fail(Code::BadUsage, "output '{}' is no node of the model", name);
    results.push_back(*edge);
  }
  if (results.empty()) results = TRY(sinks_of(body));
  const auto feeds = TRY(inputs_of(im, body, results, message.versions().producer()));
  TRY(check_used(im));
  Runner runner(im, message);
  const Items out = TRY(runner.run(body, results, {}, feeds));
  for (std::size_t i = 0; i < out.size(); ++i)
    TRY(add_result(im, output_name(body, results[i]), out[i]));
  return std::move(im.graph);
}

Result<> add_result(onnx::Importer& im, const std::string& name, const Item& item) {
  if (!item.value)
    return fail(Code::UnsupportedOperator, "output '{}' is no tensor of numbers", name);
  return add_output(im, name, *item.value);
}

}  // namespace neuron::compile::tensorflow
