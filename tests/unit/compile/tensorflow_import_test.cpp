// SPDX-License-Identifier: Apache-2.0
// Graphs of TensorFlow in text form: what they compute, and what is said of bad ones.
#include "compile/constants.h"
#include "compile/import/tensorflow.h"
#include "compile/passes/passes.h"
#include "tests/catch.h"
#include "tests/unit/compile/reference.h"

using namespace neuron;
using namespace neuron::compile;

namespace {

std::string node(const std::string& name, const std::string& op, const std::string& inputs,
                 const std::string& attributes = "") {
  std::string text = "node { name: \"" + name + "\" op: \"" + op + "\" ";
  for (std::size_t at = 0; at < inputs.size();) {
    const std::size_t end = std::min(inputs.find(' ', at), inputs.size());
    text += "input: \"" + inputs.substr(at, end - at) + "\" ";
    at = end + 1;
  }
  return text + attributes + "}\n";
}
std::string attribute(const std::string& name, const std::string& value) {
  return "attr { key: \"" + name + "\" value { " + value + " } } ";
}
std::string shape_text(const std::vector<int>& dims) {
  std::string text;
  for (int d : dims) text += "dim { size: " + std::to_string(d) + " } ";
  return text;
}
std::string placeholder(const std::string& name, const std::vector<int>& dims, int type = 1) {
  return node(name, "Placeholder", "",
              attribute("dtype", "type: " + std::to_string(type)) +
                  attribute("shape", "shape { " + shape_text(dims) + "}"));
}
std::string constant(const std::string& name, const std::vector<int>& dims,
                     const std::string& values, int type = 1) {
  return node(
      name, "Const", "",
      attribute("dtype", "type: " + std::to_string(type)) +
          attribute("value", "tensor { dtype: " + std::to_string(type) + " tensor_shape { " +
                                 shape_text(dims) + "} " + values + " }"));
}
std::string floats(const std::vector<double>& values) {
  std::string text;
  for (double v : values) text += fmt::format("float_val: {} ", v);
  return text;
}
std::string ints(const std::vector<int>& values) {
  std::string text;
  for (int v : values) text += fmt::format("int_val: {} ", v);
  return text;
}
const std::string kVersions = "versions { producer: 30 }\n";

Graph graph_of(const std::string& text, const onnx::Options& options = {}) {
  Graph graph = REQUIRE_OK(tensorflow::parse(view_of(text + kVersions), options));
  REQUIRE_OK(verify(graph));
  REQUIRE_OK(passes::run_all(graph));
  return graph;
}
std::string error_of(const std::string& text, const onnx::Options& options = {}) {
  const auto graph = tensorflow::parse(view_of(text), options);
  REQUIRE(!graph);
  return graph.error().message;
}
Tensor tensor(const Shape& shape, const std::vector<float>& data) {
  Tensor t{DType::Float32, shape, Bytes(data.size() * 4)};
  std::memcpy(t.bytes.data(), data.data(), t.bytes.size());
  return t;
}
std::vector<double> numbers(const Tensor& t) {
  std::vector<double> out;
  for (std::int64_t i = 0; i < count_of(t.shape); ++i)
    out.push_back(number_at(t, static_cast<std::size_t>(i)));
  return out;
}
/// What the only output is for x.
std::vector<double> result(const Graph& graph, const Tensor& x) {
  const auto out = REQUIRE_OK(reference::run(graph, {{"x", x}}));
  return numbers(out.begin()->second);
}
int count(const Graph& graph, const std::string& op) {
  int found = 0;
  for (const Node& node : graph.nodes) found += node.op == op ? 1 : 0;
  return found;
}

const std::string kConv =
    attribute("strides", "list { i: 1 i: 1 i: 1 i: 1 }") + attribute("padding", "s: \"SAME\"");

}  // namespace

