// SPDX-License-Identifier: Apache-2.0
// Functions of single elements, on chip where the operand is, else through tiles.
#include <algorithm>
#include <cmath>

#include "compile/constants.h"
#include "compile/ops/spatial.h"
#include "compile/ops/wide.h"

namespace neuron::compile {
namespace {

using isa::Activation;

/// Steps of one function from `x` to `y`, which do not overlap; `tmp` is as large.
struct Unary {
  Lowering& in;
  const Node& node;
  Kernel& k;

  Engine engine(const View& v) const { return k.lighter(static_cast<std::int64_t>(v.at.count())); }
  void scalar(const View& y, const View& x, Alu op0, float a, Alu op1 = Alu::Bypass,
              float b = 0) const {
    k.tensor_scalar(engine(y), y, x, op0, a, op1, b);
  }
  void tensor(const View& y, const View& a, Alu op, const View& b) const {
    k.tensor_tensor(Engine::Vector, y, a, op, b);
  }
};
using UnaryFunction = Result<> (*)(const Unary& u, const View& y, const View& x);

Result<View> temporary(const Unary& u, const View& y, Tile& hold) {
  hold = TRY(u.in.tile(static_cast<std::int64_t>(y.at.count()) * kWord));
  return line(address_of(hold), y.partitions, static_cast<std::int64_t>(y.at.count()));
}

template <Activation F>
Result<> function(const Unary& u, const View& y, const View& x) {
  u.k.activate(y, x, F);
  return {};
}
Result<> limits(const Unary& u, const View& y, const View& x) {
  Finish f = limits_of(u.node);
  if (u.node.op == "Relu") f.low = 0.0f;
  finish(u.k, y, x, f);
  return {};
}
Result<> leaky(const Unary& u, const View& y, const View& x) {
  const float alpha = float_of(u.node, "alpha", 0.01f);
  u.scalar(y, x, Alu::Mult, alpha);
  u.tensor(y, x, alpha <= 1 ? Alu::Max : Alu::Min, y);
  return {};
}
/// gamma * (max(x, 0) + alpha * (exp(min(x, 0)) - 1))
Result<> elu(const Unary& u, const View& y, const View& x) {
  const bool selu = u.node.op == "Selu";
  const float alpha = float_of(u.node, "alpha", selu ? 1.67326319f : 1.0f);
  const float gamma = selu ? float_of(u.node, "gamma", 1.05070102f) : 1.0f;
  Tile hold;
  const View t = TRY(temporary(u, y, hold));
  u.scalar(t, x, Alu::Min, 0);
  u.k.activate(t, t, Activation::Exp);
  u.scalar(t, t, Alu::Add, -1, Alu::Mult, alpha * gamma);
  u.scalar(y, x, Alu::Max, 0, Alu::Mult, gamma);
  u.tensor(y, y, Alu::Add, t);
  return {};
}
void hard(const Unary& u, const View& y, const View& x, float alpha, float beta) {
  u.scalar(y, x, Alu::Mult, alpha, Alu::Add, beta);
  u.scalar(y, y, Alu::Max, 0, Alu::Min, 1);
}
Result<> hard_sigmoid(const Unary& u, const View& y, const View& x) {
  hard(u, y, x, float_of(u.node, "alpha", 0.2f), float_of(u.node, "beta", 0.5f));
  return {};
}
Result<> hard_swish(const Unary& u, const View& y, const View& x) {
  hard(u, y, x, 1.0f / 6, 0.5f);
  u.tensor(y, y, Alu::Mult, x);
  return {};
}
Result<> gelu(const Unary& u, const View& y, const View& x) {
  if (string_of(u.node, "approximate", "none") != "tanh")
    return function<Activation::Gelu>(u, y, x);
  u.tensor(y, x, Alu::Mult, x);
  u.scalar(y, y, Alu::Mult, 0.044715f, Alu::Add, 1);
  u.tensor(y, y, Alu::Mult, x);
  u.k.activate(y, y, Activation::Tanh, 0.7978845608f);
  u.scalar(y, y, Alu::Add, 1, Alu::Mult, 0.5f);
  u.tensor(y, y, Alu::Mult, x);
  return {};
}
Result<> softsign(const Unary& u, const View& y, const View& x) {
  u.k.activate(y, x, Activation::Abs);
  u.scalar(y, y, Alu::Add, 1);
  u.k.reciprocal(y, y);
  u.tensor(y, y, Alu::Mult, x);
  return {};
}
Result<> cosine(const Unary& u, const View& y, const View& x) {
  u.k.activate(y, x, Activation::Sin, 1, 1.57079632679f);
  return {};
}
Result<> inverse(const Unary& u, const View& y, const View& x) {
  u.k.reciprocal(y, x);
  return {};
}
Result<> negate(const Unary& u, const View& y, const View& x) {
  u.scalar(y, x, Alu::Mult, -1);
  return {};
}
Result<> logical_not(const Unary& u, const View& y, const View& x) {
  u.scalar(y, x, Alu::IsEqual, 0);
  return {};
}
Result<> cast(const Unary& u, const View& y, const View& x) {
  if (u.in.graph.value(u.node.outputs[0]).type == DType::Bool)
    u.scalar(y, x, Alu::NotEqual, 0);
  else
    u.k.copy(Engine::Vector, y, x);
  return {};
}
/// x minus its fraction, one less where that fraction is negative (Ceil: one more where positive).
Result<> whole(const Unary& u, const View& y, const View& x) {
  const bool up = u.node.op == "Ceil";
  Tile hold;
  const View t = TRY(temporary(u, y, hold));
  u.scalar(t, x, Alu::Mod, 1);
  u.tensor(y, x, Alu::Subtract, t);
  u.scalar(t, t, up ? Alu::IsGreater : Alu::IsLess, 0);
  u.tensor(y, y, up ? Alu::Add : Alu::Subtract, t);
  return {};
}

/// Adding 1.5 * 2^23 leaves no room for a fraction; larger numbers have none and pass by.
Result<> nearest(const Unary& u, const View& y, const View& x) {
  constexpr float kNoFraction = 12582912.0f, kWhole = 4194304.0f;
  Tile hold;
  const View t = TRY(temporary(u, y, hold));
  u.scalar(y, x, Alu::Max, -kWhole, Alu::Min, kWhole);
  u.tensor(t, x, Alu::Subtract, y);  // what lies beyond, a whole number
  u.scalar(y, y, Alu::Add, kNoFraction, Alu::Add, -kNoFraction);
  u.tensor(y, y, Alu::Add, t);
  return {};
}

struct UnaryRow {
  const char* op;
  UnaryFunction apply;
};
constexpr UnaryRow kUnary[] = {
    {"Relu", limits},
    {"Clip", limits},
    {"LeakyRelu", leaky},
    {"Elu", elu},
    {"Selu", elu},
    {"HardSigmoid", hard_sigmoid},
    {"HardSwish", hard_swish},
    {"Gelu", gelu},
    {"Sigmoid", function<Activation::Sigmoid>},
    {"Tanh", function<Activation::Tanh>},
    {"Softplus", function<Activation::Softplus>},
    {"Softsign", softsign},
    {"Exp", function<Activation::Exp>},
    {"Log", function<Activation::Log>},
    {"Sqrt", function<Activation::Sqrt>},
    {"Reciprocal", inverse},
    {"Abs", function<Activation::Abs>},
    {"Neg", negate},
    {"Sign", function<Activation::Sign>},
    {"Floor", whole},
    {"Ceil", whole},
    {"Round", nearest},
    {"Erf", function<Activation::Erf>},
    {"Sin", function<Activation::Sin>},
    {"Cos", cosine},
    {"Atan", function<Activation::Atan>},
    {"Asin", function<Activation::Asin>},
    {"Acos", function<Activation::Acos>},
    {"Tan", function<Activation::Tan>},
    {"Sinh", function<Activation::Sinh>},
    {"Cosh", function<Activation::Cosh>},
    {"Asinh", function<Activation::Asinh>},
    {"Acosh", function<Activation::Acosh>},
    {"Atanh", function<Activation::Atanh>},
    {"Not", logical_not},
    {"Cast", cast},
};

/// What float32 holds only in part, or would round where ONNX cuts off.
bool is_wide_unary(const Lowering& in, const Node& node) {
  const DType from = input_of(in.graph, node, 0).type, to = output_of(in.graph, node).type;
  if (node.op != "Cast") return is_wide(from) && node.op != "Not";
  const bool cuts = is_floating(from) && is_integer(to) && to != DType::Bool;
  return cuts || from == DType::Float64 || to == DType::Float64 || (is_wide(from) && is_wide(to));
}
}  // namespace

Result<> lower_unary(Lowering& in, const Node& node) {
  TRY(check_types(in, node));
  if (is_wide_unary(in, node)) return lower_wide_unary(in, node);
  const UnaryRow& row = *std::find_if(std::begin(kUnary), std::end(kUnary),
                                      [&](const UnaryRow& r) { return node.op == r.op; });
  const Unary unary{in, node, in.kernel};
  const ValueId id = *node.inputs[0];
  if (in.on_chip(id) && output_of(in.graph, node).type == DType::Float32) {
    const auto x = TRY(in.feature(id));
    auto y = TRY(in.make_feature(output_of(in.graph, node).shape));
    if (y) {
      for (std::size_t p = 0; p < y->pieces.size(); ++p)
        TRY(row.apply(unary, y->all(y->pieces[p]), x->all(x->pieces[p])));
      in.define_feature(node.outputs[0], *std::move(y));
      return {};
    }
  }
  return elementwise(
      in, node.outputs[0], {{id, in.graph.value(id).shape}},
      [&](const View& y, const std::vector<View>& x) { return row.apply(unary, y, x[0]); });
}

/// max(x, 0) + slope * min(x, 0)
Result<> lower_prelu(Lowering& in, const Node& node) {
  TRY(check_types(in, node));
  return elementwise(in, node.outputs[0],
                     {{*node.inputs[0], input_of(in.graph, node, 0).shape},
                      {*node.inputs[1], input_of(in.graph, node, 1).shape}},
                     [&](const View& y, const std::vector<View>& x) -> Result<> {
                       Tile hold;
                       const Unary unary{in, node, in.kernel};
                       const View t = TRY(temporary(unary, y, hold));
                       unary.scalar(t, x[0], Alu::Min, 0);
                       unary.tensor(t, t, Alu::Mult, x[1]);
                       unary.scalar(y, x[0], Alu::Max, 0);
                       unary.tensor(y, y, Alu::Add, t);
                       return {};
                     });
}

/// max(min(a, m), min(b, -m)) with m infinite, positive where the condition holds.
Result<> lower_where(Lowering& in, const Node& node) {
  if (output_of(in.graph, node).type != DType::Float32) return lower_wide_where(in, node);
  TRY(check_types(in, node));
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < 3; ++i)
    operands.push_back({*node.inputs[i], input_of(in.graph, node, i).shape});
  return elementwise(in, node.outputs[0], operands,
                     [&](const View& y, const std::vector<View>& x) -> Result<> {
                       Tile hold;
                       const Unary unary{in, node, in.kernel};
                       const View m = TRY(temporary(unary, y, hold));
                       unary.scalar(m, x[0], Alu::Mult, 2, Alu::Add, -1);
                       unary.scalar(m, m, Alu::Mult, INFINITY);
                       unary.tensor(y, x[1], Alu::Min, m);
                       unary.scalar(m, m, Alu::Mult, -1);
                       unary.tensor(m, x[2], Alu::Min, m);
                       unary.tensor(y, y, Alu::Max, m);
                       return {};
                     });
}

}  // namespace neuron::compile
