// SPDX-License-Identifier: Apache-2.0
#include "compile/import/io_config.h"

#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>

#include <charconv>

#include "base/json.h"

namespace neuron::compile {
namespace {

namespace pb = google::protobuf;

constexpr std::size_t kLongest = std::size_t{16} << 20;  // bytes of a configuration

/// The fields of TensorFlow's ahead-of-time configuration that tell shapes and names; the others
/// are skipped. Numbers play no part in a text, so they only count up.
constexpr const char* kSchema = R"(
name: "config.proto"
message_type { name: "Dim"
  field { name: "size" number: 1 type: TYPE_INT64 label: LABEL_OPTIONAL } }
message_type { name: "Shape"
  field { name: "dim" number: 1 type: TYPE_MESSAGE type_name: "Dim" label: LABEL_REPEATED } }
message_type { name: "Id"
  field { name: "node_name" number: 1 type: TYPE_STRING label: LABEL_OPTIONAL }
  field { name: "output_index" number: 2 type: TYPE_INT64 label: LABEL_OPTIONAL } }
message_type { name: "End"
  field { name: "id" number: 1 type: TYPE_MESSAGE type_name: "Id" label: LABEL_OPTIONAL }
  field { name: "shape" number: 2 type: TYPE_MESSAGE type_name: "Shape" label: LABEL_OPTIONAL }
  field { name: "type" number: 3 type: TYPE_ENUM type_name: "Type" label: LABEL_OPTIONAL } }
message_type { name: "Config"
  field { name: "feed" number: 1 type: TYPE_MESSAGE type_name: "End" label: LABEL_REPEATED }
  field { name: "fetch" number: 2 type: TYPE_MESSAGE type_name: "End" label: LABEL_REPEATED } }
enum_type { name: "Type"
  value { name: "DT_INVALID" number: 0 } value { name: "DT_FLOAT" number: 1 }
  value { name: "DT_DOUBLE" number: 2 } value { name: "DT_INT32" number: 3 }
  value { name: "DT_UINT8" number: 4 } value { name: "DT_INT16" number: 5 }
  value { name: "DT_INT8" number: 6 } value { name: "DT_INT64" number: 9 }
  value { name: "DT_BOOL" number: 10 } value { name: "DT_BFLOAT16" number: 14 }
  value { name: "DT_UINT16" number: 17 } value { name: "DT_HALF" number: 19 }
  value { name: "DT_UINT32" number: 22 } value { name: "DT_UINT64" number: 23 } }
)";

struct TypeRow {
  std::string_view word;
  DType type;
};
constexpr TypeRow kTypes[] = {
    {"DT_FLOAT", DType::Float32},     {"DT_DOUBLE", DType::Float64}, {"DT_INT32", DType::Int32},
    {"DT_UINT8", DType::UInt8},       {"DT_INT16", DType::Int16},    {"DT_INT8", DType::Int8},
    {"DT_INT64", DType::Int64},       {"DT_BOOL", DType::Bool},      {"DT_HALF", DType::Float16},
    {"DT_BFLOAT16", DType::BFloat16}, {"DT_UINT16", DType::UInt16},  {"DT_UINT32", DType::UInt32},
    {"DT_UINT64", DType::UInt64}};

/// The first thing that a text is found wrong for.
class FirstError : public pb::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = fmt::format("line {}, column {}: {}", line + 1, column + 1, message);
  }
  std::string text;
};

Result<Json> json_of_text(ByteView bytes) {
  pb::FileDescriptorProto schema;
  pb::DescriptorPool pool;
  pb::DynamicMessageFactory factory;
  if (!pb::TextFormat::ParseFromString(kSchema, &schema))
    return fail(Code::Internal, "the schema of configurations does not parse");
  const pb::FileDescriptor* file = pool.BuildFile(schema);
  if (!file) return fail(Code::Internal, "the schema of configurations does not build");
  const std::unique_ptr<pb::Message> message(
      factory.GetPrototype(file->FindMessageTypeByName("Config"))->New());
  FirstError error;
  pb::TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(20);
  if (!parser.ParseFromString(std::string(text_of(bytes)), message.get()))
    return fail(Code::Malformed, "{}", error.text.empty() ? "not a configuration" : error.text);
  std::string text;
  pb::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!pb::util::MessageToJsonString(*message, &text, options).ok())
    return fail(Code::Malformed, "a name is not UTF-8");
  return json::parse(view_of(text));
}

Result<> check_size(std::int64_t size, std::size_t axis) {
  if (size < 1) return fail(Code::Malformed, "dimension {} is {}, expected at least 1", axis, size);
  return {};
}

