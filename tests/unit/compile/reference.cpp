// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/compile/reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "compile/attributes.h"
#include "compile/constants.h"
#include "compile/shapes.h"

namespace reference {
namespace {

using namespace neuron;
using namespace neuron::compile;

struct Array {
  Shape shape;
  std::vector<double> at;
};

Array array_of(const Tensor& tensor) {
  Array a{tensor.shape, std::vector<double>(static_cast<std::size_t>(count_of(tensor.shape)))};
  for (std::size_t i = 0; i < a.at.size(); ++i) a.at[i] = number_at(tensor, i);
  return a;
}

Array zeros(const Shape& shape, double value = 0) {
  return {shape, std::vector<double>(static_cast<std::size_t>(count_of(shape)), value)};
}

using Index = std::vector<std::int64_t>;

// Calls `body(index, position)` for every element in row-major order.
void each(const Shape& shape, const std::function<void(const Index&, std::size_t)>& body) {
  Index index(shape.size());
  const auto count = static_cast<std::size_t>(count_of(shape));
  for (std::size_t at = 0; at < count; ++at) {
    body(index, at);
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      if (++index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
}

std::size_t flat(const Shape& shape, const Index& index) {
  std::int64_t at = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) at = at * shape[i] + index[i];
  return static_cast<std::size_t>(at);
}

// The element of `a` under `index` of a shape that it broadcasts to.
double spread(const Array& a, const Index& index) {
  std::int64_t at = 0;
  const std::size_t shift = index.size() - a.shape.size();
  for (std::size_t i = 0; i < a.shape.size(); ++i)
    at = at * a.shape[i] + (a.shape[i] == 1 ? 0 : index[shift + i]);
  return a.at[static_cast<std::size_t>(at)];
}

struct Step {
  const Graph& graph;
  const Node& node;
  std::vector<Array> in;
  Array& out;
};

const std::map<std::string, std::function<double(double, double)>> kBinary = {
    {"Add", std::plus<>()},
    {"Sum", std::plus<>()},
    {"Sub", std::minus<>()},
    {"Mul", std::multiplies<>()},
    {"Div", std::divides<>()},
    {"Pow", [](double a, double b) { return std::pow(a, b); }},
    {"Max", [](double a, double b) { return std::max(a, b); }},
    {"Min", [](double a, double b) { return std::min(a, b); }},
    {"PRelu", [](double a, double b) { return a < 0 ? a * b : a; }},
    {"Equal", std::equal_to<>()},
    {"Greater", std::greater<>()},
    {"GreaterOrEqual", std::greater_equal<>()},
    {"Less", std::less<>()},
    {"LessOrEqual", std::less_equal<>()},
    {"And", [](double a, double b) { return a != 0 && b != 0; }},
    {"Or", [](double a, double b) { return a != 0 || b != 0; }},
    {"Xor", [](double a, double b) { return (a != 0) != (b != 0); }},
};

void binary(Step& s) {
  const auto& op = kBinary.at(s.node.op);
  Array left = s.in[0];
  for (std::size_t i = 1; i < s.in.size(); ++i) {
    const Shape shape = *broadcast(left.shape, s.in[i].shape);
    Array next = zeros(shape);
    each(shape, [&](const Index& index, std::size_t at) {
      next.at[at] = op(spread(left, index), spread(s.in[i], index));
    });
    left = std::move(next);
  }
  s.out = std::move(left);
}

double round_to_even(double x) { return std::nearbyint(x); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
double gelu(double x, const Node& node) {
  if (string_of(node, "approximate", "none") == "tanh")
    return 0.5 * x * (1 + std::tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
  return 0.5 * x * (1 + std::erf(x / std::sqrt(2.0)));
}
double hard_sigmoid(double x, double alpha, double beta) {
  return std::clamp(alpha * x + beta, 0.0, 1.0);
}
double clip(double x, const Node& n) {
  const float infinity = std::numeric_limits<float>::infinity();
  return std::min<double>(std::max<double>(x, float_of(n, "min", -infinity)),
                          float_of(n, "max", infinity));
}

const std::map<std::string, std::function<double(double, const Node&)>> kUnary = {
    {"Relu", [](double x, const Node&) { return std::max(x, 0.0); }},
    {"Clip", clip},
    {"LeakyRelu",
     [](double x, const Node& n) { return x < 0 ? x * float_of(n, "alpha", 0.01F) : x; }},
    {"Elu",
     [](double x, const Node& n) { return x < 0 ? float_of(n, "alpha", 1) * std::expm1(x) : x; }},
    {"Selu",
     [](double x, const Node& n) {
       return float_of(n, "gamma", 1.05070102F) *
              (x > 0 ? x : float_of(n, "alpha", 1.67326319F) * std::expm1(x));
     }},
    {"HardSigmoid",
     [](double x, const Node& n) {
       return hard_sigmoid(x, float_of(n, "alpha", 0.2F), float_of(n, "beta", 0.5F));
     }},
    {"HardSwish", [](double x, const Node&) { return x * hard_sigmoid(x, 1 / 6.0, 0.5); }},
    {"Gelu", gelu},
    {"Sigmoid", [](double x, const Node&) { return sigmoid(x); }},
    {"Tanh", [](double x, const Node&) { return std::tanh(x); }},
    {"Softplus", [](double x, const Node&) { return x > 30 ? x : std::log1p(std::exp(x)); }},
    {"Softsign", [](double x, const Node&) { return x / (1 + std::abs(x)); }},
    {"Exp", [](double x, const Node&) { return std::exp(x); }},
    {"Log", [](double x, const Node&) { return std::log(x); }},
    {"Sqrt", [](double x, const Node&) { return std::sqrt(x); }},
    {"Reciprocal", [](double x, const Node&) { return 1 / x; }},
    {"Abs", [](double x, const Node&) { return std::abs(x); }},
    {"Neg", [](double x, const Node&) { return -x; }},
    {"Sign", [](double x, const Node&) { return double((x > 0) - (x < 0)); }},
    {"Floor", [](double x, const Node&) { return std::floor(x); }},
    {"Ceil", [](double x, const Node&) { return std::ceil(x); }},
    {"Round", [](double x, const Node&) { return round_to_even(x); }},
    {"Erf", [](double x, const Node&) { return std::erf(x); }},
    {"Sin", [](double x, const Node&) { return std::sin(x); }},
    {"Cos", [](double x, const Node&) { return std::cos(x); }},
    {"Not", [](double x, const Node&) { return double(x == 0); }},
    {"Identity", [](double x, const Node&) { return x; }},
    {"Dropout", [](double x, const Node&) { return x; }},
    {"Cast", [](double x, const Node&) { return x; }},
};

// The fused activation of a node, if any.
void activate(Step& s) {
  const std::string name = string_of(s.node, "activation");
  if (name.empty()) return;
  for (double& x : s.out.at) x = kUnary.at(name)(x, s.node);
}

// Windows of one to three spatial axes as three, the missing ones of size 1.
struct Volume {
  std::int64_t size[3] = {1, 1, 1};
  AxisWindow window[3];
};
Volume volume_of(const Step& s) {
  Volume v;
  const Shape& x = s.in[0].shape;
  if (const auto windows = windows_of(s.graph, s.node); windows)
    for (std::size_t i = 0; i < windows->size(); ++i) {
      v.size[3 - windows->size() + i] = x[i + 2];
      v.window[3 - windows->size() + i] = (*windows)[i];
    }
  return v;
}
struct Grid {
  std::int64_t at[3] = {1, 1, 1};
  explicit Grid(const Shape& shape) {
    for (std::size_t i = 2; i < shape.size(); ++i) at[3 - shape.size() + i] = shape[i];
  }
  std::int64_t count() const { return at[0] * at[1] * at[2]; }
};

// Calls body(kernel position, pixel position) for the pixels that window (a,b,c) covers.
template <class Body>
void each_pixel(const Volume& v, std::int64_t a, std::int64_t b, std::int64_t c, Body body) {
  const AxisWindow* w = v.window;
  for (std::int64_t i = 0; i < w[0].kernel; ++i) {
    const std::int64_t x = a * w[0].stride - w[0].begin + i * w[0].dilation;
    if (x < 0 || x >= v.size[0]) continue;
    for (std::int64_t j = 0; j < w[1].kernel; ++j) {
      const std::int64_t y = b * w[1].stride - w[1].begin + j * w[1].dilation;
      if (y < 0 || y >= v.size[1]) continue;
      for (std::int64_t k = 0; k < w[2].kernel; ++k) {
        const std::int64_t z = c * w[2].stride - w[2].begin + k * w[2].dilation;
        if (z < 0 || z >= v.size[2]) continue;
        body((i * w[1].kernel + j) * w[2].kernel + k, (x * v.size[1] + y) * v.size[2] + z);
      }
    }
  }
}
template <class Body>
void each_window(const Grid& grid, Body body) {
  std::int64_t at = 0;
  for (std::int64_t a = 0; a < grid.at[0]; ++a)
    for (std::int64_t b = 0; b < grid.at[1]; ++b)
      for (std::int64_t c = 0; c < grid.at[2]; ++c) body(at++, a, b, c);
}

void conv(Step& s) {
  const Array &x = s.in[0], &w = s.in[1];
  const Volume v = volume_of(s);
  const Grid grid(s.out.shape);
  const std::int64_t pixels = v.size[0] * v.size[1] * v.size[2];
  const std::int64_t taps = v.window[0].kernel * v.window[1].kernel * v.window[2].kernel;
  const std::int64_t M = w.shape[0], C = w.shape[1], group = int_of(s.node, "group", 1);
  for (std::int64_t n = 0; n < x.shape[0]; ++n)
    for (std::int64_t m = 0; m < M; ++m) {
      double* out = &s.out.at[static_cast<std::size_t>((n * M + m) * grid.count())];
      const double* weights = &w.at[static_cast<std::size_t>(m * C * taps)];
      const double* from =
          &x.at[static_cast<std::size_t>((n * x.shape[1] + m / (M / group) * C) * pixels)];
      each_window(grid, [&](std::int64_t at, std::int64_t a, std::int64_t b, std::int64_t c) {
        double sum = s.in.size() > 2 ? s.in[2].at[static_cast<std::size_t>(m)] : 0;
        each_pixel(v, a, b, c, [&](std::int64_t tap, std::int64_t pixel) {
          for (std::int64_t k = 0; k < C; ++k)
            sum += weights[k * taps + tap] * from[k * pixels + pixel];
        });
        out[at] = sum;
      });
    }
}

void conv_transpose(Step& s) {
  const Array &x = s.in[0], &w = s.in[1];
  const Grid from(x.shape), to(s.out.shape);
  Volume v = volume_of(s);
  std::copy(to.at, to.at + 3, v.size);  // windows scatter into the output
  const std::int64_t taps = v.window[0].kernel * v.window[1].kernel * v.window[2].kernel;
  const std::int64_t C = w.shape[0], M = w.shape[1], group = int_of(s.node, "group", 1);
  for (std::int64_t n = 0; n < x.shape[0]; ++n)
    for (std::int64_t c = 0; c < C; ++c)
      for (std::int64_t m = 0; m < M; ++m)
        each_window(from, [&](std::int64_t at, std::int64_t i, std::int64_t j, std::int64_t k) {
          const double value = x.at[static_cast<std::size_t>((n * C + c) * from.count() + at)];
          const std::int64_t plane = n * M * group + c / (C / group) * M + m;
          each_pixel(v, i, j, k, [&](std::int64_t tap, std::int64_t pixel) {
            s.out.at[static_cast<std::size_t>(plane * to.count() + pixel)] +=
                value * w.at[static_cast<std::size_t>((c * M + m) * taps + tap)];
          });
        });
  if (s.in.size() > 2)
    each(s.out.shape, [&](const Index& index, std::size_t at) {
      s.out.at[at] += s.in[2].at[static_cast<std::size_t>(index[1])];
    });
}

void pool(Step& s) {
  const bool max = s.node.op == "MaxPool";
  const Volume v = volume_of(s);
  const Grid grid(s.out.shape);
  const std::int64_t pixels = v.size[0] * v.size[1] * v.size[2];
  const bool count_pads = int_of(s.node, "count_include_pad", 0) != 0;
  // Padding counts, but what ceil_mode adds at the end does not.
  const auto ceil_pads = ints_of(s.node, "ceil_pads");
  Volume padded = v;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t spatial = s.in[0].shape.size() - 2;
    const bool has = !ceil_pads.empty() && i + spatial >= 3;
    padded.size[i] += v.window[i].begin + v.window[i].end - (has ? ceil_pads[i + spatial - 3] : 0);
    padded.window[i].begin = 0;
  }
  for (std::int64_t plane = 0; plane < s.out.shape[0] * s.out.shape[1]; ++plane) {
    const double* from = &s.in[0].at[static_cast<std::size_t>(plane * pixels)];
    double* out = &s.out.at[static_cast<std::size_t>(plane * grid.count())];
    each_window(grid, [&](std::int64_t at, std::int64_t a, std::int64_t b, std::int64_t c) {
      double value = max ? -std::numeric_limits<double>::infinity() : 0, count = 0;
      each_pixel(v, a, b, c, [&](std::int64_t, std::int64_t pixel) {
        value = max ? std::max(value, from[pixel]) : value + from[pixel];
        ++count;
      });
      if (count_pads) {
        count = 0;
        each_pixel(padded, a, b, c, [&](std::int64_t, std::int64_t) { ++count; });
      }
      out[at] = max ? value : value / count;
    });
  }
}

void global_pool(Step& s) {
  const auto planes = s.out.at.size();
  const std::size_t size = planes ? s.in[0].at.size() / planes : 0;
  for (std::size_t i = 0; i < planes; ++i) {
    const double* from = &s.in[0].at[i * size];
    s.out.at[i] = s.node.op == "GlobalMaxPool"
                      ? *std::max_element(from, from + size)
                      : std::accumulate(from, from + size, 0.0) / static_cast<double>(size);
  }
}

void gemm(Step& s) {
  const bool ta = int_of(s.node, "transA", 0) != 0, tb = int_of(s.node, "transB", 0) != 0;
  const Array &a = s.in[0], &b = s.in[1];
  const std::int64_t K = ta ? a.shape[0] : a.shape.back(), N = s.out.shape.back();
  each(s.out.shape, [&](const Index& i, std::size_t at) {
    const std::int64_t row = static_cast<std::int64_t>(at) / N, column = i.back();
    double sum = 0;
    for (std::int64_t k = 0; k < K; ++k)
      sum += a.at[static_cast<std::size_t>(ta ? k * a.shape[1] + row : row * K + k)] *
             b.at[static_cast<std::size_t>(tb ? column * K + k : k * b.shape[1] + column)];
    s.out.at[at] = float_of(s.node, "alpha", 1) * sum;
    if (s.in.size() > 2) s.out.at[at] += float_of(s.node, "beta", 1) * spread(s.in[2], i);
  });
}

void matmul(Step& s) {
  Array a = s.in[0], b = s.in[1];
  if (a.shape.size() == 1) a.shape.insert(a.shape.begin(), 1);
  if (b.shape.size() == 1) b.shape.push_back(1);
  const bool tb = int_of(s.node, "transB", 0) != 0;
  Shape shape = *broadcast(Shape(a.shape.begin(), a.shape.end() - 2),
                           Shape(b.shape.begin(), b.shape.end() - 2));
  shape.push_back(a.shape[a.shape.size() - 2]);
  shape.push_back(tb ? b.shape[b.shape.size() - 2] : b.shape.back());
  const std::int64_t K = a.shape.back();
  each(shape, [&](const Index& index, std::size_t at) {
    Index left = index, right = index;
    double sum = 0;
    for (std::int64_t k = 0; k < K; ++k) {
      left.back() = right[right.size() - 2] = k;
      Index turned = right;
      if (tb) std::swap(turned.back(), turned[turned.size() - 2]);
      sum += spread(a, left) * spread(b, turned);
    }
    s.out.at[at] = sum;
  });
}

void softmax(Step& s) {
  Shape shape = s.in[0].shape;
  auto axis = static_cast<std::size_t>(*front_axis(int_of(s.node, "axis", -1), shape.size()));
  if (int_of(s.node, "coerce_2d", 0) != 0) {  // before opset 13: all axes from here on are one
    const auto middle = shape.begin() + static_cast<std::ptrdiff_t>(axis);
    shape = {count_of(Shape(shape.begin(), middle)), count_of(Shape(middle, shape.end()))};
    axis = 1;
  }
  Shape lines = shape;
  lines[axis] = 1;
  each(lines, [&](const Index& index, std::size_t) {
    Index at = index;
    double top = -std::numeric_limits<double>::infinity(), sum = 0;
    for (at[axis] = 0; at[axis] < shape[axis]; ++at[axis])
      top = std::max(top, s.in[0].at[flat(shape, at)]);
    for (at[axis] = 0; at[axis] < shape[axis]; ++at[axis])
      sum += std::exp(s.in[0].at[flat(shape, at)] - top);
    for (at[axis] = 0; at[axis] < shape[axis]; ++at[axis]) {
      const double x = s.in[0].at[flat(shape, at)] - top;
      s.out.at[flat(shape, at)] = s.node.op == "Softmax" ? std::exp(x) / sum : x - std::log(sum);
    }
  });
}

void lrn(Step& s) {
  const Shape& shape = s.in[0].shape;
  const std::int64_t size = int_of(s.node, "size", 1);
  each(shape, [&](const Index& index, std::size_t at) {
    Index other = index;
    double sum = 0;
    const std::int64_t first = std::max<std::int64_t>(0, index[1] - (size - 1) / 2);
    const std::int64_t last = std::min(shape[1] - 1, index[1] + size / 2);
    for (other[1] = first; other[1] <= last; ++other[1])
      sum += s.in[0].at[flat(shape, other)] * s.in[0].at[flat(shape, other)];
    const double base = float_of(s.node, "bias", 1) +
                        float_of(s.node, "alpha", 0.0001F) / static_cast<double>(size) * sum;
    s.out.at[at] = s.in[0].at[at] / std::pow(base, float_of(s.node, "beta", 0.75F));
  });
}

void batch_norm(Step& s) {
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    const auto c = static_cast<std::size_t>(index.size() > 1 ? index[1] : 0);
    s.out.at[at] = (s.in[0].at[at] - s.in[3].at[c]) /
                       std::sqrt(s.in[4].at[c] + float_of(s.node, "epsilon", 1e-5F)) *
                       s.in[1].at[c] +
                   s.in[2].at[c];
  });
}

// InstanceNormalization and LayerNormalization: mean and variance over the last axes.
void normalise(Step& s) {
  const Shape& shape = s.out.shape;
  const bool layer = s.node.op == "LayerNormalization";
  const auto axis =
      static_cast<std::size_t>(layer ? *front_axis(int_of(s.node, "axis", -1), shape.size()) : 2);
  std::size_t run = 1;
  for (std::size_t i = axis; i < shape.size(); ++i) run *= static_cast<std::size_t>(shape[i]);
  each(shape, [&](const Index& index, std::size_t at) {
    const double* from = &s.in[0].at[at / run * run];
    const auto n = static_cast<double>(run);
    const double mean = std::accumulate(from, from + run, 0.0) / n;
    double variance = 0;
    for (std::size_t i = 0; i < run; ++i) variance += (from[i] - mean) * (from[i] - mean) / n;
    const double x =
        (s.in[0].at[at] - mean) / std::sqrt(variance + float_of(s.node, "epsilon", 1e-5F));
    const auto c = static_cast<std::size_t>(layer ? 0 : index[1]);
    const double scale = layer ? spread(s.in[1], index) : s.in[1].at[c];
    const double shift = s.in.size() < 3 ? 0 : layer ? spread(s.in[2], index) : s.in[2].at[c];
    s.out.at[at] = x * scale + shift;
  });
}

void reduce(Step& s) {
  const Shape& shape = s.in[0].shape;
  const auto axes = *front_axes(ints_of(s.node, "axes"), shape.size());
  Shape kept = shape;
  for (std::int64_t axis : axes) kept[static_cast<std::size_t>(axis)] = 1;
  const std::string op = s.node.op.substr(6);
  const double infinity = std::numeric_limits<double>::infinity();
  Array sum = zeros(kept, op == "Max" ? -infinity : op == "Min" ? infinity : op == "Prod" ? 1 : 0);
  each(shape, [&](const Index& index, std::size_t at) {
    Index to = index;
    for (std::int64_t axis : axes) to[static_cast<std::size_t>(axis)] = 0;
    double& x = sum.at[flat(kept, to)];
    const double y = s.in[0].at[at];
    x = op == "Max" ? std::max(x, y) : op == "Min" ? std::min(x, y) : op == "Prod" ? x * y : x + y;
  });
  const double count = double(s.in[0].at.size()) / double(std::max<std::size_t>(sum.at.size(), 1));
  if (op == "Mean")
    for (double& x : sum.at) x /= count;
  s.out.at = std::move(sum.at);
}

void concat(Step& s) {
  const Shape& shape = s.out.shape;
  const auto axis = static_cast<std::size_t>(*front_axis(int_of(s.node, "axis", 0), shape.size()));
  std::int64_t start = 0;
  for (const Array& part : s.in) {
    each(part.shape, [&](const Index& index, std::size_t at) {
      Index to = index;
      to[axis] += start;
      s.out.at[flat(shape, to)] = part.at[at];
    });
    start += part.shape[axis];
  }
}

void transpose(Step& s) {
  const auto perm = ints_of(s.node, "perm");
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    Index from(index.size());
    for (std::size_t i = 0; i < perm.size(); ++i)
      from[static_cast<std::size_t>(perm[i])] = index[i];
    s.out.at[at] = s.in[0].at[flat(s.in[0].shape, from)];
  });
}

