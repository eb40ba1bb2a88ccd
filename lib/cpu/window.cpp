// SPDX-License-Identifier: Apache-2.0
// Operators that look through windows: convolutions and pools of any number of axes.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// The windows of one operator over the spatial axes of [n, c, spatial...].
struct Windows {
  Ints size, kernel, stride, dilation, begin, end, steps;
  std::size_t axes() const { return size.size(); }
};

Ints filled(const Step& s, const char* name, std::size_t axes, std::int64_t value) {
  Ints out = attribute<Ints>(s, name, {});
  if (out.empty()) out.assign(axes, value);
  require(out.size() == axes, "a list has not one number an axis");
  return out;
}

Windows windows_of(const Step& s, const Shape& x, Ints kernel) {
  require(x.size() >= 3 || x.size() == 2, "no spatial axes");
  Windows w;
  w.size.assign(x.begin() + 2, x.end());
  w.kernel = std::move(kernel);
  require(w.kernel.size() == w.axes(), "the kernel has other axes than the image");
  w.stride = filled(s, "strides", w.axes(), 1);
  w.dilation = filled(s, "dilations", w.axes(), 1);
  const Ints pads = filled(s, "pads", 2 * w.axes(), 0);
  const std::string automatic = word(s, "auto_pad", "NOTSET");
  const bool ceiling = integer(s, "ceil_mode", 0) != 0;
  for (std::size_t d = 0; d < w.axes(); ++d) {
    require(w.kernel[d] > 0 && w.stride[d] > 0 && w.dilation[d] > 0, "a window is empty");
    const std::int64_t reach = (w.kernel[d] - 1) * w.dilation[d] + 1;
    std::int64_t begin = pads[d], end = pads[w.axes() + d];
    if (automatic == "VALID") begin = end = 0;
    if (automatic.starts_with("SAME")) {
      const std::int64_t steps = (w.size[d] + w.stride[d] - 1) / w.stride[d];
      const std::int64_t all =
          std::max<std::int64_t>(0, (steps - 1) * w.stride[d] + reach - w.size[d]);
      begin = automatic == "SAME_UPPER" ? all / 2 : all - all / 2;
      end = all - begin;
    }
    const std::int64_t room = w.size[d] + begin + end - reach;
    std::int64_t steps = room < 0 ? 0 : (room + (ceiling ? w.stride[d] - 1 : 0)) / w.stride[d] + 1;
    if (ceiling && steps > 0 && (steps - 1) * w.stride[d] >= w.size[d] + begin) --steps;
    w.begin.push_back(begin);
    w.end.push_back(end);
    w.steps.push_back(steps);
  }
  return w;
}

Ints unravel(std::size_t at, const Ints& shape) {
  Ints out(shape.size());
  auto rest = static_cast<std::int64_t>(at);
  for (std::size_t d = shape.size(); d-- > 0; rest /= shape[d]) out[d] = rest % shape[d];
  return out;
}

/// Calls body(place in the window, place in the image or -1 in the padding) for one step.
template <class Body>
void look(const Windows& w, const Ints& step, Body body) {
  const std::size_t count = elements(w.kernel);
  for (std::size_t k = 0; k < count; ++k) {
    const Ints at = unravel(k, w.kernel);
    std::int64_t place = 0;
    for (std::size_t d = 0; d < w.axes() && place >= 0; ++d) {
      const std::int64_t i = step[d] * w.stride[d] - w.begin[d] + at[d] * w.dilation[d];
      place = i < 0 || i >= w.size[d] ? -1 : place * w.size[d] + i;
    }
    body(k, place);
  }
}

/// Places of the padded image that a window covers: what an average counts with its pads.
std::int64_t padded_count(const Windows& w, const Ints& step) {
  std::int64_t count = 1;
  for (std::size_t d = 0; d < w.axes(); ++d) {
    std::int64_t inside = 0;
    for (std::int64_t k = 0; k < w.kernel[d]; ++k)
      inside += step[d] * w.stride[d] + k * w.dilation[d] < w.size[d] + w.begin[d] + w.end[d];
    count *= inside;
  }
  return count;
}

