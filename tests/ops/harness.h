// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cmath>
#include <random>

#include "compile/graph.h"
#include "compile/lower.h"
#include "isa/arch.h"
#include "tests/catch.h"
#include "tests/ops/execute.h"

/// Graphs through the whole chain: lowered, packed, read back, executed by the machine.
namespace neuron::test {

using compile::Graph;
using compile::ValueId;

inline Tensor floats(const Shape& shape, const std::vector<float>& data) {
  Tensor t{DType::Float32, shape, Bytes(data.size() * 4)};
  if (!data.empty()) std::memcpy(t.bytes.data(), data.data(), t.bytes.size());
  return t;
}
inline std::vector<float> floats_of(const Tensor& t) {
  std::vector<float> out(t.bytes.size() / 4);
  if (!out.empty()) std::memcpy(out.data(), t.bytes.data(), out.size() * 4);
  return out;
}
inline Tensor noise(const Shape& shape, unsigned seed, float low = -1, float high = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> pick(low, high);
  std::vector<float> data(static_cast<std::size_t>(count_of(shape)));
  for (float& f : data) f = pick(random);
  return floats(shape, data);
}

/// A graph of one or a few nodes, built by hand.
struct Builder {
  Graph graph;
  std::vector<Tensor> data;  ///< of the inputs

  ValueId value(Shape shape, DType type = DType::Float32) {
    compile::Value v;
    v.name = "v" + std::to_string(graph.values.size());
    v.type = type;
    v.shape = std::move(shape);
    graph.values.push_back(std::move(v));
    return {static_cast<std::uint32_t>(graph.values.size() - 1)};
  }
  ValueId input(Tensor t) {
    const ValueId id = value(t.shape, t.type);
    graph.inputs.push_back(id);
    data.push_back(std::move(t));
    return id;
  }
  ValueId constant(Tensor t) {
    const ValueId id = value(t.shape, t.type);
    graph.value(id).constant = std::move(t);
    return id;
  }
  ValueId node(const std::string& op, const std::vector<ValueId>& inputs, Shape out,
               std::map<std::string, compile::Attribute> attributes = {}) {
    compile::Node n;
    n.op = op;
    n.name = op + std::to_string(graph.nodes.size());
    for (ValueId id : inputs) n.inputs.push_back(id);
    n.outputs = {value(std::move(out))};
    n.attributes = std::move(attributes);
    graph.nodes.push_back(n);
    return n.outputs[0];
  }
};

/// What products are rounded to.
struct Cast {
  compile::AutoCast cast = compile::AutoCast::None;
  compile::CastType type = compile::CastType::Bf16;
};

inline Result<neff::Package> lower(const Graph& graph, const char* target, Cast cast = {}) {
  compile::Options options;
  options.auto_cast = cast.cast;
  options.cast_type = cast.type;
  options.target = isa::find_target(target);
  std::vector<std::string> warnings;
  return compile::lower(graph, options, warnings);
}

/// Lowers, runs, and compares the only output with `expected`.
inline void check(Builder b, ValueId out, const std::vector<float>& expected,
                  const char* target = "trn2", double tolerance = 1e-5, Cast cast = {}) {
  b.graph.outputs = {out};
  const neff::Package package = REQUIRE_OK(lower(b.graph, target, cast));
  const std::vector<Tensor> got = REQUIRE_OK(execute(package, b.data));
  REQUIRE(got.size() == 1);
  const std::vector<float> values = floats_of(got[0]);
  REQUIRE(values.size() == expected.size());
  double most = 1e-30;
  for (float e : expected) most = std::max(most, std::fabs(static_cast<double>(e)));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double difference = std::fabs(static_cast<double>(values[i]) - expected[i]);
    if (!(difference <= tolerance * most)) {
      CAPTURE(i, values[i], expected[i], most);
      FAIL("differs");
    }
  }
}

}  // namespace neuron::test
