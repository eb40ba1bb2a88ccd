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

namespace {

/// What RoiAlign reads of its attributes.
struct Regions {
  std::int64_t h, w, ratio;
  double scale, shift;
  bool largest;
};

/// One region over one plane: where it begins and how large one of its bins is.
struct Region {
  double y, x, bin_h, bin_w;
  std::int64_t ny, nx;  ///< samples of a bin
};

Regions regions_of(const Step& s) {
  const std::string mode =
      word(s, "coordinate_transformation_mode", s.opset < 16 ? "output_half_pixel" : "half_pixel");
  return {integer(s, "output_height", 1),  integer(s, "output_width", 1),
          integer(s, "sampling_ratio", 0), real(s, "spatial_scale", 1),
          mode == "half_pixel" ? 0.5 : 0,  word(s, "mode", "avg") == "max"};
}

Region region_of(const Regions& all, const double* box) {
  Region r{};
  r.x = box[0] * all.scale - all.shift, r.y = box[1] * all.scale - all.shift;
  double width = box[2] * all.scale - all.shift - r.x,
         height = box[3] * all.scale - all.shift - r.y;
  if (all.shift == 0) width = std::max(width, 1.0), height = std::max(height, 1.0);
  r.bin_h = height / static_cast<double>(all.h), r.bin_w = width / static_cast<double>(all.w);
  r.ny = all.ratio > 0 ? all.ratio : static_cast<std::int64_t>(std::ceil(r.bin_h));
  r.nx = all.ratio > 0 ? all.ratio : static_cast<std::int64_t>(std::ceil(r.bin_w));
  return r;
}

/// The largest of the four neighbours of a place, each times its weight.
double largest_weighted(const double* plane, std::int64_t rows, std::int64_t columns, double y,
                        double x) {
  const auto y0 = static_cast<std::int64_t>(y), x0 = static_cast<std::int64_t>(x);
  const double ty = y - static_cast<double>(y0), tx = x - static_cast<double>(x0);
  double most = -HUGE_VAL;
  for (int corner = 0; corner < 4; ++corner) {
    const std::int64_t cy = std::min(y0 + corner / 2, rows - 1),
                       cx = std::min(x0 + corner % 2, columns - 1);
    const double weight = (corner / 2 ? ty : 1 - ty) * (corner % 2 ? tx : 1 - tx);
    most = std::max(most, weight * plane[cy * columns + cx]);
  }
  return most;
}

/// Bin (py, px) of a region: the mean or the largest of its samples.
double pooled(const Region& r, bool largest, const double* plane, std::int64_t rows,
              std::int64_t columns, std::int64_t py, std::int64_t px) {
  double sum = 0, most = -HUGE_VAL;
  for (std::int64_t iy = 0; iy < r.ny; ++iy)
    for (std::int64_t ix = 0; ix < r.nx; ++ix) {
      double y = r.y + r.bin_h * (static_cast<double>(py) +
                                  (static_cast<double>(iy) + 0.5) / static_cast<double>(r.ny));
      double x = r.x + r.bin_w * (static_cast<double>(px) +
                                  (static_cast<double>(ix) + 0.5) / static_cast<double>(r.nx));
      const bool outside =
          y < -1 || y > static_cast<double>(rows) || x < -1 || x > static_cast<double>(columns);
      y = std::clamp(y, 0.0, static_cast<double>(rows - 1));
      x = std::clamp(x, 0.0, static_cast<double>(columns - 1));
      if (largest)
        most = std::max(most, outside ? 0 : largest_weighted(plane, rows, columns, y, x));
      else
        sum += outside ? 0 : bilinear(plane, rows, columns, y, x);
    }
  if (largest) return r.ny * r.nx > 0 ? most : 0;
  return sum / static_cast<double>(std::max<std::int64_t>(r.ny * r.nx, 1));
}

}  // namespace

void roi_align(Step& s) {
  const Operand &x = in(s, 0), &rois = in(s, 1), &batches = in(s, 2);
  require(x.shape.size() == 4 && rois.shape.size() == 2 && rois.shape[1] == 4 &&
              batches.shape == Shape{rois.shape[0]},
          "image [n,c,h,w], boxes [r,4] and batches [r] are expected");
  const Regions all = regions_of(s);
  Tensor& out = make(s, 0, x.type, {rois.shape[0], x.shape[1], all.h, all.w});
  if (s.only_forms) return;
  const std::int64_t rows = x.shape[2], columns = x.shape[3];
  const std::vector<double> image = widen<double>(x), boxes = widen<double>(rois);
  const Ints batch = widen<std::int64_t>(batches);
  for (std::size_t at = 0; at < elements(out.shape); ++at) {
    const auto i = static_cast<std::int64_t>(at);
    const std::int64_t px = i % all.w, py = i / all.w % all.h;
    const std::int64_t c = i / all.w / all.h % x.shape[1];
    const auto r = static_cast<std::size_t>(i / all.w / all.h / x.shape[1]);
    require(batch[r] >= 0 && batch[r] < x.shape[0], "a box is of no image");
    const double* plane =
        &image[static_cast<std::size_t>((batch[r] * x.shape[1] + c) * rows * columns)];
    put<double>(out.bytes, out.type, at,
                pooled(region_of(all, &boxes[r * 4]), all.largest, plane, rows, columns, py, px));
  }
}