Shape with_steps(std::int64_t n, std::int64_t c, const Ints& steps) {
  Shape shape{n, c};
  shape.insert(shape.end(), steps.begin(), steps.end());
  return shape;
}

}  // namespace

void conv(Step& s) {
  const Operand &x = in(s, 0), &weights = in(s, 1);
  require(weights.shape.size() == x.shape.size() && x.type == weights.type, "weights do not fit");
  const Windows w = windows_of(s, x.shape, Ints(weights.shape.begin() + 2, weights.shape.end()));
  const std::int64_t groups = integer(s, "group", 1), outs = weights.shape[0],
                     ins = weights.shape[1];
  require(groups > 0 && ins * groups == x.shape[1] && outs % groups == 0, "channels do not fit");
  Tensor& out = make(s, 0, x.type, with_steps(x.shape[0], outs, w.steps));
  if (s.only_forms) return;
  const std::vector<double> image = widen<double>(x), kernel = widen<double>(weights);
  const std::vector<double> bias = has(s, 2) ? widen<double>(in(s, 2)) : std::vector<double>{};
  const std::size_t pixels = elements(w.size), taps = elements(w.kernel), steps = elements(w.steps);
  std::vector<double> sums(elements(out.shape));
  for (std::size_t step = 0; step < steps; ++step)
    look(w, unravel(step, w.steps), [&](std::size_t k, std::int64_t place) {
      if (place < 0) return;
      for (std::int64_t n = 0; n < x.shape[0]; ++n)
        for (std::int64_t m = 0; m < outs; ++m)
          for (std::int64_t c = 0; c < ins; ++c) {
            const std::int64_t from = n * x.shape[1] + m / (outs / groups) * ins + c;
            sums[static_cast<std::size_t>(n * outs + m) * steps + step] +=
                image[static_cast<std::size_t>(from) * pixels + static_cast<std::size_t>(place)] *
                kernel[static_cast<std::size_t>(m * ins + c) * taps + k];
          }
    });
  for (std::size_t i = 0; i < sums.size() && !bias.empty(); ++i)
    sums[i] += bias.at(i / steps % static_cast<std::size_t>(outs));
  narrow(sums, out);
}

void average_pool(Step& s) {
  const Operand& x = in(s, 0);
  const Windows w = windows_of(s, x.shape, attribute<Ints>(s, "kernel_shape", {}));
  Tensor& out = make(s, 0, x.type, with_steps(x.shape[0], x.shape[1], w.steps));
  if (s.only_forms) return;
  const bool with_pads = integer(s, "count_include_pad", 0) != 0;
  const double p = static_cast<double>(integer(s, "p", 2));
  const bool norm = s.op == "LpPool";
  const std::vector<double> image = widen<double>(x);
  const std::size_t pixels = elements(w.size), steps = elements(w.steps);
  for (std::size_t i = 0; i < elements(out.shape); ++i) {
    const Ints step = unravel(i % steps, w.steps);
    double sum = 0, count = 0;
    look(w, step, [&](std::size_t, std::int64_t place) {
      if (place < 0) return;
      const double v = image[i / steps * pixels + static_cast<std::size_t>(place)];
      sum += norm ? std::pow(std::fabs(v), p) : v;
      ++count;
    });
    if (with_pads) count = static_cast<double>(padded_count(w, step));
    put<double>(out.bytes, out.type, i, norm ? std::pow(sum, 1 / p) : sum / count);
  }
}