TEST_CASE("constants: a list shorter than the shape repeats its last value") {
  const Graph graph = graph_of(placeholder("x", {2, 2}) + constant("c", {2, 2}, floats({1, 5})) +
                               node("y", "Add", "x c"));
  CHECK(result(graph, tensor({2, 2}, {0, 0, 0, 0})) == std::vector<double>{1, 5, 5, 5});
}

TEST_CASE("a chain of convolutions with channels last keeps two transposes, one at each end") {
  std::string weights;
  for (int i = 0; i < 9 * 4; ++i) weights += fmt::format("float_val: {} ", (i * 7 % 11) - 5);
  const Graph graph =
      graph_of(placeholder("x", {1, 4, 4, 2}) + constant("w", {3, 3, 2, 2}, weights) +
               constant("v", {3, 3, 2, 2}, weights) + constant("b", {2}, floats({1, -1})) +
               node("c1", "Conv2D", "x w", kConv) + node("b1", "BiasAdd", "c1 b") +
               node("r1", "Relu", "b1") + node("c2", "Conv2D", "r1 v", kConv) +
               node("a", "AddV2", "c2 r1") + node("y", "Relu6", "a"));
  CHECK(count(graph, "Transpose") == 2);
  CHECK(count(graph, "Conv") == 2);
  const Tensor x = reference::noise({1, 4, 4, 2});
  // The first pixel of the first channel by hand: SAME pads one pixel around.
  const auto y = result(graph, x);
  CHECK(y.size() == 32);
  const auto weight = [](int h, int w, int i, int o) {
    return ((((h * 3 + w) * 2 + i) * 2 + o) * 7 % 11) - 5;
  };
  const auto conv = [&](const std::vector<double>& in, int row, int column, int o) {
    double sum = 0;
    for (int h = 0; h < 3; ++h)
      for (int w = 0; w < 3; ++w)
        for (int i = 0; i < 2; ++i) {
          const int r = row + h - 1, c = column + w - 1;
          if (r < 0 || r > 3 || c < 0 || c > 3) continue;
          sum += in[static_cast<std::size_t>((r * 4 + c) * 2 + i)] * weight(h, w, i, o);
        }
    return sum;
  };
  std::vector<double> hidden(32);
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c)
      for (int o = 0; o < 2; ++o)
        hidden[static_cast<std::size_t>((r * 4 + c) * 2 + o)] =
            std::max(0.0, conv(numbers(x), r, c, o) + (o == 0 ? 1 : -1));
  for (int r = 0; r < 4; ++r)
    for (int c = 0; c < 4; ++c)
      for (int o = 0; o < 2; ++o) {
        const auto at = static_cast<std::size_t>((r * 4 + c) * 2 + o);
        const double sum = conv(hidden, r, c, o) + hidden[at];
        CHECK(y[at] == Approx(std::min(6.0, std::max(0.0, sum))).margin(1e-4));
      }
}

TEST_CASE("a flattened image meets weights in their new order, without a transpose") {
  std::string weights;
  for (int i = 0; i < 2 * 2 * 3 * 2; ++i) weights += fmt::format("float_val: {} ", i);
  const Graph graph = graph_of(placeholder("x", {1, 2, 2, 3}) +
                               constant("k", {1, 1, 3, 3}, floats({1, 0, 0, 0, 1, 0, 0, 0, 1})) +
                               constant("s", {2}, ints({1, 12}), 3) +
                               constant("w", {12, 2}, weights) + node("c", "Conv2D", "x k", kConv) +
                               node("f", "Reshape", "c s") + node("y", "MatMul", "f w"));
  CHECK(count(graph, "Transpose") == 1);  // of the input
  std::vector<float> x(12);
  for (std::size_t i = 0; i < 12; ++i) x[i] = static_cast<float>(i + 1);
  double even = 0, odd = 0;
  for (int i = 0; i < 12; ++i) even += (i + 1) * (2 * i), odd += (i + 1) * (2 * i + 1);
  CHECK(result(graph, tensor({1, 2, 2, 3}, x)) == std::vector<double>{even, odd});
}

