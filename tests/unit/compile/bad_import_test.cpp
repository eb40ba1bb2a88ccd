// SPDX-License-Identifier: Apache-2.0
#include "compile/import/onnx.h"
#include "tests/unit/compile/text_model.h"

using namespace neuron;
using namespace text_model;
namespace import = neuron::compile::onnx;

namespace {

const std::string kOpsets = "ir_version: 8 opset_import { version: 13 } ";

Error error_of(const std::string& text, const import::Options& options = {}) {
  const auto graph = import::parse(bytes_of(text), options);
  REQUIRE(!graph);
  return graph.error();
}
std::string message_of(const std::string& graph) {
  return error_of(model(13, {2, 3}, graph)).message;
}

}  // namespace

TEST_CASE("a file that is no ONNX model is called what it looks like") {
  const auto words = [](std::string_view bytes) {
    const auto graph = import::parse(view_of(bytes), {});
    REQUIRE(!graph);
    CHECK(graph.error().code == Code::Malformed);
    return graph.error().message;
  };
  CHECK(words("") == "the file is empty");
  CHECK(words("PK\3\4....") ==
        "not an ONNX model; it looks like a zip archive (a PyTorch or Keras file?); export the "
        "model to ONNX");
  CHECK(words("version https://git-lfs.github.com/spec/v1\n") ==
        "not an ONNX model; it looks like a Git LFS pointer; fetch the file that it stands for "
        "(git lfs pull)");
  CHECK(words("{\"nodes\": []}") == "not an ONNX model; it looks like JSON (an MXNet symbol?)");
  CHECK(words("hello") == "not an ONNX model; a TensorFlow graph or an MXNet symbol neither");
}

TEST_CASE("a model cut anywhere is refused, never believed") {
  const Bytes whole = bytes_of(model(13, {2, 3}, weights("w", {3}) + node("Add", {"x", "w"})));
  REQUIRE_OK(import::parse(whole, {}));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    INFO(size);
    const auto graph = import::parse(ByteView(whole).first(size), {});
    CHECK((!graph && !graph.error().message.empty()));
  }
}

TEST_CASE("opsets that are not known are refused with the range that is") {
  const auto error = error_of(model(5, {2}, node("Relu", {"x"})));
  CHECK(error.code == Code::UnsupportedVersion);
  CHECK(error.message == "node 'y' (Relu): opset is 5, supported are 6 to 27");
  CHECK(error_of(model(99, {2}, node("Relu", {"x"}))).message ==
        "opset is 99, supported are 1 to 27");
  CHECK(error_of("ir_version: 8 graph { name: 'g' }").message ==
        "no version of the standard operators is given (opset_import)");
}

TEST_CASE("connections that lead nowhere or in circles name the node") {
  CHECK(message_of(node("Relu", {"z"})) ==
        "node 'y' (Relu): input 'z' is no input, initializer or output of a node");
  CHECK(message_of(node("Relu", {"b"}, "", "a") + node("Relu", {"a"}, "", "b") +
                   node("Add", {"x", "a"})) ==
        "node 'a' (Relu) waits for its own result through a cycle");
  CHECK(message_of(node("Relu", {"x"}) + node("Tanh", {"x"})) == "value 'y' is given twice");
  CHECK(message_of(weights("w", {3}) + weights("w", {3}) + node("Add", {"x", "w"})) ==
        "value 'w' is given twice");
  CHECK(message_of(node("Relu", {"x"}, "", "z")) == "output 'y' is given by no node");
}

TEST_CASE("nodes in any order are put in order") {
  const auto graph = REQUIRE_OK(import::parse(
      bytes_of(model(13, {2}, node("Relu", {"t"}) + node("Tanh", {"x"}, "", "t"))), {}));
  REQUIRE(graph.nodes.size() == 2);
  CHECK(graph.nodes[0].op == "Tanh");
  REQUIRE_OK(compile::verify(graph));
}

TEST_CASE("weights whose data do not fit their shape are refused") {
  const auto initializer = [](const std::string& body) {
    return message_of("initializer { name: 'w' " + body + " }" + node("Add", {"x", "w"}));
  };
  CHECK(initializer("data_type: 1 dims: 3 float_data: 1") ==
        "initializer 'w': shape [3] needs 3 elements, float_data has 1");
  CHECK(initializer("data_type: 1 dims: 3 raw_data: 'abcd'") ==
        "initializer 'w': shape [3] of float32 needs 12 bytes, raw_data has 4");
  CHECK(initializer("data_type: 1 dims: -3") ==
        "initializer 'w': shape [-3] has a negative dimension");
  CHECK(initializer("data_type: 1 dims: 1000000000000 dims: 1000000000000") ==
        "initializer 'w': shape [1000000000000,1000000000000] has more than 68719476736 elements");
  CHECK(initializer("data_type: 1 dims: 1000000000") ==
        "initializer 'w': shape [1000000000] needs 1000000000 elements, the file holds fewer");
  CHECK(initializer("data_type: 8 dims: 1 string_data: 'a'") ==
        "initializer 'w': element type STRING is not supported");
  CHECK(initializer("data_type: 99 dims: 1") ==
        "initializer 'w': element type 99 is not supported");
  CHECK(initializer("data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' "
                    "value: 'w.bin' }") ==
        "initializer 'w': external data: bytes 0 to 12 of w.bin, which cannot be read");
  CHECK(initializer("data_type: 1 dims: 3 data_location: EXTERNAL external_data { key: 'location' "
                    "value: '../w.bin' }") ==
        "initializer 'w': external data lies in '../w.bin', expected a file beside the model");
}

