// SPDX-License-Identifier: Apache-2.0
// SavedModels as TensorFlow 1 and 2 write them: made here, message by message.

#include <compile/import/tensorflow/messages.pb.h>
#include <google/protobuf/text_format.h>
#include <isa-l/crc.h>

#include "compile/constants.h"
#include "compile/import/tensorflow.h"
#include "compile/import/tensorflow/bundle.h"
#include "compile/passes/passes.h"
#include "tests/catch.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::compile;
namespace pb = ::neuron::tensorflow;

namespace {

std::uint32_t masked(std::string_view text) {
  auto* data = reinterpret_cast<unsigned char*>(const_cast<char*>(text.data()));
  const std::uint32_t crc = ~crc32_iscsi(data, static_cast<int>(text.size()), 0xffffffff);
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value >= 128; value >>= 7) out += static_cast<char>(value | 128);
  return out + static_cast<char>(value);
}
template <class T>
std::string bytes_of(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

/// One block of a table: keys share what they begin with.
std::string block(const std::map<std::string, std::string>& entries) {
  std::string out, last;
  for (const auto& [key, value] : entries) {
    std::size_t shared = 0;
    while (shared < std::min(last.size(), key.size()) && last[shared] == key[shared]) ++shared;
    out += varint(shared) + varint(key.size() - shared) + varint(value.size()) +
           key.substr(shared) + value;
    last = key;
  }
  return out + bytes_of(std::uint32_t{0}) + bytes_of(std::uint32_t{1});
}

std::string table(const std::map<std::string, std::string>& entries) {
  std::string out;
  const auto add = [&](const std::string& text) {
    const std::string handle = varint(out.size()) + varint(text.size());
    out += text + '\0' + bytes_of(masked(text + '\0'));
    return handle;
  };
  const std::string data = add(block(entries)), about = add(block({}));
  const std::string index = add(block({{entries.rbegin()->first, data}}));
  std::string footer = about + index;
  footer.resize(40);
  return out + footer + bytes_of(std::uint64_t{0xdb4775248b80fb57});
}

struct Folder {
  fs::path path = fs::temp_directory_path() / fmt::format("saved-model-{}", getpid());
  Folder() { fs::create_directories(path / "variables"); }
  ~Folder() { fs::remove_all(path); }
};

void write(const fs::path& path, const std::string& text) {
  REQUIRE_OK(write_file(path, view_of(text)));
}

/// variables/: float tensors by name.
void write_variables(const fs::path& folder, const std::map<std::string, std::vector<float>>& all) {
  std::string data;
  std::map<std::string, std::string> entries;
  pb::BundleHeaderProto header;
  header.set_num_shards(1);
  entries[""] = header.SerializeAsString();
  for (const auto& [name, values] : all) {
    const std::string raw(reinterpret_cast<const char*>(values.data()), values.size() * 4);
    pb::BundleEntryProto entry;
    entry.set_dtype(1);
    entry.mutable_shape()->add_dim()->set_size(static_cast<std::int64_t>(values.size()));
    entry.set_offset(static_cast<std::int64_t>(data.size()));
    entry.set_size(static_cast<std::int64_t>(raw.size()));
    entry.set_crc32c(masked(raw));
    entries[name] = entry.SerializeAsString();
    data += raw;
  }
  write(folder / "variables/variables.index", table(entries));
  write(folder / "variables/variables.data-00000-of-00001", data);
}

void write_model(const fs::path& folder, const std::string& text) {
  pb::SavedModel model;
  REQUIRE(google::protobuf::TextFormat::ParseFromString(text, &model));
  write(folder / "saved_model.pb", model.SerializeAsString());
}

const std::string kWords =
    "node { name: \"names\" op: \"Const\" attr { key: \"value\" value { tensor { dtype: 7 "
    "tensor_shape { dim { size: 1 } } string_val: \"w\" } } } } "
    "node { name: \"slices\" op: \"Const\" attr { key: \"value\" value { tensor { dtype: 7 "
    "tensor_shape { dim { size: 1 } } string_val: \"\" } } } } "
    "node { name: \"place\" op: \"Placeholder\" attr { key: \"dtype\" value { type: 7 } } } "
    "node { name: \"restore\" op: \"RestoreV2\" input: \"place\" input: \"names\" input: "
    "\"slices\" "
    "attr { key: \"dtypes\" value { list { type: 1 } } } } "
    "node { name: \"x\" op: \"Placeholder\" attr { key: \"dtype\" value { type: 1 } } "
    "attr { key: \"shape\" value { shape { dim { size: -1 } dim { size: 2 } } } } } ";
const std::string kSignature =
    "saver_def { filename_tensor_name: \"place:0\" restore_op_name: \"all\" } "
    "signature_def { key: \"serving_default\" value { inputs { key: \"image\" value { name: "
    "\"x:0\" "
    "dtype: 1 tensor_shape { dim { size: -1 } dim { size: 2 } } } } outputs { key: \"sum\" value { "
    "name: \"y:0\" dtype: 1 } } } } ";

std::vector<double> result(const fs::path& folder, const std::vector<float>& x) {
  Graph graph =
      REQUIRE_OK(compile::tensorflow::read_saved_model(folder, {.dims = {{"image.0", 1}}}));
  REQUIRE_OK(passes::run_all(graph));
  Tensor input{DType::Float32, {1, 2}, Bytes(8)};
  std::memcpy(input.bytes.data(), x.data(), 8);
  const auto out = REQUIRE_OK(reference::run(graph, {{"image", input}}));
  std::vector<double> numbers;
  for (std::size_t i = 0; i < 2; ++i) numbers.push_back(number_at(out.at("sum"), i));
  return numbers;
}

}  // namespace

