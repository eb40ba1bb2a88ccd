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

/// The last two axes the other way round.
Shape swapped(Shape shape) {
  std::swap(shape[shape.size() - 1], shape[shape.size() - 2]);
  return shape;
}
template <class T>
std::vector<T> swapped(const Operand& x) {
  const std::vector<T> from = widen<T>(x);
  const auto rows = static_cast<std::size_t>(x.shape[x.shape.size() - 2]),
             columns = static_cast<std::size_t>(x.shape.back());
  std::vector<T> out(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t matrix = i / (rows * columns), r = i / columns % rows, c = i % columns;
    out[matrix * rows * columns + c * rows + r] = from[i];
  }
  return out;
}

template <class T>
void scale(std::vector<T>& values, float by) {
  if (by == 1) return;
  for (T& v : values) v = static_cast<T>(by * static_cast<double>(v));
}

}  // namespace

void matmul(Step& s) {
  const Operand &a = in(s, 0), &b = in(s, 1);
  require(a.type == b.type, "factors are of different types");
  const bool turned = integer(s, "transB", 0) != 0;  // a form of the compiler's graph
  require(!turned || b.shape.size() > 1, "a vector has no other side");
  const Factors f = factors_of(a.shape, turned ? swapped(b.shape) : b.shape);
  Tensor& out = make(s, 0, a.type, f.result);
  if (s.only_forms) return;
  in_type(a.type, [&]<class T>(T) {
    narrow(product_of<T>(f, widen<T>(a), turned ? swapped<T>(b) : widen<T>(b)), out);
  });
}

void gemm(Step& s) {
  const Operand &a = in(s, 0), &b = in(s, 1);
  require(a.shape.size() == 2 && b.shape.size() == 2, "factors are no matrices");
  const bool ta = integer(s, "transA", 0) != 0, tb = integer(s, "transB", 0) != 0;
  const Factors f = factors_of(ta ? swapped(a.shape) : a.shape, tb ? swapped(b.shape) : b.shape);
  Tensor& out = make(s, 0, a.type, f.result);
  if (has(s, 2))
    require(broadcast(out.shape, in(s, 2).shape) == out.shape, "the addend does not fit");
  if (s.only_forms) return;
  in_type(a.type, [&]<class T>(T) {
    std::vector<T> sum =
        product_of<T>(f, ta ? swapped<T>(a) : widen<T>(a), tb ? swapped<T>(b) : widen<T>(b));
    scale(sum, real(s, "alpha", 1));
    if (has(s, 2)) {
      std::vector<T> addend = widen<T>(in(s, 2));
      scale(addend, real(s, "beta", 1));
      walk(out.shape, 0, spread_strides(in(s, 2).shape, out.shape),
           [&](std::size_t to, std::size_t from) {
             sum[to] = static_cast<T>(sum[to] + addend[from]);
           });
    }
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
