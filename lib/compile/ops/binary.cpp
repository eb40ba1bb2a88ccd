// SPDX-License-Identifier: Apache-2.0
// Arithmetic of two operands, on chip where they are, else through tiles.
#include <algorithm>

#include "compile/ops/spatial.h"
#include "compile/ops/wide.h"

namespace neuron::compile {
namespace {

struct BinaryRow {
  const char* op;
  Alu alu;
  bool swaps;  ///< a op b == b op a
};
constexpr BinaryRow kBinary[] = {
    {"Add", Alu::Add, true},
    {"Sub", Alu::Subtract, false},
    {"Mul", Alu::Mult, true},
    {"Div", Alu::Divide, false},
    {"Pow", Alu::Pow, false},
    {"Max", Alu::Max, true},
    {"Min", Alu::Min, true},
    {"Equal", Alu::IsEqual, true},
    {"Greater", Alu::IsGreater, false},
    {"GreaterOrEqual", Alu::IsGreaterEq, false},
    {"Less", Alu::IsLess, false},
    {"LessOrEqual", Alu::IsLessEq, false},
    {"And", Alu::Mult, true},
    {"Or", Alu::Max, true},
    {"Xor", Alu::NotEqual, true},
    {"Mod", Alu::Mod, false},
};

/// One binary operation where the second operand is a constant for each partition, or for all.
class Binary {
 public:
  Binary(Lowering& in, const Node& node, const BinaryRow& row)
      : in_(in), k_(in.kernel), node_(node), row_(row), after_(limits_of(node)) {}

  Result<> run() {
    a_ = *node_.inputs[0];
    b_ = *node_.inputs[1];
    if (row_.swaps && count_of(in_.graph.value(a_).shape) < count_of(in_.graph.value(b_).shape))
      std::swap(a_, b_);
    if (row_.swaps && in_.graph.value(a_).constant) std::swap(a_, b_);
    if (TRY(on_chip())) return {};
    const std::vector<float> b = in_.floats(b_);
    if (b.size() == 1 && in_.graph.value(a_).shape == output_of(in_.graph, node_).shape)
      return elementwise(in_, node_.outputs[0], {{a_, in_.graph.value(a_).shape}},
                         [&](const View& y, const std::vector<View>& x) -> Result<> {
                           value(y, x[0], b[0]);
                           return {};
                         });
    return elementwise(in_, node_.outputs[0],
                       {{a_, in_.graph.value(a_).shape}, {b_, in_.graph.value(b_).shape}},
                       [&](const View& y, const std::vector<View>& x) -> Result<> {
                         k_.tensor_tensor(Engine::Vector, y, x[0], row_.alu, x[1]);
                         limit(y);
                         return {};
                       });
  }

 private:
  void limit(const View& y) {
    if (after_.low || after_.high) finish(k_, y, y, after_);
  }
  /// y = x op b. Subtracting and dividing are adding and multiplying: no code of our own needed.
  void value(const View& y, const View& x, float b) {
    Alu op = row_.alu;
    if (op == Alu::Subtract) {
      op = Alu::Add;
      b = -b;
    }
    k_.tensor_scalar(k_.lighter(static_cast<std::int64_t>(y.at.count())), y, x, op, b);
    limit(y);
  }

  /// Operand b as [n or 1, c or 1, 1] beside a [n, c, s], or nothing.
  std::optional<Shape> by_channel() const {
    const Shape& a = in_.graph.value(a_).shape;
    Shape b = in_.graph.value(b_).shape;
    while (b.size() < a.size()) b.insert(b.begin(), 1);
    if (b.size() != a.size() || b[0] != 1) return std::nullopt;
    for (std::size_t d = 2; d < b.size(); ++d)
      if (b[d] != 1) return std::nullopt;
    if (b[1] != 1 && b[1] != a[1]) return std::nullopt;
    return b;
  }

  Result<bool> on_chip() {
    const Value& a = in_.graph.value(a_);
    const Value& b = in_.graph.value(b_);
    const Value& out = output_of(in_.graph, node_);
    if (a.type != DType::Float32 || out.type != DType::Float32) return false;
    if (a.shape != out.shape || a.shape.size() < 2) return false;
    if (a.shape == b.shape && b.type == DType::Float32) {
      if (!in_.on_chip(a_) && !in_.on_chip(b_)) return false;
      return both();
    }
    if (!in_.on_chip(a_) || !by_channel()) return false;
    if (b.constant) return constant(*by_channel());
    if (in_.on_chip(b_) && a.shape[0] == 1 && (*by_channel())[1] == a.shape[1]) return computed();
    return false;
  }

  /// Room for the result, in the type in which it stays on chip.
  Result<std::optional<Feature>> result() {
    const ValueId out = node_.outputs[0];
    return in_.make_feature(in_.graph.value(out).shape, in_.chip_type(out));
  }

  Result<bool> both() {
    const auto a = TRY(in_.as_it_is(a_));
    const auto b = TRY(in_.as_it_is(b_));
    auto out = TRY(result());
    if (!a || !b || !out) return false;
    for (std::size_t p = 0; p < out->pieces.size(); ++p) {
      const View y = out->all(out->pieces[p]);
      k_.tensor_tensor(Engine::Vector, y, a->all(a->pieces[p]), row_.alu, b->all(b->pieces[p]));
      limit(y);
    }
    in_.define_feature(node_.outputs[0], *std::move(out));
    return true;
  }

  Result<bool> constant(const Shape& shape) {
    const auto a = TRY(in_.as_it_is(a_));
    auto out = TRY(result());
    if (!a || !out) return false;
    std::vector<float> b = in_.floats(b_);
    for (std::size_t p = 0; p < out->pieces.size(); ++p) {
      const Piece& piece = out->pieces[p];
      const View y = out->all(piece), x = a->all(a->pieces[p]);
      if (shape[1] == 1) {
        value(y, x, b[0]);
        continue;
      }
      auto part = std::span(b).subspan(static_cast<std::size_t>(piece.first),
                                       static_cast<std::size_t>(piece.count));
      const std::uint32_t at = TRY(in_.scalars(part));
      k_.tensor_pointer(k_.lighter(out->n * out->s), y, x, row_.alu, at);
      limit(y);
    }
    in_.define_feature(node_.outputs[0], *std::move(out));
    return true;
  }

  Result<bool> computed() {
    const auto a = TRY(in_.feature(a_));
    const auto b = TRY(in_.feature(b_));
    auto out = TRY(in_.make_feature(output_of(in_.graph, node_).shape));
    if (!a || !b || !out) return false;
    for (std::size_t p = 0; p < out->pieces.size(); ++p) {
      const View y = out->all(out->pieces[p]);
      k_.tensor_pointer(k_.lighter(out->s), y, a->all(a->pieces[p]), row_.alu,
                        b->pieces[p].address);
      limit(y);
    }
    in_.define_feature(node_.outputs[0], *std::move(out));
    return true;
  }

  Lowering& in_;
  Kernel& k_;
  const Node& node_;
  const BinaryRow& row_;
  Finish after_;
  ValueId a_, b_;
};

}  // namespace

Result<> lower_binary(Lowering& in, const Node& node) {
  TRY(check_types(in, node));
  if (is_wide(in, node)) return lower_wide_binary(in, node);
  const BinaryRow& row = *std::find_if(std::begin(kBinary), std::end(kBinary),
                                       [&](const BinaryRow& r) { return node.op == r.op; });
  return Binary(in, node, row).run();
}

}  // namespace neuron::compile