void slice(Step& s) {
  const auto ranges = *ranges_of(s.node, s.in[0].shape);
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    Index from = index;
    for (std::size_t i = 0; i < from.size(); ++i)
      from[i] = ranges[i].start + index[i] * ranges[i].step;
    s.out.at[at] = s.in[0].at[flat(s.in[0].shape, from)];
  });
}

void pad(Step& s) {
  const Shape& shape = s.in[0].shape;
  const auto pads = ints_of(s.node, "pads");
  const std::string mode = string_of(s.node, "mode", "constant");
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    Index from = index;
    bool inside = true;
    for (std::size_t i = 0; i < from.size(); ++i) {
      from[i] -= pads[i];
      if (mode == "edge") from[i] = std::clamp<std::int64_t>(from[i], 0, shape[i] - 1);
      if (mode == "reflect" && from[i] < 0) from[i] = -from[i];
      if (mode == "reflect" && from[i] >= shape[i]) from[i] = 2 * (shape[i] - 1) - from[i];
      inside = inside && from[i] >= 0 && from[i] < shape[i];
    }
    s.out.at[at] = inside ? s.in[0].at[flat(shape, from)] : float_of(s.node, "value", 0);
  });
}

void gather(Step& s) {
  const Shape &x = s.in[0].shape, &i = s.in[1].shape;
  const auto axis = static_cast<std::size_t>(*front_axis(int_of(s.node, "axis", 0), x.size()));
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    const auto begin = index.begin() + static_cast<std::ptrdiff_t>(axis);
    const auto end = begin + static_cast<std::ptrdiff_t>(i.size());
    auto row = static_cast<std::int64_t>(s.in[1].at[flat(i, Index(begin, end))]);
    if (row < 0) row += x[axis];
    Index from(index.begin(), begin);
    from.push_back(row);
    from.insert(from.end(), end, index.end());
    s.out.at[at] = s.in[0].at[flat(x, from)];
  });
}