namespace {

/// y = x doubled `rounds` times, as TensorFlow 1 writes a while loop.
std::string loop(const std::string& limit) {
  const std::string frame = attribute("frame_name", "s: \"while\"");
  return placeholder("x", {2}) + constant("zero", {}, ints({0}), 3) + limit +
         constant("one", {}, ints({1}), 3) + node("ei", "Enter", "zero", frame) +
         node("ex", "Enter", "x", frame) + node("el", "Enter", "limit", frame) +
         node("mi", "Merge", "ei ni") + node("mx", "Merge", "ex nx") +
         node("less", "Less", "mi el") + node("cond", "LoopCond", "less") +
         node("si", "Switch", "mi cond") + node("sx", "Switch", "mx cond") +
         node("ii", "Identity", "si:1") + node("ix", "Identity", "sx:1") +
         node("ai", "Add", "ii one") + node("ax", "Add", "ix ix") +
         node("ni", "NextIteration", "ai") + node("nx", "NextIteration", "ax") +
         node("y", "Exit", "sx");
}

}  // namespace

TEST_CASE("a loop of TensorFlow 1 with a fixed number of rounds is written out") {
  const Graph graph = graph_of(loop(constant("limit", {}, ints({3}), 3)));
  CHECK(result(graph, tensor({2}, {1, -2})) == std::vector<double>{8, -16});
  const Graph none = graph_of(loop(constant("limit", {}, ints({0}), 3)));
  CHECK(result(none, tensor({2}, {1, -2})) == std::vector<double>{1, -2});
}

TEST_CASE("a condition that is known takes one side, another one chooses on the device") {
  const std::string text = placeholder("x", {2}) + placeholder("c", {}, 10) +
                           node("s", "Switch", "x c") + node("no", "Neg", "s") +
                           node("yes", "Exp", "s:1") + node("y", "Merge", "no yes");
  Tensor truth = scalar_of(DType::Bool, 1);
  const Graph taken = graph_of(text, {.dims = {}, .values = {{"c", truth}}});
  CHECK(count(taken, "Exp") == 1);
  CHECK(count(taken, "Neg") == 0);
  const Graph both = graph_of(text);
  CHECK(count(both, "Where") == 1);
  for (const bool side : {false, true}) {
    const auto out = REQUIRE_OK(reference::run(
        both, {{"x", tensor({2}, {0, 1})}, {"c", scalar_of(DType::Bool, side ? 1 : 0)}}));
    CHECK(numbers(out.at("y"))[1] == Approx(side ? std::exp(1.0) : -1.0));
  }
}

TEST_CASE("TensorArrays and their loops are lists while the model is read") {
  const Graph graph = graph_of(
      placeholder("x", {2, 2}) + constant("n", {}, ints({2}), 3) +
      constant("all", {2}, ints({0, 1}), 3) + constant("back", {2}, ints({1, 0}), 3) +
      constant("k", {}, ints({1}), 3) +
      node("t", "TensorArrayV3", "n", attribute("dtype", "type: 1")) +
      node("w", "TensorArrayScatterV3", "t all x t:1") + node("r", "TensorArrayReadV3", "t k w") +
      node("g", "TensorArrayGatherV3", "t back w") + node("y", "Add", "g r"));
  CHECK(result(graph, tensor({2, 2}, {1, 2, 10, 20})) == std::vector<double>{20, 40, 11, 22});
}

