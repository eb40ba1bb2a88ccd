// SPDX-License-Identifier: Apache-2.0
// Every pass on a small model: the canonical graph computes the same, in the expected form.
#include "compile/attributes.h"
#include "compile/import/onnx.h"
#include "compile/passes/passes.h"
#include "tests/unit/compile/text_model.h"

using namespace neuron;
using namespace neuron::compile;
using namespace text_model;

namespace {

using Ints = std::vector<std::int64_t>;

Graph imported(const std::string& text) {
  Graph graph = REQUIRE_OK(compile::onnx::parse(bytes_of(text), {}));
  REQUIRE_OK(verify(graph));
  return graph;
}

// The canonical form, after a check that it computes what the imported graph computes.
Graph canonical(const std::string& text) {
  const Graph before = imported(text);
  Graph after = before;
  REQUIRE_OK(passes::run_all(after));
  REQUIRE_OK(passes::check_canonical(after));
  std::map<std::string, Tensor> inputs;
  for (ValueId id : before.inputs)
    inputs[before.value(id).name] = reference::noise(before.value(id).shape);
  const auto expected = REQUIRE_OK(reference::run(before, inputs));
  const auto got = REQUIRE_OK(reference::run(after, inputs));
  for (const auto& [name, tensor] : expected) {
    const auto d = reference::distance(got.at(name), tensor);
    INFO(text_of(after));
    CHECK(d.error <= 1e-5 * d.scale + 1e-6);
  }
  return after;
}

std::string ops(const Graph& graph) {
  std::string words;
  for (const Node& node : graph.nodes) words += (words.empty() ? "" : " ") + node.op;
  return words;
}

const Shape kImage{1, 4, 9, 9};

}  // namespace

TEST_CASE("identities and dropouts go away, also at the ends of a graph") {
  CHECK(ops(canonical(model(13, {2, 3},
                            node("Identity", {"x"}, "", "a") + node("Relu", {"a"}, "", "b") +
                                node("Dropout", {"b"})))) == "Relu");
  CHECK(ops(canonical(model(13, {2, 3}, node("Identity", {"x"})))) == "Reshape");
}

TEST_CASE("one value that leaves under two names is copied once") {
  const Graph graph = canonical(model(
      13, {2, 3}, "output { name: 'z' }" + node("Relu", {"x"}, "", "z") + node("Identity", {"z"})));
  CHECK(ops(graph) == "Relu Reshape");
}

TEST_CASE("a Mean of three becomes two sums and a product") {
  const std::string w = weights("a", {3}, 2) + weights("b", {2, 1}, 3);
  CHECK(ops(canonical(model(13, {2, 3}, w + node("Sum", {"x", "a", "b"})))) == "Add Add");
  Graph graph = imported(model(13, {2, 3}, w + node("Mean", {"x", "a", "b"})));
  REQUIRE_OK(passes::split_variadics(graph));
  CHECK(ops(graph) == "Add Add Mul");
  const Tensor x = reference::noise({2, 3});
  const auto y = REQUIRE_OK(reference::run(graph, {{"x", x}})).at("y");
  const double a = number_at(reference::noise({3}, 2), 0),
               b = number_at(reference::noise({2}, 3), 0);
  CHECK(number_at(y, 0) == Approx((number_at(x, 0) + a + b) / 3).epsilon(1e-5));
}

TEST_CASE("Softmax of an old opset is two-dimensional, of a new one is not") {
  const Graph old = canonical(model(11, {2, 3, 4}, node("Softmax", {"x"}, integer("axis", 1))));
  CHECK(ops(old) == "Reshape Softmax Reshape");
  CHECK(output_of(old, old.nodes[1]).shape == Shape{2, 12});
  CHECK(ops(canonical(model(13, {2, 3, 4}, node("Softmax", {"x"}, integer("axis", 1))))) ==
        "Softmax");
  const Tensor x = reference::noise({2, 3, 4});
  const auto y = REQUIRE_OK(reference::run(old, {{"x", x}})).at("y");
  double sum = 0;
  for (std::size_t i = 0; i < 12; ++i) sum += number_at(y, i);
  CHECK(sum == Approx(1));
}

TEST_CASE("auto_pad and ceil_mode become pads") {
  const auto pads = [](const std::string& op, const std::string& attributes) {
    const Graph graph = canonical(model(13, {1, 4, 8, 9}, node(op, {"x"}, attributes)));
    return ints_of(graph.nodes.at(0), "pads");
  };
  const std::string window = ints("kernel_shape", {3, 4}) + ints("strides", {2, 2});
  CHECK(pads("MaxPool", window + word("auto_pad", "SAME_UPPER")) == Ints{0, 1, 1, 2});
  CHECK(pads("MaxPool", window + word("auto_pad", "SAME_LOWER")) == Ints{1, 2, 0, 1});
  CHECK(pads("AveragePool", window + integer("ceil_mode", 1)) == Ints{0, 0, 1, 1});
  CHECK(pads("AveragePool", window + word("auto_pad", "VALID")) == Ints{0, 0, 0, 0});
  const Graph counted =
      canonical(model(13, {1, 4, 8, 9},
                      node("AveragePool", {"x"},
                           window + integer("ceil_mode", 1) + integer("count_include_pad", 1) +
                               ints("pads", {1, 1, 1, 1}))));
  CHECK(ints_of(counted.nodes[0], "ceil_pads") == Ints{1, 1});
}

