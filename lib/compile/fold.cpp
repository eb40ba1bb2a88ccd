// SPDX-License-Identifier: Apache-2.0
#include "compile/fold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/shapes.h"
#include "cpu/step.h"

namespace neuron::compile {
namespace {

struct Step {
  const Graph& graph;
  const Node& node;
  std::vector<Tensor>& out;  // zeros of the inferred forms
  const Tensor& in(std::size_t index) const { return *input_of(graph, node, index).constant; }
};
using Evaluate = Result<> (*)(const Step&);
using cpu::spread_strides;
using cpu::strides_of;
using cpu::walk;
using Index = cpu::Ints;

// Sums and products wrap, as they do on every machine that runs these models.
using U = std::uint64_t;
std::int64_t signed_of(U value) { return static_cast<std::int64_t>(value); }

std::size_t elements(const Shape& shape) { return static_cast<std::size_t>(count_of(shape)); }

void copy_element(const Tensor& from, std::size_t i, Tensor& to, std::size_t j) {
  cpu::copy_element(from.bytes, i, to, j);
}

Result<> keep(const Step& s) {
  s.out[0].bytes = s.in(0).bytes;
  for (std::size_t i = 1; i < s.out.size(); ++i)  // the mask of a Dropout that drops nothing
    for (std::size_t k = 0; k < elements(s.out[i].shape); ++k) store_number(s.out[i], k, 1);
  return {};
}

Result<> shape(const Step& s) {
  const Shape& full = input_of(s.graph, s.node, 0).shape;
  const auto rank = static_cast<std::int64_t>(full.size());
  std::int64_t start = int_of(s.node, "start", 0);
  if (start < 0) start += rank;
  start = std::clamp<std::int64_t>(start, 0, rank);
  for (std::size_t i = 0; i < elements(s.out[0].shape); ++i)
    store_integer(s.out[0], i, full[static_cast<std::size_t>(start) + i]);
  return {};
}

Result<> size(const Step& s) {
  store_integer(s.out[0], 0, count_of(input_of(s.graph, s.node, 0).shape));
  return {};
}

Result<> constant_of_shape(const Step& s) {
  const Tensor* value = find_attribute<Tensor>(s.node, "value");
  if (value)
    for (std::size_t i = 0; i < elements(s.out[0].shape); ++i) copy_element(*value, 0, s.out[0], i);
  return {};
}

Result<> range(const Step& s) {
  for (std::size_t i = 0; i < elements(s.out[0].shape); ++i) {
    if (is_integer(s.out[0].type))
      store_integer(s.out[0], i,
                    signed_of(U(integer_at(s.in(0), 0)) + i * U(integer_at(s.in(2), 0))));
    else
      store_number(s.out[0], i,
                   number_at(s.in(0), 0) + static_cast<double>(i) * number_at(s.in(2), 0));
  }
  return {};
}

Result<> cast(const Step& s) {
  Tensor& out = s.out[0];
  const bool exact = is_integer(s.in(0).type) && is_integer(out.type);
  for (std::size_t i = 0; i < elements(out.shape); ++i) {
    if (exact)
      store_integer(out, i, integer_at(s.in(0), i));
    else
      store_number(out, i, number_at(s.in(0), i));
  }
  return {};
}

Result<> gather(const Step& s) {
  const Tensor &x = s.in(0), &indices = s.in(1);
  const auto front = TRY(front_axis(int_of(s.node, "axis", 0), x.shape.size()));
  const auto axis = static_cast<std::size_t>(front);
  const std::int64_t dim = x.shape[axis];
  std::size_t inner = 1, outer = 1;
  for (std::size_t i = 0; i < axis; ++i) outer *= static_cast<std::size_t>(x.shape[i]);
  for (std::size_t i = axis + 1; i < x.shape.size(); ++i)
    inner *= static_cast<std::size_t>(x.shape[i]);
  std::size_t to = 0;
  for (std::size_t o = 0; o < outer; ++o)
    for (std::size_t k = 0; k < elements(indices.shape); ++k) {
      std::int64_t row = integer_at(indices, k);
      if (row < -dim || row >= dim)
        return fail(Code::Malformed, "index {} of an axis of {}", row, dim);
      row += row < 0 ? dim : 0;
      for (std::size_t i = 0; i < inner; ++i)
        copy_element(
            x, (o * static_cast<std::size_t>(dim) + static_cast<std::size_t>(row)) * inner + i,
            s.out[0], to++);
    }
  return {};
}

Result<> concat(const Step& s) {
  Tensor& out = s.out[0];
  const auto front = TRY(front_axis(int_of(s.node, "axis", 0), out.shape.size()));
  const Index strides = strides_of(out.shape);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < s.node.inputs.size(); ++i) {
    walk(s.in(i).shape, start, strides,
         [&](std::size_t from, std::size_t to) { copy_element(s.in(i), from, out, to); });
    start +=
        s.in(i).shape[static_cast<std::size_t>(front)] * strides[static_cast<std::size_t>(front)];
  }
  return {};
}

Result<> slice(const Step& s) {
  const auto ranges = TRY(ranges_of(s.node, s.in(0).shape));
  Index strides = strides_of(s.in(0).shape);
  std::int64_t start = 0;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    start += ranges[i].start * strides[i];
    strides[i] *= ranges[i].step;
  }
  walk(s.out[0].shape, start, strides,
       [&](std::size_t to, std::size_t from) { copy_element(s.in(0), from, s.out[0], to); });
  return {};
}