TEST_CASE("StridedSlice honours all its masks") {
  const auto sliced = [](const std::vector<int>& begin, const std::vector<int>& end,
                         const std::vector<int>& steps, const std::string& masks) {
    const int n = static_cast<int>(begin.size());
    return graph_of(placeholder("x", {2, 3, 4}) + constant("b", {n}, ints(begin), 3) +
                    constant("e", {n}, ints(end), 3) + constant("s", {n}, ints(steps), 3) +
                    node("cut", "StridedSlice", "x b e s", masks) + node("y", "Neg", "cut"));
  };
  std::vector<float> data(24);
  for (std::size_t i = 0; i < 24; ++i) data[i] = static_cast<float>(i);
  const Tensor x = tensor({2, 3, 4}, data);
  const auto mask = [](const char* name, int bits) {
    return attribute(name, "i: " + std::to_string(bits));
  };
  // x[1, ..., 2]
  const Graph a = sliced({1, 0, 2}, {2, 0, 3}, {1, 1, 1},
                         mask("ellipsis_mask", 2) + mask("shrink_axis_mask", 5));
  CHECK(a.value(a.outputs[0]).shape == Shape{3});
  CHECK(result(a, x) == std::vector<double>{-14, -18, -22});
  // x[:, newaxis, ::-2]
  const Graph b = sliced({0, 0, 0}, {0, 0, 0}, {1, 1, -2},
                         mask("begin_mask", 5) + mask("end_mask", 5) + mask("new_axis_mask", 2));
  CHECK(b.value(b.outputs[0]).shape == Shape{2, 1, 2, 4});
  CHECK(result(b, x)[0] == -8);
}

TEST_CASE("functions are called, and functional loops are written out") {
  const std::string library =
      "library { function { signature { name: \"twice\" input_arg { name: \"a\" type: 1 } "
      "output_arg { name: \"r\" type: 1 } } "
      "node_def { name: \"s\" op: \"AddV2\" input: \"a\" input: \"a\" } "
      "ret { key: \"r\" value: \"s:z:0\" } } "
      "function { signature { name: \"more\" input_arg { name: \"i\" type: 3 } "
      "input_arg { name: \"v\" type: 1 } output_arg { name: \"go\" type: 10 } } " +
      std::string("node_def { name: \"three\" op: \"Const\" ") +
      attribute("value", "tensor { dtype: 3 int_val: 3 }") +
      "} node_def { name: \"l\" op: \"Less\" input: \"i\" input: \"three:output:0\" } "
      "ret { key: \"go\" value: \"l:z:0\" } } "
      "function { signature { name: \"step\" input_arg { name: \"i\" type: 3 } "
      "input_arg { name: \"v\" type: 1 } output_arg { name: \"j\" type: 3 } "
      "output_arg { name: \"w\" type: 1 } } "
      "node_def { name: \"one\" op: \"Const\" " +
      attribute("value", "tensor { dtype: 3 int_val: 1 }") +
      "} node_def { name: \"n\" op: \"AddV2\" input: \"i\" input: \"one:output:0\" } "
      "node_def { name: \"c\" op: \"PartitionedCall\" input: \"v\" " +
      attribute("f", "func { name: \"twice\" }") +
      "} ret { key: \"j\" value: \"n:z:0\" } ret { key: \"w\" value: \"c:output:0\" } } }\n";
  const Graph graph = graph_of(placeholder("x", {2}) + constant("zero", {}, ints({0}), 3) +
                               node("w", "StatelessWhile", "zero x",
                                    attribute("cond", "func { name: \"more\" }") +
                                        attribute("body", "func { name: \"step\" }")) +
                               node("y", "Identity", "w:1") + library);
  CHECK(result(graph, tensor({2}, {1, 3})) == std::vector<double>{8, 24});
}

TEST_CASE("any tensor may be made an input, and any an output") {
  onnx::Options options;
  options.io.inputs["r:0"] = {{2}, DType::Float32};
  options.io.outputs = {"y:0"};
  const std::string text = placeholder("a", {7}) + node("r", "Relu", "a") + node("y", "Neg", "r") +
                           node("z", "Exp", "y");
  const Graph graph = graph_of(text, options);
  REQUIRE(graph.inputs.size() == 1);
  CHECK(graph.value(graph.inputs[0]).name == "r");
  CHECK(graph.value(graph.outputs[0]).name == "y");
}

