// SPDX-License-Identifier: Apache-2.0
// Matrix products, determinants.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// [batch..., rows, columns] of a factor; a vector is a row or a column.
struct Factors {
  Shape a, b, batch, result;
};

Factors factors_of(const Shape& left, const Shape& right) {
  require(!left.empty() && !right.empty(), "a factor is a scalar");
  Factors f{left, right, {}, {}};
  if (left.size() == 1) f.a.insert(f.a.begin(), 1);
  if (right.size() == 1) f.b.push_back(1);
  if (f.a.back() != f.b[f.b.size() - 2])
    refuse("shapes ", text_of_shape(left), " and ", text_of_shape(right), " do not multiply");
  f.batch = broadcast(Shape(f.a.begin(), f.a.end() - 2), Shape(f.b.begin(), f.b.end() - 2));
  f.result = f.batch;
  if (left.size() > 1) f.result.push_back(f.a[f.a.size() - 2]);
  if (right.size() > 1) f.result.push_back(f.b.back());
  return f;
}

template <class T>
void multiply(const T* a, const T* b, T* to, std::size_t rows, std::size_t inner,
              std::size_t columns) {
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t k = 0; k < inner; ++k) {
      const T factor = a[r * inner + k];
      for (std::size_t c = 0; c < columns; ++c)
        to[r * columns + c] = static_cast<T>(to[r * columns + c] + factor * b[k * columns + c]);
    }
}

template <class T>
std::vector<T> product_of(const Factors& f, const std::vector<T>& a, const std::vector<T>& b) {
  const auto rows = static_cast<std::size_t>(f.a[f.a.size() - 2]);
  const auto inner = static_cast<std::size_t>(f.a.back()),
             columns = static_cast<std::size_t>(f.b.back());
  std::vector<T> out(elements(f.batch) * rows * columns);
  const Shape batch_a(f.a.begin(), f.a.end() - 2), batch_b(f.b.begin(), f.b.end() - 2);
  std::vector<std::size_t> from(elements(f.batch));
  walk(f.batch, 0, spread_strides(batch_a, f.batch),
       [&](std::size_t i, std::size_t at) { from[i] = at; });
  walk(f.batch, 0, spread_strides(batch_b, f.batch), [&](std::size_t i, std::size_t at) {
    multiply(a.data() + from[i] * rows * inner, b.data() + at * inner * columns,
             out.data() + i * rows * columns, rows, inner, columns);
  });
  return out;
}

}  // namespace

void matmul(Step& s) {
  const Operand &a = in(s, 0), &b = in(s, 1);
  require(a.type == b.type, "factors are of different types");
  const Factors f = factors_of(a.shape, b.shape);
  Tensor& out = make(s, 0, a.type, f.result);
  if (s.only_forms) return;
  in_type(a.type, [&]<class T>(T) { narrow(product_of<T>(f, widen<T>(a), widen<T>(b)), out); });
}

void gemm(Step& s) {
  const Operand &a = in(s, 0), &b = in(s, 1);
  require(a.shape.size() == 2 && b.shape.size() == 2, "factors are no matrices");
  const bool ta = integer(s, "transA", 0) != 0, tb = integer(s, "transB", 0) != 0;
  const auto rows = static_cast<std::size_t>(a.shape[ta]),
             inner = static_cast<std::size_t>(a.shape[!ta]);
  const auto columns = static_cast<std::size_t>(b.shape[!tb]);
  require(b.shape[tb] == a.shape[!ta], "factors do not multiply");
  Tensor& out = make(s, 0, a.type, {a.shape[ta], b.shape[!tb]});
  if (has(s, 2))
    require(broadcast(out.shape, in(s, 2).shape) == out.shape, "the addend does not fit");
  if (s.only_forms) return;
  in_type(a.type, [&]<class T>(T) {
    const std::vector<T> x = widen<T>(a), y = widen<T>(b);
    std::vector<T> sum(rows * columns);
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t k = 0; k < inner; ++k)
        for (std::size_t c = 0; c < columns; ++c)
          sum[r * columns + c] =
              static_cast<T>(sum[r * columns + c] + x[ta ? k * rows + r : r * inner + k] *
                                                        y[tb ? c * inner + k : k * columns + c]);
    const float alpha = real(s, "alpha", 1), beta = real(s, "beta", 1);
    for (T& v : sum) v = alpha == 1 ? v : static_cast<T>(alpha * static_cast<double>(v));
    if (has(s, 2))
      walk(out.shape, 0, spread_strides(in(s, 2).shape, out.shape),
           [&](std::size_t to, std::size_t from) {
             const T c = get<T>(in(s, 2).bytes, in(s, 2).type, from);
             sum[to] = static_cast<T>(
                 sum[to] + (beta == 1 ? c : static_cast<T>(beta * static_cast<double>(c))));
           });
    narrow(sum, out);
  });
}

void determinant(Step& s) {
  const Operand& x = in(s, 0);
  const std::size_t rank = x.shape.size();
  require(rank >= 2 && x.shape[rank - 1] == x.shape[rank - 2], "the matrix is not square");
  Tensor& out = make(s, 0, x.type, Shape(x.shape.begin(), x.shape.end() - 2));
  if (s.only_forms) return;
  const auto n = static_cast<std::size_t>(x.shape.back());
  std::vector<double> m = widen<double>(x);
  for (std::size_t at = 0; at < elements(out.shape); ++at) {
    double* a = m.data() + at * n * n;
    double result = 1;
    for (std::size_t c = 0; c < n; ++c) {
      std::size_t pivot = c;
      for (std::size_t r = c + 1; r < n; ++r)
        if (std::fabs(a[r * n + c]) > std::fabs(a[pivot * n + c])) pivot = r;
      if (pivot != c) {
        std::swap_ranges(a + pivot * n, a + pivot * n + n, a + c * n);
        result = -result;
      }
      result *= a[c * n + c];
      for (std::size_t r = c + 1; r < n && a[c * n + c] != 0; ++r) {
        const double factor = a[r * n + c] / a[c * n + c];
        for (std::size_t k = c; k < n; ++k) a[r * n + k] -= factor * a[c * n + k];
      }
    }
    put<double>(out.bytes, out.type, at, result);
  }
}

}  // namespace neuron::cpu
