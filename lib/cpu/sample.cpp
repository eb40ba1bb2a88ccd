// SPDX-License-Identifier: Apache-2.0
// Operators that read images between pixels.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// The pixel that a place outside of [0, size) shows: its index, or -1 for zero.
std::int64_t pixel(std::int64_t i, std::int64_t size, const std::string& padding, bool corners) {
  if (i >= 0 && i < size) return i;
  if (padding == "zeros") return -1;
  if (padding == "border") return std::clamp<std::int64_t>(i, 0, size - 1);
  if (size == 1) return 0;
  const std::int64_t period = corners ? 2 * (size - 1) : 2 * size;
  i = (i % period + period) % period;
  return i < size ? i : period - i - (corners ? 0 : 1);
}

/// A coordinate folded back into [low, high].
double reflected(double v, double low, double high) {
  const double span = high - low;
  if (span <= 0) return low;
  double rest = std::fmod(std::fabs(v - low), 2 * span);
  if (rest > span) rest = 2 * span - rest;
  return low + rest;
}

/// Weights of the neighbours of a place on one axis, from `first` on.
struct Taps {
  std::int64_t first;
  std::vector<double> weights;
};

Taps taps_of(double at, const std::string& mode) {
  if (mode == "nearest") return {static_cast<std::int64_t>(std::nearbyint(at)), {1}};
  const double floor = std::floor(at), t = at - floor;
  const auto first = static_cast<std::int64_t>(floor);
  if (mode != "cubic" && mode != "bicubic") return {first, {1 - t, t}};
  constexpr double a = -0.75;
  const auto near = [&](double d) { return ((a + 2) * d - (a + 3)) * d * d + 1; };
  const auto far = [&](double d) { return ((a * d - 5 * a) * d + 8 * a) * d - 4 * a; };
  return {first - 1, {far(t + 1), near(t), near(1 - t), far(2 - t)}};
}

/// The image at taps of each axis.
double sampled(const double* image, const Ints& size, const std::vector<Taps>& taps,
               const std::string& padding, bool corners, std::size_t axis = 0,
               std::int64_t place = 0) {
  if (axis == size.size()) return image[place];
  double sum = 0;
  for (std::size_t k = 0; k < taps[axis].weights.size(); ++k) {
    const double weight = taps[axis].weights[k];
    const std::int64_t i =
        pixel(taps[axis].first + static_cast<std::int64_t>(k), size[axis], padding, corners);
    if (i >= 0 && weight != 0)
      sum +=
          weight * sampled(image, size, taps, padding, corners, axis + 1, place * size[axis] + i);
  }
  return sum;
}

double bilinear(const double* image, std::int64_t h, std::int64_t w, double y, double x) {
  return sampled(image, {h, w}, {taps_of(y, "linear"), taps_of(x, "linear")}, "zeros", false);
}

}  // namespace

void grid_sample(Step& s) {
  const Operand &x = in(s, 0), &grid = in(s, 1);
  const std::size_t axes = x.shape.size() - 2;
  require(x.shape.size() >= 3 && grid.shape.size() == x.shape.size() &&
              grid.shape.back() == static_cast<std::int64_t>(axes) && grid.shape[0] == x.shape[0],
          "image and grid do not fit");
  Shape to{x.shape[0], x.shape[1]};
  to.insert(to.end(), grid.shape.begin() + 1, grid.shape.end() - 1);
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const std::string mode = word(s, "mode", "linear"), padding = word(s, "padding_mode", "zeros");
  const bool corners = integer(s, "align_corners", 0) != 0;
  const std::vector<double> image = widen<double>(x), places = widen<double>(grid);
  const Ints size(x.shape.begin() + 2, x.shape.end());
  const std::size_t pixels = elements(size), spots = elements(Ints(to.begin() + 2, to.end()));
  const auto channels = static_cast<std::size_t>(x.shape[1]);
  for (std::size_t n = 0; n < static_cast<std::size_t>(x.shape[0]); ++n)
    for (std::size_t spot = 0; spot < spots; ++spot) {
      std::vector<Taps> taps;
      for (std::size_t d = 0; d < axes; ++d) {  // the grid tells the last axis first
        const double v = places[(n * spots + spot) * axes + axes - 1 - d];
        const auto length = static_cast<double>(size[d]);
        double at = corners ? (v + 1) / 2 * (length - 1) : ((v + 1) * length - 1) / 2;
        const double low = corners ? 0 : -0.5, high = corners ? length - 1 : length - 0.5;
        if (padding == "border") at = std::clamp(at, 0.0, length - 1);
        if (padding == "reflection") at = reflected(at, low, high);
        taps.push_back(taps_of(at, mode));
      }
      for (std::size_t c = 0; c < channels; ++c)
        put<double>(out.bytes, out.type, (n * channels + c) * spots + spot,
                    sampled(&image[(n * channels + c) * pixels], size, taps, padding, corners));
    }
}

