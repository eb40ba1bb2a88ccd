// SPDX-License-Identifier: Apache-2.0
// Symbols and arrays of MXNet in every dialect: what they compute, and what is said of bad ones.
#include "compile/constants.h"
#include "compile/import/mxnet.h"
#include "compile/passes/passes.h"
#include "tests/catch.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::compile;

namespace {

Tensor tensor(const Shape& shape, const std::vector<float>& data) {
  Tensor t{DType::Float32, shape, Bytes(data.size() * 4)};
  std::memcpy(t.bytes.data(), data.data(), t.bytes.size());
  return t;
}

/// A list of one array in the layout of a version.
Bytes params(int version, const std::string& name, const Tensor& t) {
  Writer out;
  out.put(std::uint64_t{0x112});
  out.put(std::uint64_t{0});
  out.put(std::uint64_t{1});
  if (version > 0) out.put(static_cast<std::uint32_t>(0xF993FAC8 + version - 1));
  if (version > 1) out.put(std::int32_t{0});
  out.put(static_cast<std::uint32_t>(t.shape.size()));
  for (std::int64_t d : t.shape) version > 0 ? out.put(d) : out.put(static_cast<std::uint32_t>(d));
  out.put(std::int32_t{1});
  out.put(std::int32_t{0});
  out.put(std::int32_t{0});
  out.append(t.bytes);
  out.put(std::uint64_t{1});
  out.put(static_cast<std::uint64_t>(name.size()));
  out.append(name);
  return out.bytes();
}

onnx::Options shaped(const Shape& shape) {
  onnx::Options options;
  options.io.inputs["data"] = {shape, DType::Float32};
  return options;
}

/// data -> one operator -> head.
std::string symbol(const std::string& op, const std::string& attributes,
                   const std::string& key = "attrs") {
  return R"({"nodes": [{"op": "null", "name": "data", "inputs": []}, {"op": ")" + op +
         R"(", "name": "y", ")" + key + R"(": {)" + attributes +
         R"(}, "inputs": [[0, 0, 0]]}], "arg_nodes": [0], "heads": [[1, 0, 0]]})";
}

std::vector<double> run(const std::string& text, const Tensor& x,
                        const mxnet::Arrays& arrays = {}) {
  Graph graph = REQUIRE_OK(mxnet::parse(view_of(text), arrays, shaped(x.shape)));
  REQUIRE_OK(passes::run_all(graph));
  const auto out = REQUIRE_OK(reference::run(graph, {{"data", x}}));
  std::vector<double> numbers;
  const Tensor& t = out.begin()->second;
  for (std::int64_t i = 0; i < count_of(t.shape); ++i)
    numbers.push_back(number_at(t, static_cast<std::size_t>(i)));
  return numbers;
}
std::string error_of(const std::string& text, const mxnet::Arrays& arrays = {},
                     const onnx::Options& options = shaped({1, 4})) {
  const auto graph = mxnet::parse(view_of(text), arrays, options);
  REQUIRE(!graph);
  return graph.error().message;
}

}  // namespace

TEST_CASE("arrays of every version are read to the last byte") {
  const Tensor t = tensor({2, 3}, {1, 2, 3, 4, 5, 6});
  for (int version = 0; version <= 3; ++version) {
    INFO(version);
    const Bytes bytes = params(version, "arg:w", t);
    const auto arrays = REQUIRE_OK(mxnet::read_params(bytes));
    CHECK(arrays.at("arg:w").shape == t.shape);
    CHECK(arrays.at("arg:w").bytes == t.bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      CHECK(!mxnet::read_params(ByteView(bytes).first(size)));
  }
}

TEST_CASE("attributes stand under three names, and numbers may be Python 2's") {
  const Tensor x = tensor({1, 4}, {1, -2, 3, -4});
  for (const char* key : {"attrs", "attr", "param"}) {
    INFO(key);
    CHECK(run(symbol("Activation", R"("act_type": "relu")", key), x) ==
          std::vector<double>{1, 0, 3, 0});
    CHECK(run(symbol("slice_axis", R"("axis": "1L", "begin": "1", "end": "None")", key), x) ==
          std::vector<double>{-2, 3, -4});
  }
}

TEST_CASE("Reshape knows MXNet's codes") {
  const auto shape_of = [](const Shape& from, const std::string& codes, const char* more = "") {
    const Graph graph = REQUIRE_OK(mxnet::parse(
        view_of(symbol("Reshape", "\"shape\": \"" + codes + "\"" + more)), {}, shaped(from)));
    return graph.value(graph.outputs[0]).shape;
  };
  // The examples of the operator's documentation.
  CHECK(shape_of({2, 3, 4}, "(4, 0, 2)") == Shape{4, 3, 2});
  CHECK(shape_of({2, 3, 4}, "(6, 1, -1)") == Shape{6, 1, 4});
  CHECK(shape_of({2, 3, 4}, "(-2, 1, 1)") == Shape{2, 3, 4, 1, 1});
  CHECK(shape_of({2, 3, 4, 5}, "(-3, -3)") == Shape{6, 20});
  CHECK(shape_of({2, 3, 4}, "(-4, 1, 2, -2)") == Shape{1, 2, 3, 4});
  CHECK(shape_of({10, 5, 4}, "(-1, 0)") == Shape{40, 5});
  CHECK(shape_of({10, 5, 4}, "(-1, 0)", R"(, "reverse": "1")") == Shape{50, 4});
}

TEST_CASE("a BatchNorm of before 0.9 finds its state by name, and gamma is 1 unless told") {
  const std::string text = R"({"nodes": [
    {"op": "null", "param": {}, "name": "data", "inputs": [], "backward_source_id": -1},
    {"op": "null", "param": {}, "name": "bn_gamma", "inputs": [], "backward_source_id": -1},
    {"op": "null", "param": {}, "name": "bn_beta", "inputs": [], "backward_source_id": -1},
    {"op": "BatchNorm", "param": {"eps": "0", "fix_gamma": "True", "momentum": "0.9"}, "name": "bn",
     "inputs": [[0, 0], [1, 0], [2, 0]], "backward_source_id": -1}],
    "arg_nodes": [0, 1, 2], "heads": [[3, 0]]})";
  const mxnet::Arrays arrays{{"arg:bn_gamma", tensor({1}, {7})},
                             {"arg:bn_beta", tensor({1}, {1})},
                             {"aux:bn_moving_mean", tensor({1}, {2})},
                             {"aux:bn_moving_var", tensor({1}, {4})}};
  const auto y = run(text, tensor({1, 1, 1, 2}, {4, 0}), arrays);
  CHECK(y[0] == Approx(2));
  CHECK(y[1] == Approx(0).margin(1e-6));
}

