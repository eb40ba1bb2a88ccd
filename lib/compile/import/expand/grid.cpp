// SPDX-License-Identifier: Apache-2.0
// Pixels by place: grids that GridSample reads, and columns put back where they were taken.
#include "compile/constants.h"
#include "compile/import/onnx_build.h"

namespace neuron::compile::onnx {
namespace {

constexpr std::int64_t kMostPixels = 1 << 14;  ///< along an axis
constexpr std::int64_t kMostWeights = 1 << 24;

/// Coordinates in [-1, 1] of the pixels of a picture: x, y (, z) and 1, a row a pixel.
Tensor places(const Ints& spatial, bool corners) {
  const std::size_t axes = spatial.size();
  std::int64_t pixels = 1;
  for (const std::int64_t size : spatial) pixels *= size;
  Tensor out = make_tensor(DType::Float32, {pixels, static_cast<std::int64_t>(axes) + 1});
  for (std::int64_t pixel = 0; pixel < pixels; ++pixel) {
    std::int64_t rest = pixel;
    const std::size_t row = static_cast<std::size_t>(pixel) * (axes + 1);
    for (std::size_t i = 0; i < axes; ++i) {  // the last axis is x
      const std::int64_t size = spatial[axes - 1 - i], at = rest % size;
      rest /= size;
      const double step = corners ? 2.0 / static_cast<double>(std::max<std::int64_t>(1, size - 1))
                                  : 2.0 / static_cast<double>(size);
      const double first = corners ? -1 : -1 + step / 2;
      store_number(out, row + i, first + step * static_cast<double>(at));
    }
    store_number(out, row + axes, 1);
  }
  return out;
}

Ints list_of(Builder& b, const char* name, std::size_t count, std::int64_t fallback) {
  const Ints given = b.integers(name);
  if (given.empty()) return Ints(count, fallback);
  if (given.size() != count) b.malformed("{} {}, expected {}", given.size(), name, count);
  return given;
}

}  // namespace

Values affine_grid(Builder& b) {
  const ValueId theta = b.in(0);
  const Ints size = b.constant_integers(b.in(1), "size");
  const auto axes = static_cast<std::int64_t>(size.size()) - 2;
  if (axes < 2 || axes > 3 || b.shape(theta) != Shape{size[0], axes, axes + 1})
    b.malformed("theta is {} for a size of {} numbers", text_of(b.shape(theta)), size.size());
  if (b.failed()) return {theta};
  const Ints spatial(size.begin() + 2, size.end());
  for (const std::int64_t s : spatial)
    if (s < 1 || s > kMostPixels) b.malformed("a picture of {} pixels", s);
  if (b.failed()) return {theta};
  const ValueId rows = b.constant(places(spatial, b.integer("align_corners", 0) != 0));
  const ValueId grid = b.matmul(rows, b.swap(b.cast(theta, DType::Float32), 1, 2));
  Shape form{size[0]};
  form.insert(form.end(), spatial.begin(), spatial.end());
  form.push_back(axes);
  return {b.cast(b.reshape(grid, form), b.type(theta))};
}

namespace {

/// Where the columns of Col2Im lie in its image.
struct Columns {
  Ints image, block, strides, dilations, pads;
  Ints steps, extra;  ///< windows along each axis, and pixels after the last one
  std::int64_t taps = 1, count = 1;
};

Columns columns_of(Builder& b) {
  Columns c;
  c.image = b.constant_integers(b.in(1), "image_shape");
  c.block = b.constant_integers(b.in(2), "block_shape");
  const std::size_t axes = c.image.size();
  if (axes > 2) b.refuse("an image of {} axes; supported are one and two", axes);
  if (c.block.size() != axes)
    b.malformed("a block of {} axes in an image of {}", c.block.size(), axes);
  c.strides = list_of(b, "strides", axes, 1), c.dilations = list_of(b, "dilations", axes, 1);
  c.pads = list_of(b, "pads", 2 * axes, 0);
  for (const Ints* list : {&c.image, &c.block, &c.strides, &c.dilations, &c.pads})
    for (const std::int64_t n : *list)
      if (n < 0 || n > kMostPixels) b.malformed("a size, stride or pad of {}", n);
  for (std::size_t i = 0; i < axes && !b.failed(); ++i) {
    const std::int64_t reach = (c.block[i] - 1) * c.dilations[i] + 1;
    const std::int64_t room = c.image[i] + c.pads[i] + c.pads[axes + i] - reach;
    if (c.block[i] < 1 || c.strides[i] < 1 || c.dilations[i] < 1 || room < 0) {
      b.malformed("a block of {} in {} pixels", c.block[i], c.image[i]);
      break;
    }
    c.steps.push_back(room / c.strides[i] + 1);
    c.extra.push_back(room % c.strides[i]);
    c.taps *= c.block[i];
    c.count *= c.steps.back();
  }
  return c;
}

}  // namespace

/// A transposed convolution whose weights put each row of a block at its place.
Values col2im(Builder& b) {
  const ValueId x = b.in(0);
  const Columns c = columns_of(b);
  if (!b.failed() && (b.rank(x) != 3 || b.dim(x, 1) % c.taps != 0 || b.dim(x, 2) != c.count))
    b.malformed("columns {} for {} windows of {}", text_of(b.shape(x)), c.count, c.taps);
  if (!b.failed() && b.dim(x, 1) * c.taps > kMostWeights)
    b.refuse("{} rows of {} taps; supported are {} in all", b.dim(x, 1), c.taps, kMostWeights);
  if (b.failed()) return {x};
  Shape weights{b.dim(x, 1), 1}, form{b.dim(x, 0), b.dim(x, 1)};
  weights.insert(weights.end(), c.block.begin(), c.block.end());
  form.insert(form.end(), c.steps.begin(), c.steps.end());
  Tensor w = make_tensor(DType::Float32, weights);
  for (std::int64_t row = 0; row < b.dim(x, 1); ++row)
    store_number(w, static_cast<std::size_t>(row * c.taps + row % c.taps), 1);
  const ValueId picture =
      b.op("ConvTranspose", {b.reshape(b.cast(x, DType::Float32), form), b.constant(w)},
           {{"strides", c.strides},
            {"pads", c.pads},
            {"dilations", c.dilations},
            {"group", b.dim(x, 1) / c.taps},
            {"output_padding", c.extra}});
  return {b.cast(picture, b.type(x))};
}

}  // namespace neuron::compile::onnx
