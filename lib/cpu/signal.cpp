// SPDX-License-Identifier: Apache-2.0
// Operators of signal processing: transforms, windows, banks of filters.
#include <complex>
#include <numbers>

#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

using Complex = std::complex<double>;

/// The transform of any length, by its definition for lengths that are no power of two.
std::vector<Complex> transform(std::vector<Complex> x, bool inverse) {
  const std::size_t n = x.size();
  const double turn =
      (inverse ? 2 : -2) * std::numbers::pi / static_cast<double>(std::max<std::size_t>(n, 1));
  std::vector<Complex> out(n);
  if (n <= 1 || n % 2 != 0) {
    for (std::size_t k = 0; k < n; ++k)
      for (std::size_t i = 0; i < n; ++i)
        out[k] += x[i] * std::polar(1.0, turn * static_cast<double>(k * i % n));
    return out;
  }
  std::vector<Complex> even, odd;
  for (std::size_t i = 0; i < n; ++i) (i % 2 ? odd : even).push_back(x[i]);
  even = transform(std::move(even), inverse);
  odd = transform(std::move(odd), inverse);
  for (std::size_t k = 0; k < n / 2; ++k) {
    const Complex turned = std::polar(1.0, turn * static_cast<double>(k)) * odd[k];
    out[k] = even[k] + turned;
    out[k + n / 2] = even[k] - turned;
  }
  return out;
}

/// How a DFT reads its input and what it makes of it.
struct Spectrum {
  std::size_t axis = 0;
  bool inverse = false, to_reals = false;
  std::int64_t whole = 0;  ///< length of the transform
  Shape to;
};

Spectrum spectrum_of(const Step& s, const Operand& x) {
  const std::size_t rank = x.shape.size();
  require(rank >= 2 && (x.shape.back() == 1 || x.shape.back() == 2),
          "the last axis holds no real or complex numbers");
  const Ints axes = s.opset >= 20 && has(s, 2) ? integers(in(s, 2))
                                               : Ints{integer(s, "axis", s.opset >= 20 ? -2 : 1)};
  require(axes.size() == 1, "axis is no number");
  Spectrum out;
  out.axis = static_cast<std::size_t>(front(axes[0], rank));
  require(out.axis + 1 < rank, "the last axis cannot be transformed");
  const bool half = integer(s, "onesided", 0) != 0;
  out.inverse = integer(s, "inverse", 0) != 0;
  out.to_reals = out.inverse && half;
  const std::int64_t length = has(s, 1) ? integers(in(s, 1)).at(0) : x.shape[out.axis];
  out.whole = out.to_reals && !has(s, 1) ? 2 * (x.shape[out.axis] - 1) : length;
  require(out.whole > 0, "a transform of no elements");
  out.to = x.shape;
  out.to[out.axis] = half && !out.inverse ? length / 2 + 1 : out.whole;
  out.to.back() = out.to_reals ? 1 : 2;
  return out;
}

/// A line of the input along the axis, from element `at` on, `step` elements apart; the half that
/// reals leave out is filled in.
std::vector<Complex> line_of(const Spectrum& spectrum, const std::vector<double>& all,
                             std::size_t at, std::size_t step, std::size_t size,
                             std::size_t parts) {
  const auto n = static_cast<std::size_t>(spectrum.whole);
  std::vector<Complex> line(n);
  for (std::size_t k = 0; k < std::min(size, n); ++k) {
    const std::size_t from = (at + k * step) * parts;
    line[k] = {all[from], parts == 2 ? all[from + 1] : 0};
  }
  if (spectrum.to_reals)
    for (std::size_t k = n / 2 + 1; k < n; ++k) line[k] = std::conj(line[n - k]);
  return line;
}

}  // namespace