TEST_CASE("pooling counts its padding, and rounds up when told") {
  const Tensor x = tensor({1, 1, 1, 4}, {1, 2, 3, 4});
  const std::string average = R"x("kernel": "(1, 2)", "stride": "(1, 2)", "pad": "(0, 1)", )x"
                              R"("pool_type": "avg")";
  CHECK(run(symbol("Pooling", average), x) == std::vector<double>{0.5, 2.5, 2});
  const std::string full = R"x("kernel": "(1, 3)", "stride": "(1, 2)", "pool_type": "max")x";
  CHECK(run(symbol("Pooling", full), x) == std::vector<double>{3});
  CHECK(run(symbol("Pooling", full + R"(, "pooling_convention": "full")"), x) ==
        std::vector<double>{3, 4});
}

TEST_CASE("labels of training are no inputs") {
  const std::string text = R"x({"nodes": [{"op": "null", "name": "data", "inputs": []},
    {"op": "null", "name": "softmax_label", "inputs": []},
    {"op": "Reshape", "name": "r", "attrs": {"shape": "(-1)"}, "inputs": [[1, 0, 0]]},
    {"op": "SoftmaxOutput", "name": "softmax", "inputs": [[0, 0, 0], [2, 0, 0]]}],
    "heads": [[3, 0, 0]]})x";
  const auto y = run(text, tensor({1, 2}, {0, 0}));
  CHECK(y[0] == Approx(0.5));
}

TEST_CASE("bad symbols are refused with one clear line") {
  CHECK(error_of("{\"nodes\": 5}") == "\"nodes\" is no list");
  CHECK(error_of("{\"nodes\": []}") == "\"heads\" names no outputs");
  CHECK(error_of(R"({"nodes": [{"op": "relu"}]})") == "node 0: \"name\" is missing");
  CHECK(error_of(R"({"nodes": [{"op": "relu", "name": "y", "inputs": [[4, 0]]}]})") ==
        "node 0: it refers to node 4 of the 0 before it");
  CHECK(error_of(R"({"nodes": [{"op": "relu", "name": "y", "inputs": [[0]]}]})") ==
        "node 0: [0] is no reference to a node");
  CHECK(error_of(symbol("Relux", "")) ==
        "node 'y' (Relux): operator 'Relux' is not supported; nearest supported form: relu");
  CHECK(
      error_of(symbol("_contrib_MultiBoxDetection", "")) ==
      "node 'y' (_contrib_MultiBoxDetection): operator '_contrib_MultiBoxDetection' is not "
      "supported; nearest supported form: class scores and boxes as outputs, selected on the host");
  CHECK(error_of(symbol("Convolution", "")) == "node 'y' (Convolution): 1 input, expected 2 or 3");
  CHECK(error_of(symbol("Activation", R"("act_type": "swash")")) ==
        "node 'y' (Activation): act_type 'swash'; supported are relu, sigmoid, tanh, softrelu, "
        "softsign, mish and log_sigmoid");
  CHECK(error_of(symbol("slice_axis", R"("axis": "one")")) ==
        "node 'y' (slice_axis): attribute 'axis' is 'one', expected a number");
  CHECK(error_of(symbol("Reshape", R"x("shape": "(3, 3)")x")) ==
        "node 'y' (Reshape): shape [1,4] becomes [3,3]");
  CHECK(error_of(symbol("relu", ""), {}, {})
            .starts_with("input 'data': the model does not tell its shape, and no array has its "
                         "name; give it with "));
  onnx::Options options = shaped({1, 4});
  options.io.inputs["other"] = {{1}, DType::Float32};
  CHECK(error_of(symbol("relu", ""), {}, options) ==
        "no input 'other' to give a shape to, or no output needs it");
}

TEST_CASE("bad lists of arrays are refused with one clear line") {
  const auto message = [](Bytes bytes) {
    const auto arrays = mxnet::read_params(bytes);
    REQUIRE(!arrays);
    return arrays.error().message;
  };
  const Tensor t = tensor({2}, {1, 2});
  CHECK(message({}) == "not a list of MXNet's arrays");
  Bytes sparse = params(2, "w", t);
  sparse[28] = std::byte{1};
  CHECK(message(sparse) == "array 0: storage type 1; supported are dense arrays (0)");
  Bytes huge = params(0, "w", t);
  huge[31] = std::byte{0x7f};
  CHECK(message(huge).starts_with("array 0: shape ["));
  Bytes type = params(0, "w", t);
  type[40] = std::byte{99};
  CHECK(message(type) == "array 0: element type 99, expected 0 to 12");
  Bytes longer = params(0, "w", t);
  longer.resize(longer.size() + 3);
  CHECK(message(longer) == "3 bytes after the last name");
}