Result<> split(const Step& s) {
  const auto front = TRY(front_axis(int_of(s.node, "axis", 0), s.in(0).shape.size()));
  const Index strides = strides_of(s.in(0).shape);
  std::int64_t start = 0;
  for (Tensor& part : s.out) {
    walk(part.shape, start, strides,
         [&](std::size_t to, std::size_t from) { copy_element(s.in(0), from, part, to); });
    start += part.shape[static_cast<std::size_t>(front)] * strides[static_cast<std::size_t>(front)];
  }
  return {};
}

Result<> transpose(const Step& s) {
  const Index own = strides_of(s.in(0).shape);
  const auto perm = TRY(front_axes(ints_of(s.node, "perm"), own.size()));
  Index strides;
  for (std::int64_t axis : perm) strides.push_back(own[static_cast<std::size_t>(axis)]);
  walk(s.out[0].shape, 0, strides,
       [&](std::size_t to, std::size_t from) { copy_element(s.in(0), from, s.out[0], to); });
  return {};
}

Result<> expand(const Step& s) {
  walk(s.out[0].shape, 0, spread_strides(s.in(0).shape, s.out[0].shape),
       [&](std::size_t to, std::size_t from) { copy_element(s.in(0), from, s.out[0], to); });
  return {};
}

Result<> tile(const Step& s) {
  const Shape& x = s.in(0).shape;
  const Index own = strides_of(x), full = strides_of(s.out[0].shape);
  for (std::size_t to = 0; to < elements(s.out[0].shape); ++to) {
    std::int64_t from = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      from += static_cast<std::int64_t>(to) / full[i] % s.out[0].shape[i] % x[i] * own[i];
    copy_element(s.in(0), static_cast<std::size_t>(from), s.out[0], to);
  }
  return {};
}

Result<> where(const Step& s) {
  Tensor& out = s.out[0];
  std::vector<bool> chosen(elements(out.shape));
  walk(out.shape, 0, spread_strides(s.in(0).shape, out.shape),
       [&](std::size_t to, std::size_t from) { chosen[to] = integer_at(s.in(0), from) != 0; });
  for (std::size_t which : {std::size_t{1}, std::size_t{2}})
    walk(out.shape, 0, spread_strides(s.in(which).shape, out.shape),
         [&](std::size_t to, std::size_t from) {
           if (chosen[to] == (which == 1)) copy_element(s.in(which), from, out, to);
         });
  return {};
}

struct Binary {
  std::int64_t (*integer)(std::int64_t, std::int64_t);
  double (*number)(double, double);
};
// INT64_MIN / -1 is the one quotient that does not fit; wrapping, as C's other operators do here.
std::int64_t quotient(std::int64_t a, std::int64_t b) {
  return b == 0 ? 0 : b == -1 ? signed_of(-static_cast<U>(a)) : a / b;
}
std::int64_t modulo(std::int64_t a, std::int64_t b) {
  if (b == 0 || b == -1) return 0;
  const std::int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}
