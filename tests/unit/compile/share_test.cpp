// SPDX-License-Identifier: Apache-2.0
// Shares of a graph: all ranks together compute what the whole graph computes. Ranks go from one
// collective operation to the next in the plain loops of the reference.
#include "compile/parallel/share.h"

#include "base/numbers.h"
#include "compile/attributes.h"
#include "compile/import/onnx.h"
#include "compile/partition/plan.h"
#include "compile/passes/passes.h"
#include "tests/unit/compile/text_model.h"

using namespace neuron;
using namespace neuron::compile;
using namespace text_model;

namespace {

using Values = std::map<std::string, Tensor>;

Graph canonical(const std::string& text) {
  Graph graph = REQUIRE_OK(compile::onnx::parse(text_model::bytes_of(text), {}));
  REQUIRE_OK(passes::run_all(graph));
  return graph;
}

bool is_joint(const Node& node) { return node.op == kAllGather || node.op == kAllReduce; }

std::string words(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes) text += (text.empty() ? "" : " ") + node.op;
  return text;
}
std::size_t count(const Graph& graph, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(graph.nodes.begin(), graph.nodes.end(),
                                                [&](const Node& n) { return n.op == op; }));
}

/// All ranks of one graph, in step.
class Ranks {
 public:
  Ranks(const Graph& whole, Split split, std::uint32_t ranks) : values_(ranks) {
    for (std::uint32_t r = 0; r < ranks; ++r) {
      Graph share = REQUIRE_OK(share_of(whole, {split, r, ranks}));
      REQUIRE_OK(verify(share));
      for (std::uint32_t v = 0; v < share.values.size(); ++v)
        share.values[v].name = std::to_string(v);  // parts of one value share its name
      shares_.push_back(std::move(share));
      if (r > 0) REQUIRE(words(shares_[r]) == words(shares_[0]));
    }
  }

  const Graph& share() const { return shares_[0]; }

  std::vector<Tensor> run(const Tensor& x) {
    for (std::size_t r = 0; r < shares_.size(); ++r) {
      REQUIRE(shares_[r].inputs.size() == 1);
      values_[r][name(r, shares_[r].inputs[0])] = x;
    }
    const auto& nodes = shares_[0].nodes;
    for (std::size_t begin = 0; begin < nodes.size();) {
      std::size_t end = begin;
      while (end < nodes.size() && !is_joint(nodes[end])) ++end;
      for (std::size_t r = 0; r < shares_.size(); ++r) alone(r, begin, end);
      if (end < nodes.size()) together(end);
      begin = end + 1;
    }
    std::vector<Tensor> out;
    for (std::size_t r = 0; r < shares_.size(); ++r)
      out.push_back(values_[r].at(name(r, shares_[r].outputs[0])));
    return out;
  }

 private:
  const std::string& name(std::size_t r, ValueId id) const { return shares_[r].value(id).name; }

  void alone(std::size_t r, std::size_t begin, std::size_t end) {
    Part part;
    for (std::size_t n = begin; n < end; ++n) part.nodes.push_back(n);
    if (part.nodes.empty()) return;
    const Cut segment = cut(shares_[r], part);
    for (auto& [output, tensor] : REQUIRE_OK(reference::run(segment.graph, values_[r])))
      values_[r][output] = std::move(tensor);
  }

  void together(std::size_t n) {
    const Node& node = shares_[0].nodes[n];
    Tensor all = values_[0].at(name(0, *node.inputs[0]));
    for (std::size_t r = 1; r < shares_.size(); ++r) {
      const Tensor& part = values_[r].at(name(r, *shares_[r].nodes[n].inputs[0]));
      REQUIRE(part.bytes.size() == values_[0].at(name(0, *node.inputs[0])).bytes.size());
      if (node.op == kAllGather)
        all.bytes.insert(all.bytes.end(), part.bytes.begin(), part.bytes.end());
      for (std::size_t i = 0; node.op == kAllReduce && i < part.bytes.size() / 4; ++i)
        store_float(all.bytes, i, DType::Float32,
                    static_cast<float>(number_at(all, i) + number_at(part, i)));
    }
    all.shape = output_of(shares_[0], node).shape;
    REQUIRE(all.bytes.size() == static_cast<std::size_t>(count_of(all.shape)) * 4);
    for (std::size_t r = 0; r < shares_.size(); ++r)
      values_[r][name(r, shares_[r].nodes[n].outputs[0])] = all;
  }

  std::vector<Graph> shares_;
  std::vector<Values> values_;
};

/// What rank 0 does, after a check that every rank gets what the whole graph gives.
Graph shared(const std::string& text, const Shape& shape, Split split, std::uint32_t ranks) {
  const Graph whole = canonical(text);
  const Tensor x = reference::noise(shape);
  const Tensor expected = REQUIRE_OK(reference::run(whole, {{"x", x}})).at("y");
  Ranks all(whole, split, ranks);
  INFO(text_of(all.share()));
  for (const Tensor& y : all.run(x)) {
    REQUIRE(y.shape == expected.shape);
    const auto d = reference::distance(y, expected);
    CHECK(d.error <= 1e-5 * d.scale + 1e-6);
  }
  return all.share();
}

std::string gemm(const std::string& x, const std::string& w, const std::string& out) {
  return node("MatMul", {x, w}, "", out);
}

}  // namespace

TEST_CASE("one product is cut by columns, and its result gathered") {
  const std::string text = model(13, {3, 8}, weights("w", {8, 12}) + gemm("x", "w", "y"));
  const Graph share = shared(text, {3, 8}, Split::Tensor, 4);
  CHECK(words(share) == "MatMul neuron.AllGather Transpose Reshape");
  CHECK(share.value(share.nodes[0].outputs[0]).shape == Shape{3, 3});
}