TEST_CASE("axes count from the front and ranges from the start") {
  const Graph cut =
      canonical(model(13, {4, 6},
                      integers("s", {-5, 3}) + integers("e", {-1, -100}) + integers("a", {-1, 0}) +
                          integers("t", {2, -2}) + node("Slice", {"x", "s", "e", "a", "t"})));
  CHECK(ints_of(cut.nodes[0], "axes") == Ints{0, 1});
  CHECK(ints_of(cut.nodes[0], "starts") == Ints{3, 1});
  CHECK(ints_of(cut.nodes[0], "ends") == Ints{-1, 5});
  CHECK(ints_of(cut.nodes[0], "steps") == Ints{-2, 2});
  const Graph mean = canonical(model(13, {4, 6}, node("ReduceMean", {"x"}, ints("axes", {-1}))));
  CHECK(ints_of(mean.nodes[0], "axes") == Ints{1});
}

TEST_CASE("Flatten, Squeeze, Unsqueeze and idle Transposes become one Reshape") {
  const Graph graph = canonical(
      model(13, {1, 4, 1, 6},
            integers("a", {0, 2}) + integers("b", {1}) + node("Squeeze", {"x", "a"}, "", "s") +
                node("Unsqueeze", {"s", "b"}, "", "u") +
                node("Transpose", {"u"}, ints("perm", {1, 0, 2}), "t") + node("Flatten", {"t"})));
  CHECK(ops(graph) == "Reshape");
  CHECK(graph.nodes[0].attributes.empty());
  CHECK(ops(canonical(model(13, {2, 3}, node("Transpose", {"x"})))) == "Transpose");
}

TEST_CASE("Split becomes Slices, DepthToSpace becomes a Transpose") {
  Graph split = imported(model(11, {2, 6},
                               "output { name: 'z' } node { op_type: 'Split' input: 'x' output: "
                               "'y' output: 'z'" +
                                   integer("axis", 1) + "}"));
  REQUIRE_OK(passes::run_all(split));
  CHECK(ops(split) == "Slice Slice");
  const Tensor x = reference::ramp({2, 6});
  const auto parts = REQUIRE_OK(reference::run(split, {{"x", x}}));
  CHECK(number_at(parts.at("y"), 3) == number_at(x, 6));
  CHECK(number_at(parts.at("z"), 0) == number_at(x, 3));
  const auto shuffled = [](const std::string& mode) {
    Graph graph =
        imported(model(13, {1, 8, 2, 3},
                       node("DepthToSpace", {"x"}, integer("blocksize", 2) + word("mode", mode))));
    REQUIRE_OK(passes::run_all(graph));
    CHECK(ops(graph) == "Reshape Transpose Reshape");
    const auto y =
        REQUIRE_OK(reference::run(graph, {{"x", reference::ramp({1, 8, 2, 3})}})).at("y");
    return std::lround(number_at(y, 1) * 48);  // where the second pixel of the first row came from
  };
  CHECK(shuffled("DCR") == 12);  // channel 2 of 8: blocks are the slow part of the channels
  CHECK(shuffled("CRD") == 6);   // channel 1 of 8: blocks are the fast part
}

TEST_CASE("BatchNormalization moves into a convolution before it, and is a scale elsewhere") {
  const std::string norm = weights("s", {4}, 2) + weights("b", {4}, 3) + weights("m", {4}, 4) +
                           "initializer { name: 'v' data_type: 1 dims: 4 float_data: 1 float_data: "
                           "2 float_data: 0.5 float_data: 3 }";
  const std::string conv = weights("w", {4, 4, 3, 3});
  const Graph fused = canonical(model(
      9, kImage,
      norm + conv + node("Conv", {"x", "w"}, "", "c") +
          node("BatchNormalization", {"c", "s", "b", "m", "v"}, "", "n") + node("Relu", {"n"})));
  CHECK(ops(fused) == "Conv");
  CHECK(string_of(fused.nodes[0], "activation") == "Relu");
  CHECK(fused.nodes[0].layer == "c+n+n+y");
  CHECK(ops(canonical(
            model(9, kImage, norm + node("BatchNormalization", {"x", "s", "b", "m", "v"})))) ==
        "Mul Add");
}

