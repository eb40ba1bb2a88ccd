// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "compile/ops/lowering.h"

/// What convolutions and pools share: windows over images, and images that are on chip whole or in
/// bands of rows.
namespace neuron::compile {

/// One spatial axis: `out` positions of a window of `kernel` taps over `in` pixels.
struct Axis {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1, dilation = 1, begin = 0, end = 0;
  /// Pixel that tap `t` sees at position `o`; outside [0, in) in the padding.
  std::int64_t pixel(std::int64_t o, std::int64_t t) const {
    return o * stride + t * dilation - begin;
  }
  /// Positions [first, last) within [from, to) whose tap `t` sees a pixel.
  std::pair<std::int64_t, std::int64_t> covered(std::int64_t t, std::int64_t from,
                                                std::int64_t to) const;
  /// Pixels [first, last) that positions [from, to) see, at least one.
  std::pair<std::int64_t, std::int64_t> seen(std::int64_t from, std::int64_t to) const;
};
struct Window {
  std::int64_t n = 1, channels = 1;
  Axis y, x;  ///< one-dimensional images have one row
};
/// Reads strides, pads, dilations of a node over x [N,C,spatial]; `kernel` has one size an axis.
Result<Window> window_of(const Lowering& in, const Node& node, const Shape& kernel);

/// Taps of a kernel laid on partitions: partition (ky * columns + kx) * channels + c holds channel
/// c as tap (ky, kx) sees it, one row an output row. Few channels fill the array that way.
struct Stack {
  Window window;             ///< of the convolution
  std::int64_t columns = 1;  ///< taps of a row on partitions: all, or 1 with `width` for the rest
  std::int64_t width = 0;    ///< pixels of a stacked row
  std::int64_t rows = 0;     ///< most rows that are needed at once
  std::int64_t partitions() const { return window.y.kernel * columns * window.channels; }
};

/// Reads an image, whole on chip or by bands of rows, or stacked.
class ImageSource {
 public:
  ImageSource(Lowering& in, ValueId id, std::int64_t h, std::int64_t w)
      : in_(in), id_(id), h_(h), w_(w) {}
  /// An image that is no value of the graph.
  ImageSource(Lowering& in, Feature feature, std::int64_t h, std::int64_t w)
      : in_(in), h_(h), w_(w), feature_(std::move(feature)) {}
  ImageSource(Lowering& in, ValueId id, const Stack& stack)
      : in_(in), id_(id), h_(stack.window.y.out), w_(stack.width), stack_(stack) {}
  Result<> open();
  /// Opens the image in the type that products take.
  Result<> open_for_products();
  DType type() const { return type_; }
  /// Makes rows [from, to) of image n readable.
  Result<> need(std::int64_t n, std::int64_t from, std::int64_t to);
  const std::vector<Piece>& pieces() const { return whole() ? feature_->pieces : band_; }
  bool whole() const { return feature_.has_value() && !stack_; }
  /// Address of a pixel of the rows that are readable.
  std::uint32_t at(const Piece& p, std::int64_t n, std::int64_t row, std::int64_t column) const;

 private:
  Lowering& in_;
  ValueId id_{};
  std::int64_t h_, w_, first_row_ = 0;
  std::optional<Feature> feature_;
  std::vector<Piece> band_;

  Result<> open_stack();
  Result<> narrow(Piece& piece, std::int64_t elements);
  DType type_ = DType::Float32;
  Result<> pile(std::int64_t n, std::int64_t from, std::int64_t to);
  std::optional<Stack> stack_;
  std::vector<Tile> piles_;  ///< in turn; their margins stay zero
  std::size_t turn_ = 0;
};

/// Every stride-th row and column of an image.
struct Lattice {
  std::int64_t row = 0, row_stride = 1, column = 0, column_stride = 1;
  std::int64_t width = 0;  ///< its columns
};

/// Takes an image in bands of rows, and keeps it on chip or stores it.
class ImageSink {
 public:
  ImageSink(Lowering& in, ValueId id, std::int64_t h, std::int64_t w)
      : in_(in), id_(id), h_(h), w_(w) {
    lattice({0, 1, 0, 1, w});
  }
  /// The image stays on chip as `type`, if it does.
  Result<> open(DType type = DType::Float32);
  /// From now on rows and columns are those of a lattice; at first, of the image itself.
  void lattice(const Lattice& l) { lattice_ = l; }
  /// Rows and columns of a place(), whose first row is row 0.
  View view(std::uint32_t place, int channels, std::int64_t row, std::int64_t rows,
            std::int64_t column, std::int64_t columns) const;
  /// Address of row `from` in a place for rows [from, to) of the channels of piece `p`.
  Result<std::uint32_t> place(std::size_t p, std::int64_t n, std::int64_t from, std::int64_t to);
  /// Stores the rows of the last place() when the image does not stay on chip.
  void done(std::size_t p, std::int64_t n, std::int64_t from, std::int64_t to);
  void close();
  bool whole() const { return feature_.has_value(); }
  std::size_t pieces() const { return static_cast<std::size_t>((c_ + 127) / 128); }
  int count(std::size_t p) const {
    return static_cast<int>(std::min<std::int64_t>(128, c_ - static_cast<std::int64_t>(p) * 128));
  }

 private:
  Lowering& in_;
  ValueId id_;
  std::int64_t h_, w_, c_ = 1;
  std::optional<Feature> feature_;
  DType type() const { return feature_ ? feature_->type : DType::Float32; }
  Lattice lattice_;
  Place device_;
  Tile staging_;
};

/// What follows a sum: a bias for each channel, and limits.
struct Finish {
  std::optional<std::uint32_t> bias;  ///< address of one float32 a partition
  float scale = 1;                    ///< only without bias
  std::optional<float> low, high;
};
Finish limits_of(const Node& node);
/// dst = limits(src + bias) on Vector or Scalar, whichever is free; src may lie in PSUM.
void finish(Kernel& kernel, const View& dst, const View& src, const Finish& how);

}  // namespace neuron::compile