double source_of(double to, double scale, std::int64_t in, std::int64_t out, const Node& node) {
  const std::string mode = string_of(node, "coordinate_transformation_mode", "half_pixel");
  if (mode == "asymmetric") return to / scale;
  if (mode == "align_corners")
    return out == 1 ? 0 : to * static_cast<double>(in - 1) / static_cast<double>(out - 1);
  if (mode == "pytorch_half_pixel" && out == 1) return 0;
  return (to + 0.5) / scale - 0.5;
}
double nearest(double x, const Node& node) {
  const std::string mode = string_of(node, "nearest_mode", "round_prefer_floor");
  if (mode == "floor") return std::floor(x);
  if (mode == "ceil") return std::ceil(x);
  return mode == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5);
}

void resize(Step& s) {
  const Shape& shape = s.in[0].shape;
  const auto scales = attribute_or<std::vector<float>>(s.node, "scales", {});
  const bool linear = string_of(s.node, "mode", "nearest") == "linear";
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    std::vector<double> place(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i)
      place[i] = source_of(double(index[i]), scales[i], shape[i], s.out.shape[i], s.node);
    double sum = 0;  // over the corners around the place; only the first for nearest
    for (std::size_t corner = 0; corner < (linear ? std::size_t{1} << shape.size() : 1); ++corner) {
      Index from(shape.size());
      double weight = 1;
      for (std::size_t i = 0; i < shape.size(); ++i) {
        const double low = linear ? std::floor(place[i]) : nearest(place[i], s.node);
        const bool high = (corner >> i & 1) != 0;
        if (linear) weight *= high ? place[i] - low : 1 - (place[i] - low);
        from[i] = std::clamp<std::int64_t>(std::int64_t(low) + high, 0, shape[i] - 1);
      }
      if (weight != 0) sum += weight * s.in[0].at[flat(shape, from)];
    }
    s.out.at[at] = sum;
  });
}