namespace {

/// A convolution whose taps are moved by offsets.
struct Deformed {
  std::int64_t kh, kw, outs, groups, bends, oh, ow, ins, channels, rows, columns;
  Ints stride, dilation, pads;
  std::vector<double> image, kernel, bend, bias, mask;
};

Deformed deformed_of(const Step& s) {
  const Operand &x = in(s, 0), &weights = in(s, 1), &offsets = in(s, 2);
  require(x.shape.size() == 4 && weights.shape.size() == 4 && offsets.shape.size() == 4,
          "image, weights and offsets of four axes are expected");
  const auto or_else = [&](const char* name, Ints fallback) {
    const Ints got = attribute<Ints>(s, name, {});
    return got.empty() ? fallback : got;
  };
  Deformed d{weights.shape[2],
             weights.shape[3],
             weights.shape[0],
             integer(s, "group", 1),
             integer(s, "offset_group", 1),
             offsets.shape[2],
             offsets.shape[3],
             weights.shape[1],
             x.shape[1],
             x.shape[2],
             x.shape[3],
             or_else("strides", {1, 1}),
             or_else("dilations", {1, 1}),
             or_else("pads", {0, 0, 0, 0}),
             {},
             {},
             {},
             {},
             {}};
  require(d.groups > 0 && d.bends > 0 && offsets.shape[1] == d.bends * d.kh * d.kw * 2 &&
              d.outs % d.groups == 0 && d.ins * d.groups == d.channels &&
              d.channels % d.bends == 0 && offsets.shape[0] == x.shape[0],
          "channels do not fit");
  require(!has(s, 3) || in(s, 3).shape == Shape{d.outs}, "the bias does not fit");
  require(!has(s, 4) || in(s, 4).shape == Shape{x.shape[0], d.bends * d.kh * d.kw, d.oh, d.ow},
          "the mask does not fit");
  require(d.stride.size() == 2 && d.dilation.size() == 2 && d.pads.size() == 4, "lists do not fit");
  return d;
}

/// What tap k of channel c adds to output channel m at (oy, ox) of image n.
double tap_of(const Deformed& d, std::int64_t n, std::int64_t m, std::int64_t oy, std::int64_t ox,
              std::int64_t c, std::int64_t k) {
  const std::int64_t channel = m / (d.outs / d.groups) * d.ins + c;
  const std::int64_t bent = (n * d.bends + channel / (d.channels / d.bends)) * d.kh * d.kw + k;
  const auto place = [&](std::int64_t plane) {
    return static_cast<std::size_t>((plane * d.oh + oy) * d.ow + ox);
  };
  const double y = static_cast<double>(oy * d.stride[0] - d.pads[0] + k / d.kw * d.dilation[0]) +
                   d.bend[place(bent * 2)];
  const double x = static_cast<double>(ox * d.stride[1] - d.pads[1] + k % d.kw * d.dilation[1]) +
                   d.bend[place(bent * 2 + 1)];
  const double weight = d.mask.empty() ? 1 : d.mask[place(bent)];
  const double* plane =
      &d.image[static_cast<std::size_t>((n * d.channels + channel) * d.rows * d.columns)];
  return weight * d.kernel[static_cast<std::size_t>((m * d.ins + c) * d.kh * d.kw + k)] *
         bilinear(plane, d.rows, d.columns, y, x);
}

}  // namespace

void deform_conv(Step& s) {
  Deformed d = deformed_of(s);
  Tensor& out = make(s, 0, in(s, 0).type, {in(s, 0).shape[0], d.outs, d.oh, d.ow});
  if (s.only_forms) return;
  d.image = widen<double>(in(s, 0)), d.kernel = widen<double>(in(s, 1));
  d.bend = widen<double>(in(s, 2));
  if (has(s, 3)) d.bias = widen<double>(in(s, 3));
  if (has(s, 4)) d.mask = widen<double>(in(s, 4));
  for (std::size_t at = 0; at < elements(out.shape); ++at) {
    const auto i = static_cast<std::int64_t>(at);
    const std::int64_t ox = i % d.ow, oy = i / d.ow % d.oh, m = i / d.ow / d.oh % d.outs,
                       n = i / d.ow / d.oh / d.outs;
    double sum = d.bias.empty() ? 0 : d.bias[static_cast<std::size_t>(m)];
    for (std::int64_t c = 0; c < d.ins; ++c)
      for (std::int64_t k = 0; k < d.kh * d.kw; ++k) sum += tap_of(d, n, m, oy, ox, c, k);
    put<double>(out.bytes, out.type, at, sum);
  }
}

}  // namespace neuron::cpu