TEST_CASE("parts of one row need no weaving") {
  const std::string text = model(13, {1, 8}, weights("w", {8, 12}) + gemm("x", "w", "y"));
  CHECK(words(shared(text, {1, 8}, Split::Tensor, 3)) == "MatMul neuron.AllGather");
}

TEST_CASE("two products with an activation between need one sum") {
  const std::string text = model(
      13, {4, 8},
      weights("w", {8, 16}) + weights("b", {16}, 2) + weights("v", {16, 6}, 3) +
          weights("c", {6}, 4) + gemm("x", "w", "h") + node("Add", {"h", "b"}, "", "i") +
          node("Relu", {"i"}, "", "j") + gemm("j", "v", "k") + node("Add", {"k", "c"}, "", "l") +
          node("Relu", {"l"}, "", "m") + node("Tanh", {"m"}));
  for (const std::uint32_t ranks : {2u, 4u, 8u}) {
    const Graph share = shared(text, {4, 8}, Split::Tensor, ranks);
    CHECK(words(share) == "Gemm Gemm neuron.AllReduce Add Tanh");
    CHECK(string_of(share.nodes[0], "activation") == "Relu");
    CHECK(string_of(share.nodes[1], "activation").empty());
    CHECK(string_of(share.nodes[3], "activation") == "Relu");
  }
}

TEST_CASE("a transposed factor and scales are cut the right way") {
  const std::string text = model(
      13, {4, 8},
      weights("w", {16, 8}) + weights("v", {6, 16}, 3) +
          node("Gemm", {"x", "w"},
               integer("transB", 1) + " attribute { name: 'alpha' type: FLOAT f: 0.5 }", "h") +
          node("Sigmoid", {"h"}, "", "i") + node("Gemm", {"i", "v"}, integer("transB", 1)));
  CHECK(words(shared(text, {4, 8}, Split::Tensor, 2)) == "Gemm Sigmoid Gemm neuron.AllReduce");
}

TEST_CASE("heads of attention go to ranks whole, with one sum behind them") {
  std::string text;
  for (const char* p : {"q", "k", "v"})
    text += weights(std::string("w") + p, {8, 8}, static_cast<unsigned>(p[0])) +
            gemm("x", std::string("w") + p, std::string(p) + "0") +
            node("Reshape", {std::string(p) + "0", "heads"}, "", std::string(p) + "1") +
            node("Transpose", {std::string(p) + "1"},
                 ints("perm", p[0] == 'k' ? std::vector<std::int64_t>{0, 2, 3, 1}
                                          : std::vector<std::int64_t>{0, 2, 1, 3}),
                 p);
  text += integers("heads", {1, 5, 4, 2}) + integers("flat", {1, 5, 8}) +
          node("MatMul", {"q", "k"}, "", "s") + node("Softmax", {"s"}, integer("axis", -1), "p") +
          node("MatMul", {"p", "v"}, "", "o") +
          node("Transpose", {"o"}, ints("perm", {0, 2, 1, 3}), "o1") +
          node("Reshape", {"o1", "flat"}, "", "o2") + weights("wo", {8, 8}, 9) +
          gemm("o2", "wo", "z") + node("Add", {"z", "x"});
  for (const std::uint32_t ranks : {2u, 4u}) {
    const Graph share = shared(model(13, {1, 5, 8}, text), {1, 5, 8}, Split::Tensor, ranks);
    CHECK(count(share, kAllReduce) == 1);
    CHECK(count(share, kAllGather) == 0);
  }
}

TEST_CASE("what must see the whole gets it, once") {
  const std::string text =
      model(13, {4, 8},
            weights("w", {8, 12}) + gemm("x", "w", "h") +
                node("Softmax", {"h"}, integer("axis", 1), "s") +
                node("ReduceMax", {"h"}, ints("axes", {1}), "r") + node("Sub", {"s", "r"}));
  const Graph share = shared(text, {4, 8}, Split::Tensor, 4);
  CHECK(count(share, kAllGather) == 1);
}

TEST_CASE("a batch is shared out and gathered at the end") {
  const std::string text =
      model(13, {4, 3, 6, 6},
            weights("w", {5, 3, 3, 3}) + node("Conv", {"x", "w"}, ints("pads", {1, 1, 1, 1}), "c") +
                node("Relu", {"c"}, "", "r") + node("GlobalAveragePool", {"r"}, "", "p") +
                node("Flatten", {"p"}, integer("axis", 1), "f") + weights("v", {5, 7}, 3) +
                gemm("f", "v", "y"));
  for (const std::uint32_t ranks : {2u, 4u}) {
    const Graph share = shared(text, {4, 3, 6, 6}, Split::Data, ranks);
    CHECK(share.nodes.front().op == "Slice");
    CHECK(share.nodes.back().op == kAllGather);
    CHECK(count(share, kAllGather) == 1);
  }
}

TEST_CASE("a model that cannot be shared out says so") {
  const Graph odd = canonical(model(13, {3, 8}, weights("w", {8, 5}) + gemm("x", "w", "y")));
  const auto columns = share_of(odd, {Split::Tensor, 0, 2});
  REQUIRE_FALSE(columns);
  CHECK(columns.error().message ==
        "no product has a constant factor whose columns 2 ranks can share");
  const auto rows = share_of(odd, {Split::Data, 0, 2});
  REQUIRE_FALSE(rows);
  CHECK(rows.error().message == "no input has a first dimension that 2 ranks can share");
}