void expand(Step& s) {
  each(s.out.shape,
       [&](const Index& index, std::size_t at) { s.out.at[at] = spread(s.in[0], index); });
}
void tile(Step& s) {
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    Index from = index;
    for (std::size_t i = 0; i < from.size(); ++i) from[i] %= s.in[0].shape[i];
    s.out.at[at] = s.in[0].at[flat(s.in[0].shape, from)];
  });
}
void where(Step& s) {
  each(s.out.shape, [&](const Index& index, std::size_t at) {
    s.out.at[at] = spread(s.in[spread(s.in[0], index) != 0 ? 1 : 2], index);
  });
}
void reshape(Step& s) { s.out.at = s.in[0].at; }

const std::map<std::string, void (*)(Step&)> kSteps = {
    {"Conv", conv},
    {"ConvTranspose", conv_transpose},
    {"MaxPool", pool},
    {"AveragePool", pool},
    {"GlobalAveragePool", global_pool},
    {"GlobalMaxPool", global_pool},
    {"Gemm", gemm},
    {"MatMul", matmul},
    {"Softmax", softmax},
    {"LogSoftmax", softmax},
    {"LRN", lrn},
    {"BatchNormalization", batch_norm},
    {"InstanceNormalization", normalise},
    {"LayerNormalization", normalise},
    {"ReduceMean", reduce},
    {"ReduceSum", reduce},
    {"ReduceMax", reduce},
    {"ReduceMin", reduce},
    {"Concat", concat},
    {"Transpose", transpose},
    {"Slice", slice},
    {"Pad", pad},
    {"Gather", gather},
    {"Resize", resize},
    {"Expand", expand},
    {"Tile", tile},
    {"Where", where},
    {"Reshape", reshape},
    {"Flatten", reshape},
    {"Squeeze", reshape},
    {"Unsqueeze", reshape},
};