TEST_CASE("a SavedModel of TensorFlow 1 reads its variables by its own restore operator") {
  const Folder folder;
  write_variables(folder.path, {{"w", {10, 20}}, {"wide/other", {1, 2, 3}}});
  write_model(folder.path,
              "saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: \"serve\" } "
              "graph_def { versions { producer: 27 } " +
                  kWords +
                  "node { name: \"v\" op: \"VariableV2\" } "
                  "node { name: \"assign\" op: \"Assign\" input: \"v\" input: \"restore\" } "
                  "node { name: \"all\" op: \"NoOp\" input: \"^assign\" } "
                  "node { name: \"read\" op: \"Identity\" input: \"v\" } "
                  "node { name: \"y\" op: \"Add\" input: \"x\" input: \"read\" } } " +
                  kSignature + "}");
  CHECK(result(folder.path, {1, 2}) == std::vector<double>{11, 22});
}

TEST_CASE("a SavedModel of TensorFlow 2 restores and serves through functions") {
  const Folder folder;
  write_variables(folder.path, {{"w", {10, 20}}});
  write_model(
      folder.path,
      "saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: \"serve\" } "
      "graph_def { versions { producer: 987 } " +
          kWords +
          "node { name: \"v\" op: \"VarHandleOp\" attr { key: \"shared_name\" value { s: "
          "\"dense/w\" } } } "
          "node { name: \"call\" op: \"StatefulPartitionedCall\" input: \"v\" input: \"restore\" "
          "attr { key: \"f\" value { func { name: \"put\" } } } } "
          "node { name: \"all\" op: \"Identity\" input: \"call\" } "
          "node { name: \"serve\" op: \"StatefulPartitionedCall\" input: \"x\" input: \"v\" "
          "attr { key: \"f\" value { func { name: \"model\" } } } } "
          "node { name: \"y\" op: \"Identity\" input: \"serve\" } "
          "library { function { signature { name: \"put\" input_arg { name: \"handle\" type: 20 } "
          "input_arg { name: \"value\" type: 1 } output_arg { name: \"done\" type: 1 } } "
          "node_def { name: \"a\" op: \"AssignVariableOp\" input: \"handle\" input: \"value\" } "
          "node_def { name: \"i\" op: \"Identity\" input: \"value\" input: \"^a\" } "
          "ret { key: \"done\" value: \"i:output:0\" } control_ret { key: \"a\" value: \"a\" } } "
          "function { signature { name: \"model\" input_arg { name: \"in\" type: 1 } "
          "input_arg { name: \"handle\" type: 20 } output_arg { name: \"out\" type: 1 } } "
          "node_def { name: \"r\" op: \"ReadVariableOp\" input: \"handle\" } "
          "node_def { name: \"s\" op: \"AddV2\" input: \"in\" input: \"r:value:0\" } "
          "ret { key: \"out\" value: \"s:z:0\" } } } } " +
          kSignature + "}");
  CHECK(result(folder.path, {1, 2}) == std::vector<double>{11, 22});

  const auto error = [&](const compile::tensorflow::Choice& choice) {
    const auto graph =
        compile::tensorflow::read_saved_model(folder.path, {.dims = {{"image.0", 1}}}, choice);
    REQUIRE(!graph);
    return graph.error().message;
  };
  CHECK(error({"train", "serving_default"}) == "no graph has the tag 'train'; there are: serve");
}

TEST_CASE("a damaged checkpoint is refused with the tensor that it holds") {
  const Folder folder;
  write_variables(folder.path, {{"w", {10, 20}}});
  const fs::path prefix = folder.path / "variables/variables";
  const auto bundle = REQUIRE_OK(compile::tensorflow::Bundle::open(prefix));
  CHECK(REQUIRE_OK(bundle.read("w")).shape == Shape{2});
  CHECK(bundle.read("v").error().message.ends_with("there is no tensor 'v'"));
  const Bytes index = REQUIRE_OK(read_file(prefix.string() + ".index"));
  for (std::size_t at = 0; at < index.size(); ++at) {
    CHECK(!compile::tensorflow::read_table(ByteView(index).first(at)));
    Bytes changed = index;
    changed[at] ^= std::byte{0x40};
    (void)compile::tensorflow::read_table(changed);  // may be fine, must not crash
  }
  write(prefix.string() + ".data-00000-of-00001", std::string(8, 'x'));
  const auto other = REQUIRE_OK(compile::tensorflow::Bundle::open(prefix));
  CHECK(other.read("w").error().message.ends_with("'w' has a wrong checksum"));
  write(prefix.string() + ".data-00000-of-00001", "x");
  const auto cut = REQUIRE_OK(compile::tensorflow::Bundle::open(prefix));
  CHECK(cut.read("w").error().message.ends_with("the data file has 1"));
}