TEST_CASE("open dimensions are named, and given by name or place") {
  const auto open = [](const std::string& dim) {
    return kOpsets + "graph { input { name: 'x' type { tensor_type { elem_type: 1 shape { dim { " +
           dim + " } dim { dim_value: 4 } } } } } output { name: 'y' } " + node("Relu", {"x"}) +
           " }";
  };
  const auto error = error_of(open("dim_param: 'N'"));
  CHECK(error.code == Code::BadUsage);
  CHECK(error.message ==
        "input 'x': dimension 0 has no fixed size ('N'); give one with --dim N=SIZE");
  CHECK(error_of(open("")).message ==
        "input 'x': dimension 0 has no fixed size; give one with --dim x.0=SIZE");
  CHECK(error_of(open("dim_param: 'N'"), {{{"N", 2}, {"M", 3}}}).message ==
        "no input has an open dimension 'M' (of size 3)");
  for (const char* key : {"N", "x.0"}) {
    const auto graph = REQUIRE_OK(import::parse(bytes_of(open("dim_param: 'N'")), {{{key, 2}}}));
    CHECK(graph.value(graph.outputs[0]).shape == Shape{2, 4});
  }
}

TEST_CASE("operators that are not known get the nearest supported form") {
  const auto error = error_of(model(13, {2}, node("Convv", {"x"})));
  CHECK(error.code == Code::UnsupportedOperator);
  CHECK(
      error.message.starts_with("node 'y' (Convv): operator 'Convv' is not supported; nearest "
                                "supported form: Conv(x [N,C,spatial]"));
  CHECK(message_of(node("Bernoulli", {"x"})) ==
        "node 'y' (Bernoulli): operator 'Bernoulli' is not supported; nearest supported form: an "
        "input that the host fills");
  CHECK(message_of(node("Relu", {"x"}, "domain: 'com.acme'"))
            .starts_with("node 'y' (Relu): operator 'com.acme::Relu' is not supported"));
  CHECK(message_of(node("Relu", {"x"}, "attribute { name: 'body' type: GRAPH g { name: 'b' } }")) ==
        "node 'y' (Relu): attribute 'body' is a subgraph; nearest supported form: a model exported "
        "without control flow");
  CHECK(message_of(node("Reshape", {"x", "x"}))
            .starts_with("node 'y' (Reshape): input 1 ('x') is not known when the model is "
                         "compiled, and the model declares no shape of the result"));
}

TEST_CASE("shapes that do not fit name the node and both shapes") {
  CHECK(message_of(weights("w", {4}) + node("Add", {"x", "w"})) ==
        "node 'y' (Add): shapes [2,3] and [4] do not broadcast");
  CHECK(message_of(weights("w", {4, 5}) + node("MatMul", {"x", "w"})) ==
        "node 'y' (MatMul): shapes [2,3] and [4,5] do not multiply");
  CHECK(message_of(integers("s", {4, -1}) + node("Reshape", {"x", "s"})) ==
        "node 'y' (Reshape): 6 elements of [2,3] do not fit [4,-1]");
  CHECK(message_of(weights("w", {1, 1, 3, 3}) + node("Conv", {"x", "w"})) ==
        "node 'y' (Conv): input [2,3] and weights [1,1,3,3] do not belong together");
  CHECK(message_of(node("Concat", {"x"}, word("axis", "0"))) ==
        "node 'y' (Concat): attribute 'axis' is not an integer");
  CHECK(message_of(node("Add", {"x"})) == "node 'y' (Add): 1 input, expected 2");
}

TEST_CASE("attributes at the edges of their range do not overflow") {
  const std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const auto image = [](const std::string& graph) {
    return error_of(model(13, {1, 1, 8, 8}, graph)).message;
  };
  CHECK(image(node("MaxPool", {"x"}, ints("kernel_shape", {huge, 1}))) ==
        "node 'y' (MaxPool): kernel [9223372036854775807,1] holds 9223372036854775807, expected 1 "
        "to 16777216");
  CHECK(image(node("MaxPool", {"x"}, ints("kernel_shape", {2, 2}) + ints("strides", {0, 1}))) ==
        "node 'y' (MaxPool): attribute 'strides' holds 0, expected 1 to 16777216");
  CHECK(image(node("MaxPool", {"x"}, ints("kernel_shape", {9, 2}))) ==
        "node 'y' (MaxPool): a window of 9 pixels does not fit 8 pixels padded by 0 and 0");
  CHECK(image(integers("r", {huge, 1, 1, 1}) + node("Tile", {"x", "r"})).find("elements") !=
        std::string::npos);
  CHECK(image(integers("s", {huge}) + node("ConstantOfShape", {"s"}, "", "c") +
              node("Add", {"x", "c"}))
            .find("has more than") != std::string::npos);
  const auto graph = import::parse(
      bytes_of(model(13, {4},
                     integers("s", {-huge - 1}) + integers("e", {huge}) + integers("a", {0}) +
                         integers("t", {-huge - 1}) + node("Slice", {"x", "s", "e", "a", "t"}))),
      {});
  REQUIRE_OK(graph);
}
