// SPDX-License-Identifier: Apache-2.0
// Operators along axes: reductions, softmax, order, sums so far.
#include <limits>

#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

template <class T>
T magnitude(T v) {
  if constexpr (std::is_unsigned_v<T>)
    return v;
  else
    return v < T{} ? T{} - v : v;
}

/// What a reduction makes of the elements of one result.
template <class T>
T reduced(std::string_view how, const std::vector<T>& v) {
  T sum{}, product{1}, largest{}, smallest{}, squares{}, sizes{};
  for (std::size_t i = 0; i < v.size(); ++i) {
    sum = static_cast<T>(sum + v[i]);
    product = static_cast<T>(product * v[i]);
    squares = static_cast<T>(squares + v[i] * v[i]);
    sizes = static_cast<T>(sizes + magnitude(v[i]));
    largest = i == 0 || v[i] > largest || v[i] != v[i] ? v[i] : largest;
    smallest = i == 0 || v[i] < smallest || v[i] != v[i] ? v[i] : smallest;
  }
  const auto real = [](T x) { return static_cast<double>(x); };
  if (how == "ReduceSum") return sum;
  if (how == "ReduceMean") return v.empty() ? T{} : static_cast<T>(sum / static_cast<T>(v.size()));
  if (how == "ReduceProd") return product;
  if (how == "ReduceL1") return sizes;
  if (how == "ReduceL2") return static_cast<T>(std::sqrt(real(squares)));
  if (how == "ReduceSumSquare") return squares;
  if (how == "ReduceLogSum") return static_cast<T>(std::log(real(sum)));
  if (how == "ReduceLogSumExp") {
    double powers = 0;
    const double top = std::isfinite(real(largest)) ? real(largest) : 0;
    for (const T x : v) powers += std::exp(real(x) - top);
    return static_cast<T>(std::log(powers) + top);
  }
  if (v.empty()) {  // nothing is smaller than all, or larger
    if constexpr (std::is_same_v<T, double>)
      return how == "ReduceMax" ? -HUGE_VAL : HUGE_VAL;
    else
      return how == "ReduceMax" ? std::numeric_limits<T>::min() : std::numeric_limits<T>::max();
  }
  return how == "ReduceMax" ? largest : smallest;
}

/// Applies `body` to each line of x along an axis, as doubles.
template <class Body>
void lines(Step& s, std::int64_t axis, Body body) {
  const Operand& x = in(s, 0);
  Tensor& out = make(s, 0, x.type, x.shape);
  if (s.only_forms) return;
  std::vector<double> all = widen<double>(x);
  const Around a = around(x.shape, axis);
  std::vector<double> line(a.size);
  for (std::size_t o = 0; o < a.outer; ++o)
    for (std::size_t i = 0; i < a.inner; ++i) {
      for (std::size_t k = 0; k < a.size; ++k) line[k] = all[(o * a.size + k) * a.inner + i];
      body(line);
      for (std::size_t k = 0; k < a.size; ++k) all[(o * a.size + k) * a.inner + i] = line[k];
    }
  narrow(all, out);
}

}  // namespace