void dft(Step& s) {
  const Operand& x = in(s, 0);
  const Spectrum spectrum = spectrum_of(s, x);
  const Shape& to = spectrum.to;
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const std::vector<double> all = widen<double>(x);
  const auto parts = static_cast<std::size_t>(x.shape.back()),
             results = static_cast<std::size_t>(to.back());
  const auto outer = static_cast<std::size_t>(product(to, 0, spectrum.axis));
  const auto inner = static_cast<std::size_t>(product(to, spectrum.axis + 1, to.size() - 1));
  const auto size = static_cast<std::size_t>(x.shape[spectrum.axis]),
             count = static_cast<std::size_t>(to[spectrum.axis]);
  const double by = spectrum.inverse ? 1 / static_cast<double>(spectrum.whole) : 1;
  for (std::size_t o = 0; o < outer; ++o)
    for (std::size_t i = 0; i < inner; ++i) {
      const std::vector<Complex> line = transform(
          line_of(spectrum, all, o * size * inner + i, inner, size, parts), spectrum.inverse);
      for (std::size_t k = 0; k < count; ++k) {
        const std::size_t at = ((o * count + k) * inner + i) * results;
        put<double>(out.bytes, out.type, at, line[k].real() * by);
        if (results == 2) put<double>(out.bytes, out.type, at + 1, line[k].imag() * by);
      }
    }
}

void stft(Step& s) {
  const Operand& x = in(s, 0);
  require(x.shape.size() >= 2, "a signal [batch, length, 1 or 2] is expected");
  const std::int64_t step = integers(in(s, 1))[0];
  const std::int64_t length = has(s, 3) ? integers(in(s, 3))[0] : in(s, 2).shape.at(0);
  const bool half = integer(s, "onesided", 1) != 0;
  require(step > 0 && length > 0 && length <= x.shape[1], "frames do not fit the signal");
  const std::int64_t frames = (x.shape[1] - length) / step + 1,
                     bins = half ? length / 2 + 1 : length;
  Tensor& out = make(s, 0, x.type, {x.shape[0], frames, bins, 2});
  if (s.only_forms) return;
  const std::vector<double> all = widen<double>(x);
  const std::vector<double> window = has(s, 2)
                                         ? widen<double>(in(s, 2))
                                         : std::vector<double>(static_cast<std::size_t>(length), 1);
  require(window.size() == static_cast<std::size_t>(length), "the window has another length");
  const std::int64_t parts = x.shape.size() > 2 ? x.shape[2] : 1;
  std::size_t next = 0;
  for (std::int64_t b = 0; b < x.shape[0]; ++b)
    for (std::int64_t f = 0; f < frames; ++f) {
      std::vector<Complex> line;
      for (std::int64_t i = 0; i < length; ++i) {
        const auto at = static_cast<std::size_t>((b * x.shape[1] + f * step + i) * parts);
        line.push_back(Complex(all[at], parts == 2 ? all[at + 1] : 0) *
                       window[static_cast<std::size_t>(i)]);
      }
      line = transform(std::move(line), false);
      for (std::int64_t k = 0; k < bins; ++k) {
        put<double>(out.bytes, out.type, next++, line[static_cast<std::size_t>(k)].real());
        put<double>(out.bytes, out.type, next++, line[static_cast<std::size_t>(k)].imag());
      }
    }
}

void window(Step& s) {
  const std::int64_t size = integers(in(s, 0)).at(0);
  const DType type = declared(
      s, 0,
      static_cast<DType>(integer(s, "output_datatype", static_cast<std::int64_t>(DType::Float32))));
  Tensor& out = make(s, 0, type, {size});
  if (s.only_forms) return;
  struct Row {
    std::string_view op;
    double a0, a1, a2;
  };
  constexpr Row kRows[] = {{"HannWindow", 0.5, 0.5, 0},
                           {"HammingWindow", 25.0 / 46, 21.0 / 46, 0},
                           {"BlackmanWindow", 0.42, 0.5, 0.08}};
  const auto row =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const Row& r) { return r.op == s.op; });
  const double period = static_cast<double>(integer(s, "periodic", 1) != 0 ? size : size - 1);
  for (std::int64_t i = 0; i < size; ++i) {
    const double turn = 2 * std::numbers::pi * static_cast<double>(i) / period;
    put<double>(out.bytes, type, static_cast<std::size_t>(i),
                row->a0 - row->a1 * std::cos(turn) + row->a2 * std::cos(2 * turn));
  }
}