TEST_CASE("bad graphs of TensorFlow are refused with one clear line") {
  const std::string x = placeholder("x", {2});
  CHECK(error_of("node { name: \"a\" ").starts_with("not a TensorFlow graph: line 1, column "));
  CHECK(error_of(x + x + node("y", "Neg", "x")) == "node 'x' is given twice");
  CHECK(error_of(x + node("y", "Neg", "z")) == "node 'y': input: 'z' is no node");
  CHECK(error_of(x + node("y", "Neg", "")) == "node 'y' (Neg): 0 inputs, expected 1");
  CHECK(error_of(x + node("y", "Neg", "x:3")) ==
        "node 'y' (Neg): it reads output 3 of node 'x', which has 1");
  CHECK(error_of(x + node("a", "Add", "x b") + node("b", "Neg", "a") + node("y", "Neg", "b")) ==
        "node 'a' depends on itself");
  CHECK(error_of(x + node("y", "NonMaxSuppressionV3", "x")) ==
        "node 'y' (NonMaxSuppressionV3): operator 'NonMaxSuppressionV3' is not supported; nearest "
        "supported form: boxes and scores as outputs, selected on the host");
  CHECK(error_of(x + node("y", "Relux", "x")) ==
        "node 'y' (Relux): operator 'Relux' is not supported; nearest supported form: Relu");
  CHECK(error_of(x + constant("c", {3}, floats({1, 2, 3, 4})) + node("y", "Add", "x c")) ==
        "node 'c' (Const): shape [3] has 3 elements, the list has 4");
  CHECK(error_of(x + constant("c", {2}, "tensor_content: \"abc\"") + node("y", "Add", "x c")) ==
        "node 'c' (Const): shape [2] of float32 needs 8 bytes, tensor_content has 3");
  CHECK(error_of(x + constant("c", {3}, floats({1})) + node("y", "Add", "x c"))
            .starts_with("node 'y' (Add): "));
  CHECK(error_of(x + node("c", "Const", "") + node("y", "Add", "x c")) ==
        "node 'c' (Const): attribute 'value' is no tensor");
  CHECK(error_of(placeholder("x", {-1, 2}) + kVersions + node("y", "Neg", "x")) ==
        "input 'x': dimension 0 has no fixed size; give one with --dim x.0=SIZE");
  CHECK(
      error_of(placeholder("x", {}) + node("y", "Neg", "x"))
          .starts_with("input 'x': the model does not tell its shape; give it with --io-config "));
  CHECK(error_of(placeholder("x", {2}, 7) + node("y", "Neg", "x")) ==
        "input 'x': elements are of type string; supported are numbers");
  CHECK(error_of(x + node("v", "VarHandleOp", "") + node("r", "ReadVariableOp", "v") +
                 node("y", "Add", "x r")) ==
        "node 'r' (ReadVariableOp): variable 'v' has no value; supported are frozen graphs, or a "
        "saved model with its variables");
  CHECK(error_of(x + node("y", "PartitionedCall", "x", attribute("f", "func { name: \"f\" }"))) ==
        "node 'y' (PartitionedCall): there is no function 'f'");
  CHECK(error_of(loop(placeholder("limit", {}, 3)), {.dims = {}, .values = {}}).find("its shape") !=
        std::string::npos);
  CHECK(error_of(loop(placeholder("limit", {}, 3)) + kVersions).find("node 'cond' (LoopCond): ") ==
        0);
  CHECK(error_of(node("x", "Const", "")) == "no node is an output; name some with --io-config");
  onnx::Options options;
  options.io.outputs = {"nobody"};
  CHECK(error_of(x + node("y", "Neg", "x"), options) == "output 'nobody' is no node of the model");
}

TEST_CASE("a graph cut anywhere is refused, never believed") {
  const std::string text = placeholder("x", {2}) + node("y", "Neg", "x");
  for (std::size_t size = 0; size < text.size() - 2; ++size) {
    const auto graph = tensorflow::parse(view_of(text).first(size), {});
    INFO(size);
    CHECK(!graph);
  }
}