Result<> run_node(const Graph& graph, const Node& node, std::vector<Array>& values) {
  Array& out = values[node.outputs[0].value];
  out = zeros(output_of(graph, node).shape);
  Step step{graph, node, {}, out};
  for (const auto& input : node.inputs)
    if (input) step.in.push_back(values[input->value]);
  if (const auto at = kSteps.find(node.op); at != kSteps.end()) {
    at->second(step);
  } else if (kBinary.count(node.op)) {
    binary(step);
  } else if (const auto unary = kUnary.find(node.op); unary != kUnary.end()) {
    for (std::size_t i = 0; i < out.at.size(); ++i)
      out.at[i] = unary->second(step.in[0].at[i], node);
  } else {
    return fail(Code::UnsupportedOperator, "{}: the reference has no loop", title_of(node));
  }
  activate(step);
  // Integers have no fractions: what a Cast or a Div leaves of them.
  if (is_integer(output_of(graph, node).type))
    for (double& x : out.at) x = std::trunc(x);
  return {};
}

Tensor tensor_of_array(const Array& array, DType type) {
  Tensor tensor = make_tensor(type, array.shape);
  for (std::size_t i = 0; i < array.at.size(); ++i) store_number(tensor, i, array.at[i]);
  return tensor;
}

}  // namespace

