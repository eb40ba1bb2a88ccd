// SPDX-License-Identifier: Apache-2.0
#include "compile/ops/wide.h"

#include <algorithm>
#include <map>

#include "compile/constants.h"

namespace neuron::compile {
namespace {

using isa::Wide;

struct WideRow {
  const char* op;
  Wide wide;
  bool compares;
};
constexpr WideRow kRows[] = {
    {"Add", Wide::Add, false},
    {"Sub", Wide::Subtract, false},
    {"Mul", Wide::Mult, false},
    {"Div", Wide::Divide, false},
    {"Pow", Wide::Pow, false},
    {"Max", Wide::Max, false},
    {"Min", Wide::Min, false},
    {"BitwiseAnd", Wide::And, false},
    {"BitwiseOr", Wide::Or, false},
    {"BitwiseXor", Wide::Xor, false},
    {"Equal", Wide::IsEqual, true},
    {"Greater", Wide::IsGreater, true},
    {"GreaterOrEqual", Wide::IsGreaterEq, true},
    {"Less", Wide::IsLess, true},
    {"LessOrEqual", Wide::IsLessEq, true},
};

std::optional<WideRow> row_of(const Node& node) {
  if (node.op == "Mod")
    return WideRow{"Mod", int_of(node, "fmod", 0) != 0 ? Wide::Rest : Wide::Mod, false};
  if (node.op == "BitShift")
    return WideRow{"BitShift",
                   string_of(node, "direction") == "LEFT" ? Wide::ShiftLeft : Wide::ShiftRight,
                   false};
  for (const WideRow& row : kRows)
    if (node.op == row.op) return row;
  return std::nullopt;
}

const char* kForm = "arithmetic, comparisons, Abs, Neg, Sign, Relu, Floor, Ceil, Round and Cast";

}  // namespace

bool is_wide(DType type) {
  return type != DType::Bool && (type == DType::Float64 || is_integer(type));
}
bool is_wide(const Lowering& in, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (has_input(node, i) && is_wide(input_of(in.graph, node, i).type)) return true;
  return is_wide(output_of(in.graph, node).type);
}

void clear(Kernel& k, const View& v) {
  constexpr std::int64_t kAtOnce = 32 * 1024;  // an instruction counts to 65535
  const auto count = static_cast<std::int64_t>(v.at.count() * size_of(v.type));
  for (std::int64_t at = 0; at < count; at += kAtOnce) {
    View bytes = line(static_cast<std::uint32_t>(v.at.start + at), v.partitions,
                      std::min(kAtOnce, count - at));
    bytes.type = DType::UInt8;
    k.memset(Engine::Gpsimd, bytes, 0);
  }
}

Result<View> tile_like(Lowering& in, const View& v, DType type, Tile& hold) {
  const auto count = static_cast<std::int64_t>(v.at.count());
  hold = TRY(in.tile(count * static_cast<std::int64_t>(size_of(type))));
  View out = line(address_of(hold), v.partitions, count);
  out.type = type;
  return out;
}

Result<> check_types(const Lowering& in, const Node& node) {
  for (std::size_t i = 0; i < node.inputs.size(); ++i)
    if (engine_type(input_of(in.graph, node, i).type) == DType::Unknown)
      return unsupported(node,
                         fmt::format("input of type {}", name_of(input_of(in.graph, node, i).type)),
                         "floats, integers and bool");
  const DType out = output_of(in.graph, node).type;
  if (engine_type(out) == DType::Unknown)
    return unsupported(node, fmt::format("result of type {}", name_of(out)),
                       "floats, integers and bool");
  return {};
}

Result<> lower_wide_binary(Lowering& in, const Node& node) {
  const auto row = row_of(node);
  if (!row || node.attributes.count("activation"))
    return unsupported(node, fmt::format("on {}", name_of(input_of(in.graph, node, 0).type)),
                       kForm);
  const std::vector<Operand> operands{{*node.inputs[0], input_of(in.graph, node, 0).shape},
                                      {*node.inputs[1], input_of(in.graph, node, 1).shape}};
  return elementwise(in, node.outputs[0], operands,
                     [&](const View& y, const std::vector<View>& x) -> Result<> {
                       Tile hold;
                       View t = y;
                       if (row->compares) t = TRY(tile_like(in, y, x[0].type, hold));
                       in.kernel.wide(t, Wide::Set, x[0]);
                       in.kernel.wide(t, row->wide, x[1]);
                       if (row->compares) in.kernel.wide(y, Wide::Set, t);
                       return {};
                     });
}

namespace {

using WideFunction = void (*)(Kernel& k, const View& y, const View& x, const View& t);

void negate(Kernel& k, const View& y, const View& x, const View&) {
  clear(k, y);
  k.wide(y, Wide::Subtract, x);
}
void absolute(Kernel& k, const View& y, const View& x, const View&) {
  negate(k, y, x, x);
  k.wide(y, Wide::Max, x);
}
void relu(Kernel& k, const View& y, const View& x, const View&) {
  clear(k, y);
  k.wide(y, Wide::Max, x);
}
/// (x > 0) - (x < 0)
void sign(Kernel& k, const View& y, const View& x, const View& t) {
  clear(k, y);
  k.wide(t, Wide::Set, x);
  k.wide(t, Wide::IsLess, y);
  k.wide(y, Wide::IsLess, x);
  k.wide(y, Wide::Subtract, t);
}
void cast(Kernel& k, const View& y, const View& x, const View&) { k.wide(y, Wide::Set, x); }
void down(Kernel& k, const View& y, const View& x, const View&) { k.wide(y, Wide::Floor, x); }
void up(Kernel& k, const View& y, const View& x, const View& t) {
  negate(k, t, x, x);
  k.wide(t, Wide::Floor, t);
  negate(k, y, t, t);
}
void round(Kernel& k, const View& y, const View& x, const View&) { k.wide(y, Wide::Round, x); }
/// not (x == 0)
void truth(Kernel& k, const View& y, const View& x, const View& t) {
  clear(k, y);
  k.wide(t, Wide::Set, x);
  k.wide(t, Wide::IsEqual, y);
  k.wide(y, Wide::IsEqual, t);
}

const std::map<std::string, WideFunction> kUnary = {
    {"Neg", negate}, {"Abs", absolute}, {"Relu", relu}, {"Sign", sign},
    {"Cast", cast},  {"Floor", down},   {"Ceil", up},   {"Round", round},
};

}  // namespace

Result<> lower_wide_unary(Lowering& in, const Node& node) {
  const auto at = kUnary.find(node.op);
  if (at == kUnary.end())
    return unsupported(node, fmt::format("on {}", name_of(input_of(in.graph, node, 0).type)),
                       kForm);
  const bool to_bool = node.op == "Cast" && output_of(in.graph, node).type == DType::Bool;
  const WideFunction apply = to_bool ? truth : at->second;
  return elementwise(in, node.outputs[0], {{*node.inputs[0], input_of(in.graph, node, 0).shape}},
                     [&](const View& y, const std::vector<View>& x) -> Result<> {
                       Tile hold;
                       const View t = TRY(tile_like(in, y, x[0].type, hold));
                       apply(in.kernel, y, x[0], t);
                       return {};
                     });
}

/// b + (a - b) * condition, which wraps back to the very bits.
Result<> lower_wide_where(Lowering& in, const Node& node) {
  std::vector<Operand> operands;
  for (std::size_t i = 0; i < 3; ++i)
    operands.push_back({*node.inputs[i], input_of(in.graph, node, i).shape});
  return elementwise(in, node.outputs[0], operands,
                     [&](const View& to, const std::vector<View>& x) -> Result<> {
                       const DType kBits[] = {DType::UInt8,   DType::UInt8,   DType::Int16,
                                              DType::Unknown, DType::Int32,   DType::Unknown,
                                              DType::Unknown, DType::Unknown, DType::Int64};
                       View y = to, a = x[1], b = x[2];
                       y.type = a.type = b.type = kBits[size_of(to.type)];
                       in.kernel.wide(y, Wide::Set, a);
                       in.kernel.wide(y, Wide::Subtract, b);
                       in.kernel.wide(y, Wide::Mult, x[0]);
                       in.kernel.wide(y, Wide::Add, b);
                       return {};
                     });
}

namespace {

/// [outer, axis, inner] folded over the axis, an element of the axis after the other.
Result<> fold_axis(Lowering& in, const std::array<std::int64_t, 3>& split, DType type, Wide op,
                   Place from, Place to) {
  const auto [outer, axis, inner] = split;
  const auto size = static_cast<std::int64_t>(size_of(type));
  Kernel& k = in.kernel;
  const std::int64_t most = std::max<std::int64_t>(1, resident_bytes(k.arch) / 2 / (axis * size));
  for (std::int64_t first = 0; first < outer; first += isa::kPartitions)
    for (std::int64_t at = 0; at < inner; at += most) {
      const int lines = static_cast<int>(std::min<std::int64_t>(isa::kPartitions, outer - first));
      const std::int64_t width = std::min(most, inner - at);
      const Tile x = TRY(in.tile(axis * width * size)), y = TRY(in.tile(width * size));
      const auto row = [&](const Tile& t, std::int64_t index) {
        View v =
            line(static_cast<std::uint32_t>(address_of(t) + index * width * size), lines, width);
        v.type = type;
        return v;
      };
      k.load({{{from.variable, from.offset + (first * axis * inner + at) * size},
               {kLocal, address_of(x)},
               width * size,
               {{axis, inner * size, width * size},
                {lines, axis * inner * size, isa::kPartitionStride}}}});
      k.wide(row(y, 0), Wide::Set, row(x, 0));
      for (std::int64_t i = 1; i < axis; ++i) k.wide(row(y, 0), op, row(x, i));
      k.store({row_store(address_of(y), lines, width * size,
                         {to.variable, to.offset + (first * inner + at) * size}, inner * size)});
    }
  return {};
}

}  // namespace

Result<> lower_wide_reduce(Lowering& in, const Node& node, const std::vector<std::int64_t>& axes) {
  static const std::map<std::string, Wide> kFolds = {{"ReduceSum", Wide::Add},
                                                     {"ReduceProd", Wide::Mult},
                                                     {"ReduceMax", Wide::Max},
                                                     {"ReduceMin", Wide::Min}};
  const auto fold = kFolds.find(node.op);
  const Value& x = input_of(in.graph, node, 0);
  const DType type = engine_type(x.type);
  if (fold == kFolds.end() || type == DType::Unknown)
    return unsupported(node, fmt::format("on {}", name_of(x.type)), "sum, product, max and min");
  Shape shape = x.shape;
  Place from = TRY(in.device(*node.inputs[0]));
  std::vector<Tile> hold;
  for (std::size_t a = axes.size(); a-- > 0;) {
    const auto axis = static_cast<std::size_t>(axes[a]);
    std::array<std::int64_t, 3> split{1, shape[axis], 1};
    for (std::size_t d = 0; d < shape.size(); ++d)
      if (d != axis) split[d < axis ? 0 : 2] *= shape[d];
    const std::int64_t bytes = split[0] * split[2] * static_cast<std::int64_t>(size_of(type));
    const Place to = a == 0 ? in.define_device(node.outputs[0]) : in.scratch(bytes, hold);
    TRY(fold_axis(in, split, type, fold->second, from, to));
    in.next_note(node);
    shape[axis] = 1;
    from = to;
  }
  return {};
}

}  // namespace neuron::compile