std::int64_t power(std::int64_t a, std::int64_t b) {
  U result = 1, factor = static_cast<U>(a);
  if (b < 0) return a == 1 ? 1 : 0;
  for (; b > 0; b >>= 1, factor *= factor)
    if (b & 1) result *= factor;
  return signed_of(result);
}
#define NEURON_BOTH(expression)                                                           \
  Binary {                                                                                \
    [](std::int64_t a, std::int64_t b) { return static_cast<std::int64_t>(expression); }, \
        [](double a, double b) { return static_cast<double>(expression); }                \
  }
const std::map<std::string, Binary> kBinary = {
    {"Add",
     {[](std::int64_t a, std::int64_t b) { return signed_of(U(a) + U(b)); },
      [](double a, double b) { return a + b; }}},
    {"Sum",
     {[](std::int64_t a, std::int64_t b) { return signed_of(U(a) + U(b)); },
      [](double a, double b) { return a + b; }}},
    {"Sub",
     {[](std::int64_t a, std::int64_t b) { return signed_of(U(a) - U(b)); },
      [](double a, double b) { return a - b; }}},
    {"Mul",
     {[](std::int64_t a, std::int64_t b) { return signed_of(U(a) * U(b)); },
      [](double a, double b) { return a * b; }}},
    {"Div", {quotient, [](double a, double b) { return a / b; }}},
    {"Mod", {modulo, [](double a, double b) { return std::fmod(a, b); }}},
    {"Pow", {power, [](double a, double b) { return std::pow(a, b); }}},
    {"Max", NEURON_BOTH(a > b ? a : b)},
    {"Min", NEURON_BOTH(a < b ? a : b)},
    {"Equal", NEURON_BOTH(a == b)},
    {"Greater", NEURON_BOTH(a > b)},
    {"GreaterOrEqual", NEURON_BOTH(a >= b)},
    {"Less", NEURON_BOTH(a < b)},
    {"LessOrEqual", NEURON_BOTH(a <= b)},
    {"And", NEURON_BOTH(a != 0 && b != 0)},
    {"Or", NEURON_BOTH(a != 0 || b != 0)},
    {"Xor", NEURON_BOTH((a != 0) != (b != 0))},
};
#undef NEURON_BOTH

// acc op= input `index`, broadcast; the result has the shape of `acc`.
void combine(const Step& s, const Binary& op, std::size_t index, Tensor& acc) {
  const Tensor& in = s.in(index);
  const bool exact = is_integer(acc.type) && is_integer(in.type);
  walk(acc.shape, 0, spread_strides(in.shape, acc.shape), [&](std::size_t to, std::size_t from) {
    if (exact)
      store_integer(acc, to, op.integer(integer_at(acc, to), integer_at(in, from)));
    else
      store_number(acc, to, op.number(number_at(acc, to), number_at(in, from)));
  });
}

Result<> binary(const Step& s) {
  // Comparisons give Bool: compute in the inputs' type, then convert.
  Tensor acc = make_tensor(s.in(0).type, s.out[0].shape);
  walk(acc.shape, 0, spread_strides(s.in(0).shape, acc.shape),
       [&](std::size_t to, std::size_t from) { copy_element(s.in(0), from, acc, to); });
  for (std::size_t i = 1; i < s.node.inputs.size(); ++i) combine(s, kBinary.at(s.node.op), i, acc);
  for (std::size_t i = 0; i < elements(acc.shape); ++i) {
    if (acc.type == s.out[0].type)
      copy_element(acc, i, s.out[0], i);
    else
      store_number(s.out[0], i, number_at(acc, i));
  }
  return {};
}