Result<std::map<std::string, Tensor>> run(const Graph& graph,
                                          const std::map<std::string, Tensor>& inputs) {
  std::vector<Array> values(graph.values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (graph.values[i].constant) values[i] = array_of(*graph.values[i].constant);
  for (ValueId id : graph.inputs) {
    const auto at = inputs.find(graph.value(id).name);
    if (at == inputs.end())
      return fail(Code::BadInput, "input '{}' is missing", graph.value(id).name);
    values[id.value] = array_of(at->second);
  }
  for (const Node& node : graph.nodes) TRY(run_node(graph, node, values));
  std::map<std::string, Tensor> outputs;
  for (ValueId id : graph.outputs)
    outputs[graph.value(id).name] = tensor_of_array(values[id.value], graph.value(id).type);
  return outputs;
}

Tensor noise(Shape shape, unsigned seed) {
  Tensor tensor = make_tensor(DType::Float32, std::move(shape));
  std::uint32_t state = seed * 2654435761U + 1;
  for (std::size_t i = 0; i < tensor.bytes.size() / 4; ++i) {
    state = state * 1664525U + 1013904223U;  // Numerical Recipes' generator
    store_number(tensor, i, (state >> 8) / 8388608.0 - 1);
  }
  return tensor;
}

Tensor ramp(Shape shape) {
  Tensor tensor = make_tensor(DType::Float32, std::move(shape));
  const std::size_t count = tensor.bytes.size() / 4;
  for (std::size_t i = 0; i < count; ++i)
    store_number(tensor, i, static_cast<float>(i) / static_cast<float>(count));
  return tensor;
}

Distance distance(const Tensor& a, const Tensor& b) {
  Distance d;
  if (a.shape != b.shape) return {std::numeric_limits<double>::infinity(), 0};
  for (std::size_t i = 0; i < static_cast<std::size_t>(count_of(a.shape)); ++i) {
    const double x = number_at(a, i), y = number_at(b, i);
    if (x == y) {  // also equal infinities
      d.scale = std::max(d.scale, std::abs(y));
      continue;
    }
    if (std::isnan(x) && std::isnan(y)) continue;
    const double error = std::abs(x - y);
    d.error =
        std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(d.error, error);
    d.scale = std::max(d.scale, std::abs(y));
  }
  return d;
}

}  // namespace reference