void mel_weights(Step& s) {
  const auto number = [&](std::size_t i) { return numbers(in(s, i)).at(0); };
  const auto bins = static_cast<std::int64_t>(number(0)),
             length = static_cast<std::int64_t>(number(1));
  const double rate = number(2), low = number(3), high = number(4);
  require(bins >= 0 && length > 0 && bins < 1 << 20 && length < 1 << 24 && rate > 0,
          "sizes do not fit");
  const std::int64_t rows = length / 2 + 1;
  const DType type = declared(
      s, 0,
      static_cast<DType>(integer(s, "output_datatype", static_cast<std::int64_t>(DType::Float32))));
  Tensor& out = make(s, 0, type, {rows, bins});
  if (s.only_forms) return;
  const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
  const double first = mel(low), step = (mel(high) - first) / static_cast<double>(bins + 2);
  Ints edges;
  for (std::int64_t i = 0; i < bins + 2; ++i) {
    const double hertz = 700 * (std::pow(10, (first + static_cast<double>(i) * step) / 2595) - 1);
    edges.push_back(
        static_cast<std::int64_t>(std::floor(static_cast<double>(length + 1) * hertz / rate)));
  }
  for (std::int64_t b = 0; b < bins; ++b) {
    const auto at = static_cast<std::size_t>(b);
    const std::int64_t from = edges[at], top = edges[at + 1], to = edges[at + 2];
    const auto set = [&](std::int64_t row, double value) {
      if (row >= 0 && row < rows)
        put<double>(out.bytes, type, static_cast<std::size_t>(row * bins + b), value);
    };
    set(top, 1);
    for (std::int64_t i = from; i < top; ++i)
      set(i, static_cast<double>(i - from) / static_cast<double>(top - from));
    for (std::int64_t i = top; i < to; ++i)
      set(i, static_cast<double>(to - i) / static_cast<double>(to - top));
  }
}

/// Counts of n-grams of integers, with gaps of up to max_skip_count.
void tf_idf(Step& s) {
  const Operand& x = in(s, 0);
  const Ints starts = attribute<Ints>(s, "ngram_counts", {}),
             places = attribute<Ints>(s, "ngram_indexes", {});
  const Ints pool = attribute<Ints>(s, "pool_int64s", {});
  const auto weights = attribute<std::vector<float>>(s, "weights", {});
  if (pool.empty() || x.shape.empty() || x.shape.size() > 2) refuse("n-grams of strings");
  const std::int64_t width =
      places.empty() ? 0 : *std::max_element(places.begin(), places.end()) + 1;
  Shape to = x.shape;
  to.back() = width;
  Tensor& out = make(s, 0, DType::Float32, to);
  if (s.only_forms) return;
  const std::string mode = word(s, "mode", "TF");
  const std::int64_t least = integer(s, "min_gram_length", 1),
                     most = integer(s, "max_gram_length", 1);
  const std::int64_t skips = integer(s, "max_skip_count", 0);
  const Ints all = widen<std::int64_t>(x);
  const std::int64_t row = x.shape.back(),
                     rows = row == 0 ? 0 : static_cast<std::int64_t>(all.size()) / row;
  std::vector<double> counts(elements(to));
  std::size_t gram = 0;
  for (std::size_t n = 1; n <= starts.size(); ++n) {
    const auto begin = static_cast<std::size_t>(starts[n - 1]);
    const std::size_t end = n < starts.size() ? static_cast<std::size_t>(starts[n]) : pool.size();
    for (std::size_t g = begin; g + n <= end && end <= pool.size(); g += n, ++gram) {
      const auto length = static_cast<std::int64_t>(n);
      if (length < least || length > most) continue;
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t gap = 1; gap <= (n == 1 ? 1 : skips + 1); ++gap)
          for (std::int64_t at = 0; at + (length - 1) * gap < row; ++at) {
            bool equal = true;
            for (std::int64_t k = 0; k < length && equal; ++k)
              equal = all[static_cast<std::size_t>(r * row + at + k * gap)] ==
                      pool[g + static_cast<std::size_t>(k)];
            if (equal) ++counts.at(static_cast<std::size_t>(r * width + places.at(gram)));
          }
    }
  }
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto column = static_cast<std::int64_t>(i) % width;
    const auto at =
        static_cast<std::size_t>(std::find(places.begin(), places.end(), column) - places.begin());
    const double weight = mode != "TF" && at < weights.size() ? weights[at] : 1;
    put<double>(out.bytes, out.type, i,
                (mode == "IDF" ? (counts[i] > 0 ? 1 : 0) : counts[i]) * weight);
  }
}

}  // namespace neuron::cpu