const std::map<std::string, double (*)(double)> kUnary = {
    {"Neg", [](double x) { return -x; }},
    {"Abs", [](double x) { return std::abs(x); }},
    {"Sqrt", [](double x) { return std::sqrt(x); }},
    {"Exp", [](double x) { return std::exp(x); }},
    {"Log", [](double x) { return std::log(x); }},
    {"Floor", [](double x) { return std::floor(x); }},
    {"Ceil", [](double x) { return std::ceil(x); }},
    {"Round", [](double x) { return std::nearbyint(x); }},
    {"Reciprocal", [](double x) { return 1 / x; }},
    {"Relu", [](double x) { return x > 0 ? x : 0; }},
    {"Sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"Tanh", [](double x) { return std::tanh(x); }},
    {"Erf", [](double x) { return std::erf(x); }},
    {"Sin", [](double x) { return std::sin(x); }},
    {"Cos", [](double x) { return std::cos(x); }},
    {"Sign", [](double x) { return static_cast<double>((x > 0) - (x < 0)); }},
    {"Not", [](double x) { return static_cast<double>(x == 0); }},
};

Result<> unary(const Step& s) {
  const auto& op = kUnary.at(s.node.op);
  for (std::size_t i = 0; i < elements(s.out[0].shape); ++i)
    store_number(s.out[0], i, op(number_at(s.in(0), i)));
  return {};
}

Result<> clip(const Step& s) {
  const double low = float_of(s.node, "min", -INFINITY), high = float_of(s.node, "max", INFINITY);
  for (std::size_t i = 0; i < elements(s.out[0].shape); ++i)
    store_number(s.out[0], i, std::min(std::max(number_at(s.in(0), i), low), high));
  return {};
}

Result<> reduce(const Step& s) {
  const Tensor& in = s.in(0);
  const auto axes = TRY(front_axes(ints_of(s.node, "axes"), in.shape.size()));
  Shape kept = in.shape;
  for (std::int64_t axis : axes) kept[static_cast<std::size_t>(axis)] = 1;
  const std::string op = s.node.op.substr(6);
  const double infinity = std::numeric_limits<double>::infinity();
  std::vector<double> sums(elements(kept), op == "Prod"  ? 1
                                           : op == "Max" ? -infinity
                                           : op == "Min" ? infinity
                                                         : 0);
  walk(in.shape, 0, spread_strides(kept, in.shape), [&](std::size_t from, std::size_t to) {
    const double x = number_at(in, from);
    double& sum = sums[to];
    sum = op == "Prod"  ? sum * x
          : op == "Max" ? std::max(sum, x)
          : op == "Min" ? std::min(sum, x)
                        : sum + x;
  });
  const double count =
      sums.empty() ? 1 : static_cast<double>(elements(in.shape)) / static_cast<double>(sums.size());
  for (std::size_t i = 0; i < sums.size(); ++i)
    store_number(s.out[0], i, op == "Mean" ? sums[i] / count : sums[i]);
  return {};
}

const std::map<std::string, Evaluate> kSteps = {
    {"Shape", shape},       {"Size", size},         {"ConstantOfShape", constant_of_shape},
    {"Range", range},       {"Cast", cast},         {"Gather", gather},
    {"Concat", concat},     {"Slice", slice},       {"Transpose", transpose},
    {"Expand", expand},     {"Tile", tile},         {"Where", where},
    {"Identity", keep},     {"Dropout", keep},      {"Reshape", keep},
    {"Flatten", keep},      {"Squeeze", keep},      {"Unsqueeze", keep},
    {"ReduceMean", reduce}, {"ReduceSum", reduce},  {"ReduceMax", reduce},
    {"ReduceMin", reduce},  {"ReduceProd", reduce}, {"Clip", clip},
    {"Split", split},
};

Evaluate step_of(const std::string& op) {
  if (const auto at = kSteps.find(op); at != kSteps.end()) return at->second;
  if (kBinary.count(op)) return binary;
  return kUnary.count(op) ? unary : nullptr;
}

bool is_known(const Graph& graph, const Node& node) {
  if (node.op == "Shape" || node.op == "Size") return true;
  return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const auto& input) {
    return input && graph.value(*input).constant.has_value();
  });
}

}  // namespace

Result<bool> fold(Graph& graph, const Node& node, FoldBudget& budget) {
  const Evaluate evaluate = step_of(node.op);
  if (!evaluate || !is_known(graph, node) || node.attributes.count("activation")) return false;
  std::vector<Tensor> out;
  for (ValueId id : node.outputs) {
    const Value& value = graph.value(id);
    const std::uint64_t bytes = elements(value.shape) * size_of(value.type);
    if (bytes > budget.left)
      return fail(Code::NoResource, "constant of shape {} needs {} bytes, {} are left of 4 GiB",
                  text_of(value.shape), bytes, budget.left);
    budget.left -= bytes;
    out.push_back(make_tensor(value.type, value.shape));
  }
  TRY(evaluate({graph, node, out}));
  for (std::size_t i = 0; i < out.size(); ++i)
    graph.value(node.outputs[i]).constant = std::move(out[i]);
  return true;
}

}  // namespace neuron::compile