void roi_align(Step& s) {
  const Operand &x = in(s, 0), &rois = in(s, 1), &batches = in(s, 2);
  require(x.shape.size() == 4 && rois.shape.size() == 2 && rois.shape[1] == 4 &&
              batches.shape == Shape{rois.shape[0]},
          "image [n,c,h,w], boxes [r,4] and batches [r] are expected");
  const std::int64_t h = integer(s, "output_height", 1), w = integer(s, "output_width", 1);
  Tensor& out = make(s, 0, x.type, {rois.shape[0], x.shape[1], h, w});
  if (s.only_forms) return;
  const double scale = real(s, "spatial_scale", 1);
  const std::string mode =
      word(s, "coordinate_transformation_mode", s.opset < 16 ? "output_half_pixel" : "half_pixel");
  const double shift = mode == "half_pixel" ? 0.5 : 0;
  const std::int64_t ratio = integer(s, "sampling_ratio", 0), rows = x.shape[2],
                     columns = x.shape[3];
  const bool largest = word(s, "mode", "avg") == "max";
  const std::vector<double> image = widen<double>(x), boxes = widen<double>(rois);
  const Ints batch = widen<std::int64_t>(batches);
  for (std::size_t at = 0; at < elements(out.shape); ++at) {
    const std::int64_t px = static_cast<std::int64_t>(at) % w,
                       py = static_cast<std::int64_t>(at) / w % h;
    const auto c = static_cast<std::int64_t>(at) / w / h % x.shape[1];
    const std::size_t r = at / static_cast<std::size_t>(w * h * x.shape[1]);
    require(batch[r] >= 0 && batch[r] < x.shape[0], "a box is of no image");
    const double x1 = boxes[r * 4] * scale - shift, y1 = boxes[r * 4 + 1] * scale - shift;
    double width = boxes[r * 4 + 2] * scale - shift - x1,
           height = boxes[r * 4 + 3] * scale - shift - y1;
    if (shift == 0) width = std::max(width, 1.0), height = std::max(height, 1.0);
    const double bh = height / static_cast<double>(h), bw = width / static_cast<double>(w);
    const std::int64_t ny = ratio > 0 ? ratio : static_cast<std::int64_t>(std::ceil(bh));
    const std::int64_t nx = ratio > 0 ? ratio : static_cast<std::int64_t>(std::ceil(bw));
    const double* plane =
        &image[static_cast<std::size_t>((batch[r] * x.shape[1] + c) * rows * columns)];
    double sum = 0, most = -HUGE_VAL;
    for (std::int64_t iy = 0; iy < ny; ++iy)
      for (std::int64_t ix = 0; ix < nx; ++ix) {
        double y = y1 + bh * (static_cast<double>(py) +
                              (static_cast<double>(iy) + 0.5) / static_cast<double>(ny));
        double xx = x1 + bw * (static_cast<double>(px) +
                               (static_cast<double>(ix) + 0.5) / static_cast<double>(nx));
        const bool outside =
            y < -1 || y > static_cast<double>(rows) || xx < -1 || xx > static_cast<double>(columns);
        y = std::clamp(y, 0.0, static_cast<double>(rows - 1));
        xx = std::clamp(xx, 0.0, static_cast<double>(columns - 1));
        if (!largest) {
          sum += outside ? 0 : bilinear(plane, rows, columns, y, xx);
          continue;
        }
        const auto y0 = static_cast<std::int64_t>(y), x0 = static_cast<std::int64_t>(xx);
        const double ty = y - static_cast<double>(y0), tx = xx - static_cast<double>(x0);
        for (int corner = 0; corner < 4; ++corner) {  // the largest weighted neighbour
          const std::int64_t cy = std::min(y0 + corner / 2, rows - 1),
                             cx = std::min(x0 + corner % 2, columns - 1);
          const double weight = (corner / 2 ? ty : 1 - ty) * (corner % 2 ? tx : 1 - tx);
          most = std::max(most, outside ? 0 : weight * plane[cy * columns + cx]);
        }
      }
    const auto count = static_cast<double>(std::max<std::int64_t>(ny * nx, 1));
    put<double>(out.bytes, out.type, at, largest ? (ny * nx > 0 ? most : 0) : sum / count);
  }
}