void reduce(Step& s) {
  const Operand& x = in(s, 0);
  const auto listed = list(s, 1, "axes");
  Ints axes = listed ? *listed : Ints{};
  if (axes.empty() && integer(s, "noop_with_empty_axes", 0) != 0) return identity(s);
  if (axes.empty())
    for (std::size_t i = 0; i < x.shape.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  axes = fronts(axes, x.shape.size());
  const bool keep = integer(s, "keepdims", 1) != 0;
  Shape to, kept, gone;
  Ints kept_strides, gone_strides;
  const Ints own = strides_of(x.shape);
  for (std::size_t d = 0; d < x.shape.size(); ++d) {
    const bool is_gone = std::count(axes.begin(), axes.end(), static_cast<std::int64_t>(d)) > 0;
    (is_gone ? gone : kept).push_back(x.shape[d]);
    (is_gone ? gone_strides : kept_strides).push_back(own[d]);
    if (!is_gone || keep) to.push_back(is_gone ? 1 : x.shape[d]);
  }
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  in_type(x.type, [&]<class T>(T) {
    const std::vector<T> all = widen<T>(x);
    std::vector<T> group(elements(gone));
    walk(kept, 0, kept_strides, [&](std::size_t at, std::size_t from) {
      walk(gone, static_cast<std::int64_t>(from), gone_strides,
           [&](std::size_t k, std::size_t place) { group[k] = all[place]; });
      put<T>(out.bytes, out.type, at, reduced<T>(s.op, group));
    });
  });
}

void softmax(Step& s) {
  const Operand& x = in(s, 0);
  require(!x.shape.empty(), "the input is a scalar");
  const bool flat = s.opset > 0 && s.opset < 13;  // over all axes from `axis` on
  const std::int64_t axis = front(integer(s, "axis", flat ? 1 : -1), x.shape.size());
  const Shape shape = x.shape;
  Operand flattened = x;
  if (flat)
    flattened.shape = {product(shape, 0, static_cast<std::size_t>(axis)),
                       product(shape, static_cast<std::size_t>(axis), shape.size())};
  s.inputs[0] = &flattened;
  const bool logarithm = s.op == "LogSoftmax", hard = s.op == "Hardmax";
  lines(s, flat ? 1 : axis, [&](std::vector<double>& v) {
    if (v.empty()) return;
    const auto top = std::max_element(v.begin(), v.end());
    const double largest = *top;
    if (hard) {
      const auto at = top - v.begin();
      std::fill(v.begin(), v.end(), 0.0);
      v[static_cast<std::size_t>(at)] = 1;
      return;
    }
    double sum = 0;
    for (const double e : v) sum += std::exp(e - largest);
    for (double& e : v) e = logarithm ? e - largest - std::log(sum) : std::exp(e - largest) / sum;
  });
  s.out[0].shape = shape;
}

void lp_normalization(Step& s) {
  const double p = static_cast<double>(integer(s, "p", 2));
  lines(s, front(integer(s, "axis", -1), in(s, 0).shape.size()), [&](std::vector<double>& v) {
    double sum = 0;
    for (const double e : v) sum += p == 1 ? std::fabs(e) : e * e;
    const double norm = p == 1 ? sum : std::sqrt(sum);
    for (double& e : v) e = norm == 0 ? 0 : e / norm;
  });
}

void arg(Step& s) {
  const Operand& x = in(s, 0);
  const std::int64_t axis = front(integer(s, "axis", 0), x.shape.size());
  Shape to = x.shape;
  if (integer(s, "keepdims", 1) != 0)
    to[static_cast<std::size_t>(axis)] = 1;
  else
    to.erase(to.begin() + axis);
  Tensor& out = make(s, 0, DType::Int64, to);
  if (s.only_forms) return;
  const bool last = integer(s, "select_last_index", 0) != 0, most = s.op == "ArgMax";
  const Around a = around(x.shape, axis);
  require(a.size > 0, "an empty axis has no largest element");
  in_type(x.type, [&]<class T>(T) {
    const auto all = widen<T>(x);
    for (std::size_t o = 0; o < a.outer; ++o)
      for (std::size_t i = 0; i < a.inner; ++i) {
        std::size_t best = 0;
        const auto at = [&](std::size_t k) { return all[(o * a.size + k) * a.inner + i]; };
        for (std::size_t k = 1; k < a.size; ++k)
          if ((most ? at(k) > at(best) : at(k) < at(best)) || (last && at(k) == at(best))) best = k;
        put<std::int64_t>(out.bytes, out.type, o * a.inner + i, static_cast<std::int64_t>(best));
      }
  });
}

void top_k(Step& s) {
  const Operand& x = in(s, 0);
  const Ints ks = list(s, 1, "k").value_or(Ints{});
  const std::int64_t axis = front(integer(s, "axis", -1), x.shape.size());
  Shape to = x.shape;
  std::int64_t& dim = to[static_cast<std::size_t>(axis)];
  require(ks.size() == 1 && ks[0] >= 0 && ks[0] <= dim, "k does not fit");
  dim = ks[0];
  make(s, 0, x.type, to);
  make(s, 1, DType::Int64, to);
  if (s.only_forms) return;
  const bool most = integer(s, "largest", 1) != 0;
  const Around a = around(x.shape, axis);
  in_type(x.type, [&]<class T>(T) {
    const auto all = widen<T>(x);
    std::vector<std::size_t> order(a.size);
    for (std::size_t o = 0; o < a.outer; ++o)
      for (std::size_t i = 0; i < a.inner; ++i) {
        const auto at = [&](std::size_t k) { return all[(o * a.size + k) * a.inner + i]; };
        for (std::size_t k = 0; k < a.size; ++k) order[k] = k;
        std::stable_sort(order.begin(), order.end(), [&](std::size_t p, std::size_t q) {
          return most ? at(p) > at(q) : at(p) < at(q);
        });
        for (std::size_t k = 0; k < static_cast<std::size_t>(ks[0]); ++k) {
          const std::size_t place = (o * static_cast<std::size_t>(ks[0]) + k) * a.inner + i;
          copy_element(x.bytes, (o * a.size + order[k]) * a.inner + i, s.out[0], place);
          put<std::int64_t>(s.out[1].bytes, DType::Int64, place,
                            static_cast<std::int64_t>(order[k]));
        }
      }
  });
}

void cumulative(Step& s) {
  const Operand& x = in(s, 0);
  const Ints axes = list(s, 1, "axis").value_or(Ints{0});
  require(axes.size() == 1, "axis is no number");
  Tensor& out = make(s, 0, x.type, x.shape);
  const std::int64_t axis = front(axes[0], x.shape.size());
  if (s.only_forms) return;
  const bool exclusive = integer(s, "exclusive", 0) != 0, back = integer(s, "reverse", 0) != 0;
  const bool multiplies = s.op == "CumProd";
  const Around a = around(x.shape, axis);
  in_type(x.type, [&]<class T>(T) {
    std::vector<T> all = widen<T>(x);
    for (std::size_t o = 0; o < a.outer; ++o)
      for (std::size_t i = 0; i < a.inner; ++i) {
        T sum = multiplies ? T{1} : T{};
        for (std::size_t k = 0; k < a.size; ++k) {
          T& v = all[(o * a.size + (back ? a.size - 1 - k : k)) * a.inner + i];
          const T next = static_cast<T>(multiplies ? sum * v : sum + v);
          v = exclusive ? sum : next;
          sum = next;
        }
      }
    narrow(all, out);
  });
}

}  // namespace neuron::cpu