/// 64-bit integers are strings in the JSON form of protobuf.
std::int64_t integer_of(const Json* value) {
  std::int64_t number = 0;
  if (!value || !value->is_string()) return 0;
  const auto& text = value->get_ref<const std::string&>();
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// "x:0" of a feed or a fetch.
Result<std::string> name_of_end(const Json& end) {
  const Json* id = json::find(end, "id");
  const auto name = TRY(json::get<std::string>(id ? *id : Json::object(), "node_name"));
  return fmt::format("{}:{}", name, integer_of(json::find(*id, "output_index")));
}

Result<InputForm> form_of_feed(const Json& feed) {
  InputForm form;
  if (const Json* shape = json::find(feed, "shape"))
    if (const Json* dims = json::find(*shape, "dim"))
      for (const Json& dim : *dims) {
        const auto size = integer_of(json::find(dim, "size"));
        TRY(check_size(size, form.shape.size()));
        form.shape.push_back(size);
      }
  const auto word = TRY(json::get_or<std::string>(feed, "type", ""));
  for (const TypeRow& row : kTypes)
    if (row.word == word) form.type = row.type;
  return form;
}

Result<IoConfig> config_of_text(ByteView bytes) {
  const Json json = TRY(json_of_text(bytes));
  IoConfig config;
  if (const Json* feeds = json::find(json, "feed"))
    for (const Json& feed : *feeds) {
      const std::string name = TRY(name_of_end(feed).within("feed"));
      auto form = TRY(form_of_feed(feed).within("feed " + name));
      config.inputs[name] = std::move(form);
    }
  if (const Json* fetches = json::find(json, "fetch"))
    for (const Json& fetch : *fetches) {
      auto name = TRY(name_of_end(fetch).within("fetch"));
      config.outputs.push_back(std::move(name));
    }
  if (config.inputs.empty() && config.outputs.empty())
    return fail(Code::Malformed, "no feed and no fetch");
  return config;
}

/// `[[1, 3, 8, 8], "float32"]`, or the shape alone.
Result<InputForm> form_of_json(const Json& value) {
  const bool pair = value.is_array() && !value.empty() && value[0].is_array();
  const Json& shape = pair ? value[0] : value;
  if (!shape.is_array() || (pair && value.size() > 2))
    return fail(Code::Malformed, "expected [SHAPE, \"TYPE\"], such as [[1,3,8,8], \"float32\"]");
  InputForm form;
  for (const Json& size : shape) {
    if (!json::holds<std::int64_t>(size))
      return fail(Code::Malformed, "dimension {} is no whole number", form.shape.size());
    TRY(check_size(size.get<std::int64_t>(), form.shape.size()));
    form.shape.push_back(size.get<std::int64_t>());
  }
  if (!pair || value.size() < 2) return form;
  const std::string word = value[1].is_string() ? value[1].get<std::string>() : "?";
  form.type = dtype_named(word);
  if (!form.type) return fail(Code::Malformed, "no type '{}'; expected one like float32", word);
  return form;
}

Result<IoConfig> config_of_json(ByteView bytes) {
  const Json json = TRY(json::parse(bytes));
  if (!json.is_object()) return fail(Code::Malformed, "expected {{\"inputs\", \"outputs\"}}");
  IoConfig config;
  for (const auto& [key, value] : json.items()) {
    if (key == "inputs" && value.is_object()) {
      for (const auto& [name, form] : value.items()) {
        auto given = TRY(form_of_json(form).within(fmt::format("input '{}'", name)));
        config.inputs[name] = std::move(given);
      }
    } else if (key == "outputs" && value.is_array()) {
      for (const Json& name : value) {
        if (!name.is_string()) return fail(Code::Malformed, "\"outputs\" holds more than names");
        config.outputs.push_back(name.get<std::string>());
      }
    } else if (key == "inputs" || key == "outputs") {
      return fail(Code::Malformed, "\"{}\" is {}, expected {}", key, json::text_of(value),
                  key == "inputs" ? "an object of shapes by name" : "a list of names");
    } else {
      return fail(Code::Malformed, "\"{}\" is unknown; expected \"inputs\" and \"outputs\"", key);
    }
  }
  return config;
}

}  // namespace

Result<fs::path> path_of_uri(const std::string& uri) {
  constexpr std::string_view kFile = "file://";
  const std::size_t scheme = uri.find("://");
  if (uri.starts_with(kFile)) return fs::path(uri.substr(kFile.size()));
  if (scheme == std::string::npos) return fs::path(uri);
  return fail(Code::BadUsage, "{}: only file:// is read; fetch the file first", uri);
}

Result<IoConfig> read_io_config(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string::npos && text[first] == '{')
    return config_of_json(view_of(text)).within("--io-config");
  const fs::path path = TRY(path_of_uri(text));
  const Bytes bytes = TRY(read_file(path));
  if (bytes.size() > kLongest)
    return fail(Code::Malformed, "{}: {} bytes are too many for a configuration", path.string(),
                bytes.size());
  const bool is_text = path.extension() == ".pbtxt";
  return (is_text ? config_of_text(bytes) : config_of_json(bytes)).within(path.string());
}

}  // namespace neuron::compile