void deform_conv(Step& s) {
  const Operand &x = in(s, 0), &weights = in(s, 1), &offsets = in(s, 2);
  require(x.shape.size() == 4 && weights.shape.size() == 4 && offsets.shape.size() == 4,
          "image, weights and offsets of four axes are expected");
  const std::int64_t kh = weights.shape[2], kw = weights.shape[3], outs = weights.shape[0];
  const std::int64_t groups = integer(s, "group", 1), bends = integer(s, "offset_group", 1);
  const std::int64_t oh = offsets.shape[2], ow = offsets.shape[3], ins = weights.shape[1];
  require(offsets.shape[1] == bends * kh * kw * 2 && groups > 0 && bends > 0 &&
              outs % groups == 0 && ins * groups == x.shape[1] && x.shape[1] % bends == 0,
          "channels do not fit");
  Tensor& out = make(s, 0, x.type, {x.shape[0], outs, oh, ow});
  if (s.only_forms) return;
  const auto or_else = [&](const char* name, Ints fallback) {
    const Ints got = attribute<Ints>(s, name, {});
    return got.empty() ? fallback : got;
  };
  const Ints stride = or_else("strides", {1, 1}), dilation = or_else("dilations", {1, 1});
  const Ints pads = or_else("pads", {0, 0, 0, 0});
  require(stride.size() == 2 && dilation.size() == 2 && pads.size() == 4, "lists do not fit");
  const std::vector<double> image = widen<double>(x), kernel = widen<double>(weights),
                            bend = widen<double>(offsets);
  const std::vector<double> bias = has(s, 3) ? widen<double>(in(s, 3)) : std::vector<double>{};
  const std::vector<double> mask = has(s, 4) ? widen<double>(in(s, 4)) : std::vector<double>{};
  for (std::size_t at = 0; at < elements(out.shape); ++at) {
    const auto i = static_cast<std::int64_t>(at);
    const std::int64_t ox = i % ow, oy = i / ow % oh, m = i / ow / oh % outs,
                       n = i / ow / oh / outs;
    double sum = bias.empty() ? 0 : bias.at(static_cast<std::size_t>(m));
    for (std::int64_t c = 0; c < ins; ++c)
      for (std::int64_t k = 0; k < kh * kw; ++k) {
        const std::int64_t channel = m / (outs / groups) * ins + c;
        const std::int64_t group = channel / (x.shape[1] / bends);
        const auto moved = [&](std::int64_t which) {
          return bend[static_cast<std::size_t>(
              (((n * bends + group) * kh * kw + k) * 2 + which) * oh * ow + oy * ow + ox)];
        };
        const double y =
            static_cast<double>(oy * stride[0] - pads[0] + k / kw * dilation[0]) + moved(0);
        const double xx =
            static_cast<double>(ox * stride[1] - pads[1] + k % kw * dilation[1]) + moved(1);
        const double weight =
            mask.empty() ? 1
                         : mask.at(static_cast<std::size_t>(
                               ((n * bends + group) * kh * kw + k) * oh * ow + oy * ow + ox));
        sum += weight * kernel[static_cast<std::size_t>((m * ins + c) * kh * kw + k)] *
               bilinear(&image[static_cast<std::size_t>((n * x.shape[1] + channel) * x.shape[2] *
                                                        x.shape[3])],
                        x.shape[2], x.shape[3], y, xx);
      }
    put<double>(out.bytes, out.type, at, sum);
  }
}

}  // namespace neuron::cpu