void max_pool(Step& s) {
  const Operand& x = in(s, 0);
  const Windows w = windows_of(s, x.shape, attribute<Ints>(s, "kernel_shape", {}));
  const Shape to = with_steps(x.shape[0], x.shape[1], w.steps);
  make(s, 0, x.type, to);
  if (wanted(s, 1)) make(s, 1, DType::Int64, to);
  if (s.only_forms) return;
  const bool columns_first = integer(s, "storage_order", 0) != 0;
  const std::size_t pixels = elements(w.size), steps = elements(w.steps);
  const std::vector<double> image = widen<double>(x);
  for (std::size_t i = 0; i < elements(to); ++i) {
    std::int64_t best = -1;
    const std::size_t plane = i / steps * pixels;
    look(w, unravel(i % steps, w.steps), [&](std::size_t, std::int64_t place) {
      if (place >= 0 && (best < 0 || image[plane + static_cast<std::size_t>(place)] >
                                         image[plane + static_cast<std::size_t>(best)]))
        best = place;
    });
    require(best >= 0, "a window sees only padding");
    copy_element(x.bytes, plane + static_cast<std::size_t>(best), s.out[0], i);
    if (!wanted(s, 1)) continue;
    if (columns_first) {
      const Ints at = unravel(static_cast<std::size_t>(best), w.size);
      best = 0;
      for (std::size_t d = w.axes(); d-- > 0;) best = best * w.size[d] + at[d];
    }
    put<std::int64_t>(s.out[1].bytes, DType::Int64, i, static_cast<std::int64_t>(plane) + best);
  }
}

void max_unpool(Step& s) {
  const Operand &x = in(s, 0), &places = in(s, 1);
  require(x.shape == places.shape && x.shape.size() >= 3, "values and places do not fit");
  const Ints kernel = attribute<Ints>(s, "kernel_shape", {});
  const std::size_t axes = x.shape.size() - 2;
  const Ints stride = filled(s, "strides", axes, 1), pads = filled(s, "pads", 2 * axes, 0);
  require(kernel.size() == axes, "the kernel has other axes than the image");
  Shape natural = x.shape;
  for (std::size_t d = 0; d < axes; ++d)
    natural[d + 2] = (x.shape[d + 2] - 1) * stride[d] - pads[d] - pads[axes + d] + kernel[d];
  const Shape to = has(s, 2) ? integers(in(s, 2)) : natural;
  require(to.size() == natural.size(), "the given shape has other axes");
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  // Places count in the image without the rest that a given shape adds.
  for (std::size_t i = 0; i < elements(x.shape); ++i) {
    const auto at = get<std::int64_t>(places.bytes, places.type, i);
    require(at >= 0 && at < static_cast<std::int64_t>(elements(natural)), "a place is outside");
    const Ints index = unravel(static_cast<std::size_t>(at), natural);
    std::int64_t place = 0;
    for (std::size_t d = 0; d < to.size(); ++d) {
      require(index[d] < to[d], "a place is outside");
      place = place * to[d] + index[d];
    }
    copy_element(x.bytes, i, out, static_cast<std::size_t>(place));
  }
}

void col2im(Step& s) {
  const Operand& x = in(s, 0);
  const Ints image = integers(in(s, 1)), block = integers(in(s, 2));
  Shape canvas{1, 1};
  canvas.insert(canvas.end(), image.begin(), image.end());
  const Windows w = windows_of(s, canvas, block);
  const std::int64_t taps = product(block, 0, block.size()),
                     columns = product(w.steps, 0, w.steps.size());
  require(x.shape.size() == 3 && x.shape[1] % taps == 0 && x.shape[2] == columns,
          "columns do not fit the image");
  Shape to{x.shape[0], x.shape[1] / taps};
  to.insert(to.end(), image.begin(), image.end());
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const std::vector<double> from = widen<double>(x);
  std::vector<double> sum(elements(to));
  const auto pixels = static_cast<std::size_t>(product(image, 0, image.size()));
  for (std::size_t at = 0; at < from.size(); ++at) {
    const std::size_t row = at / static_cast<std::size_t>(columns);
    const Ints step = unravel(at % static_cast<std::size_t>(columns), w.steps),
               tap = unravel(row % static_cast<std::size_t>(taps), block);
    std::int64_t place = 0;
    bool inside = true;
    for (std::size_t d = 0; d < image.size(); ++d) {
      const std::int64_t pos = step[d] * w.stride[d] - w.begin[d] + tap[d] * w.dilation[d];
      inside = inside && pos >= 0 && pos < image[d];
      place = place * image[d] + pos;
    }
    if (inside)
      sum[row / static_cast<std::size_t>(taps) * pixels + static_cast<std::size_t>(place)] +=
          from[at];
  }
  narrow(sum, out);
}

}  // namespace neuron::cpu