TEST_CASE("weights that have other readers are not changed by a fold") {
  const std::string text = weights("w", {4, 4, 1, 1}) + weights("k", {4, 1, 1}, 2) +
                           node("Conv", {"x", "w"}, "", "c") + node("Mul", {"c", "k"}, "", "m") +
                           node("Conv", {"x", "w"}, "", "d") + node("Add", {"m", "d"});
  CHECK(ops(canonical(model(13, kImage, text))) == "Conv Conv Add");
}

TEST_CASE("a scale that differs from pixel to pixel stays outside the convolution") {
  const std::string text = weights("w", {4, 4, 1, 1}) + weights("k", {9}, 2) +
                           node("Conv", {"x", "w"}, "", "c") + node("Mul", {"c", "k"});
  CHECK(ops(canonical(model(13, kImage, text))) == "Conv Mul");
}

TEST_CASE("MatMul and Add become Gemm, Clip becomes its activation") {
  const std::string text = weights("w", {3, 5}) + weights("b", {5}, 2) +
                           "initializer { name: 'hi' data_type: 1 float_data: 0.25 }" +
                           node("MatMul", {"x", "w"}, "", "m") + node("Add", {"b", "m"}, "", "s") +
                           node("Clip", {"s", "", "hi"});
  const Graph graph = canonical(model(13, {2, 3}, text));
  CHECK(ops(graph) == "Gemm");
  CHECK(string_of(graph.nodes[0], "activation") == "Clip");
  CHECK(float_of(graph.nodes[0], "max", 0) == 0.25F);
}

TEST_CASE("an activation stays where its input has another reader") {
  const std::string text = weights("w", {4, 4, 1, 1}) + node("Conv", {"x", "w"}, "", "c") +
                           node("Relu", {"c"}, "", "r") + node("Sub", {"c", "r"});
  CHECK(ops(canonical(model(13, kImage, text))) == "Conv Relu Sub");
}

TEST_CASE("shapes that are computed in the graph are computed at import") {
  const std::string text = integers("zero", {0}) + integers("minus", {-1}) +
                           node("Shape", {"x"}, "", "s") + node("Gather", {"s", "zero"}, "", "n") +
                           node("Concat", {"n", "minus"}, integer("axis", 0), "t") +
                           node("Reshape", {"x", "t"});
  const Graph graph = canonical(model(13, {2, 3, 4}, text));
  CHECK(ops(graph) == "Reshape");
  CHECK(graph.value(graph.outputs[0]).shape == Shape{2, 12});
}

TEST_CASE("the same operator of old and new opsets becomes the same node") {
  const auto same = [](const std::string& old, const std::string& now) {
    CHECK(text_of(canonical(old)) == text_of(canonical(now)));
  };
  const std::string lists = integers("a", {1}) + integers("b", {3});
  same(model(9, {2, 5}, node("Slice", {"x"}, ints("starts", {1}) + ints("ends", {3}))),
       model(13, {2, 5}, lists + node("Slice", {"x", "a", "b"})));
  same(model(9, {2, 5}, node("Pad", {"x"}, ints("pads", {0, 1, 0, 2}))),
       model(13, {2, 5}, integers("p", {0, 1, 0, 2}) + node("Pad", {"x", "p"})));
  same(model(9, {2, 5}, node("Unsqueeze", {"x"}, ints("axes", {1}))),
       model(13, {2, 5}, integers("a", {1}) + node("Unsqueeze", {"x", "a"})));
  same(model(9, {2, 5}, node("ReduceSum", {"x"}, ints("axes", {1}))),
       model(13, {2, 5}, integers("a", {1}) + node("ReduceSum", {"x", "a"})));
  same(model(9, {2, 5}, node("Clip", {"x"}, "attribute { name: 'min' type: FLOAT f: 0.5 }")),
       model(13, {2, 5},
             "initializer { name: 'm' data_type: 1 float_data: 0.5 }" + node("Clip", {"x", "m"})));
}

TEST_CASE("what no output needs is gone, inputs stay") {
  const Graph graph = canonical(model(
      13, {2},
      "input { name: 'unused' type { tensor_type { elem_type: 1 shape {" + dims({3}) + " } } } }" +
          weights("w", {2}) + node("Exp", {"unused"}, "", "z") + node("Add", {"x", "w"})));
  CHECK(ops(graph) == "Add");
  CHECK(graph.inputs.size() == 2);
  CHECK(graph.values.size() == 4);
}

TEST_CASE("an operator that only works on constants is refused by name on data") {
  Graph graph = imported(model(13, {2}, node("Relu", {"x"})));
  graph.nodes[0].op = "Size";
  const auto result = passes::check_canonical(graph);
  REQUIRE(!result);
  CHECK(result.error().code == Code::UnsupportedOperator);
}
