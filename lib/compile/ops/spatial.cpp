// SPDX-License-Identifier: Apache-2.0
#include "compile/ops/spatial.h"

#include <algorithm>
#include <cmath>

namespace neuron::compile {

std::pair<std::int64_t, std::int64_t> Axis::covered(std::int64_t t, std::int64_t from,
                                                    std::int64_t to) const {
  // First o with o * stride + shift >= 0, first o with o * stride + shift >= in.
  const std::int64_t shift = t * dilation - begin;
  const auto first_at_least = [&](std::int64_t pixel) {
    const std::int64_t rest = pixel - shift;
    return rest <= 0 ? 0 : (rest + stride - 1) / stride;
  };
  const std::int64_t first = std::clamp(first_at_least(0), from, to);
  return {first, std::clamp(first_at_least(in), first, to)};
}

std::pair<std::int64_t, std::int64_t> Axis::seen(std::int64_t from, std::int64_t to) const {
  const std::int64_t taps = std::max<std::int64_t>(1, kernel);
  const auto [low, high] = std::minmax(
      {pixel(from, 0), pixel(from, taps - 1), pixel(to - 1, 0), pixel(to - 1, taps - 1)});
  const std::int64_t first = std::clamp<std::int64_t>(low, 0, in - 1);
  return {first, std::clamp<std::int64_t>(high, first, in - 1) + 1};
}

Result<Window> window_of(const Lowering& in, const Node& node, const Shape& kernel) {
  const Shape& x = input_of(in.graph, node, 0).shape;
  const Shape& y = output_of(in.graph, node).shape;
  const std::size_t spatial = kernel.size();
  if (spatial < 1 || spatial > 2)
    return unsupported(node, fmt::format("{} spatial axes", spatial), "one or two");
  const auto pads = ints_of(node, "pads"), strides = ints_of(node, "strides"),
             dilations = ints_of(node, "dilations");
  Window w;
  w.n = x[0];
  w.channels = x[1];
  for (std::size_t a = 0; a < spatial; ++a) {
    Axis& axis = a + 1 == spatial ? w.x : w.y;
    axis.in = x[2 + a];
    axis.out = y[2 + a];
    axis.kernel = kernel[a];
    axis.stride = a < strides.size() ? strides[a] : 1;
    axis.dilation = a < dilations.size() ? dilations[a] : 1;
    axis.begin = a < pads.size() ? pads[a] : 0;
    axis.end = spatial + a < pads.size() ? pads[spatial + a] : 0;
  }
  return w;
}

Result<> ImageSource::open() {
  if (stack_) return open_stack();
  if (feature_) return {};
  feature_ = TRY(in_.feature(id_));
  return {};
}

Result<> ImageSource::open_for_products() {
  type_ = in_.precision.operands;
  if (stack_) return open_stack();
  if (!feature_) feature_ = TRY(in_.operand(id_));
  if (!feature_ || feature_->type == type_) return {};
  const Feature wide = *feature_;
  feature_->type = type_;
  for (Piece& p : feature_->pieces) TRY(narrow(p, wide.n * wide.s));
  return {};
}

/// Puts a piece in the type of products in its place.
Result<> ImageSource::narrow(Piece& piece, std::int64_t elements) {
  if (type_ == DType::Float32) return {};
  piece.tile = TRY(in_.narrowed(piece.address, piece.count, elements));
  piece.address = address_of(piece.tile);
  return {};
}

Result<> ImageSource::need(std::int64_t n, std::int64_t from, std::int64_t to) {
  if (stack_) return pile(n, from, to);
  if (feature_) return {};
  const Place device = TRY(in_.device(id_));
  const std::int64_t c = in_.graph.value(id_).shape[1];
  std::vector<Move> moves;
  std::vector<Piece> band;
  for (std::int64_t first = 0; first < c; first += isa::kPartitions) {
    Piece p;
    p.tile = TRY(in_.tile((to - from) * w_ * kWord));
    p.address = address_of(p.tile);
    p.first = first;
    p.count = static_cast<int>(std::min<std::int64_t>(isa::kPartitions, c - first));
    const Place at{device.variable, device.offset + (((n * c + first) * h_) + from) * w_ * kWord};
    moves.push_back(row_load(at, h_ * w_ * kWord, p.address, p.count, (to - from) * w_ * kWord));
    band.push_back(std::move(p));
  }
  in_.kernel.load(std::move(moves));
  for (Piece& p : band) TRY(narrow(p, (to - from) * w_));
  band_ = std::move(band);
  first_row_ = from;
  return {};
}

std::uint32_t ImageSource::at(const Piece& p, std::int64_t n, std::int64_t row,
                              std::int64_t column) const {
  const std::int64_t start = whole() ? n * h_ * w_ : -first_row_ * w_;
  return static_cast<std::uint32_t>(p.address + (start + row * w_ + column) *
                                                    static_cast<std::int64_t>(size_of(type_)));
}

Result<> ImageSink::open(DType type) {
  const Shape& shape = in_.graph.value(id_).shape;
  c_ = shape[1];
  feature_ = TRY(in_.make_feature(shape, type));
  if (!feature_) device_ = in_.define_device(id_);
  return {};
}

Result<std::uint32_t> ImageSink::place(std::size_t p, std::int64_t n, std::int64_t from,
                                       std::int64_t to) {
  const Lattice& l = lattice_;
  if (feature_)
    return static_cast<std::uint32_t>(feature_->pieces[p].address +
                                      ((n * h_ + l.row + from * l.row_stride) * w_ + l.column) *
                                          static_cast<std::int64_t>(size_of(type())));
  staging_ = TRY(in_.tile((to - from) * l.width * kWord));
  return address_of(staging_);
}

View ImageSink::view(std::uint32_t place, int channels, std::int64_t row, std::int64_t rows,
                     std::int64_t column, std::int64_t columns) const {
  const std::int64_t x = feature_ ? lattice_.column_stride : 1;
  const std::int64_t y = feature_ ? lattice_.row_stride * w_ : lattice_.width;
  const auto size = static_cast<std::int64_t>(size_of(type()));
  View v = grid(static_cast<std::uint32_t>(place + (row * y + column * x) * size), channels,
                {{columns, x}, {rows, y}});
  v.type = type();
  return v;
}

void ImageSink::done(std::size_t p, std::int64_t n, std::int64_t from, std::int64_t to) {
  if (feature_) return;
  const Lattice& l = lattice_;
  const std::int64_t first = n * c_ + static_cast<std::int64_t>(p) * isa::kPartitions;
  const std::int64_t row = l.row + from * l.row_stride;
  const Place at{device_.variable, device_.offset + ((first * h_ + row) * w_ + l.column) * kWord};
  Move m{{kLocal, address_of(staging_)}, at, kWord, {}};
  if (l.column_stride == 1)
    m.run *= l.width;
  else
    m.loops.push_back({l.width, kWord, l.column_stride * kWord});
  m.loops.push_back({to - from, l.width * kWord, l.row_stride * w_ * kWord});
  m.loops.push_back({count(p), isa::kPartitionStride, h_ * w_ * kWord});
  in_.kernel.store({std::move(m)});
}

void ImageSink::close() {
  if (feature_) in_.define_feature(id_, *std::move(feature_));
}

Finish limits_of(const Node& node) {
  Finish f;
  const std::string activation = string_of(node, "activation");
  if (activation == "Relu") f.low = 0.0f;
  if (activation == "Clip" || node.op == "Clip") {
    const float low = float_of(node, "min", -INFINITY), high = float_of(node, "max", INFINITY);
    if (std::isfinite(low)) f.low = low;
    if (std::isfinite(high)) f.high = high;
  }
  return f;
}

void finish(Kernel& kernel, const View& dst, const View& src, const Finish& how) {
  const Engine engine = kernel.lighter(static_cast<std::int64_t>(dst.at.count()));
  const Alu limit = how.low ? Alu::Max : how.high ? Alu::Min : Alu::Bypass;
  const float value = how.low ? *how.low : how.high.value_or(0);
  if (how.bias)
    kernel.tensor_pointer(engine, dst, src, Alu::Add, *how.bias, limit, value);
  else if (how.scale != 1)
    kernel.tensor_scalar(engine, dst, src, Alu::Mult, how.scale, limit, value);
  else if (limit != Alu::Bypass)
    return how.low && how.high
               ? kernel.tensor_scalar(engine, dst, src, Alu::Max, *how.low, Alu::Min, *how.high)
               : kernel.tensor_scalar(engine, dst, src, limit, value);
  else
    kernel.copy(engine, dst, src);
  if (how.low && how.high) kernel.tensor_scalar(engine, dst, dst, Alu::Min, *how.high);
}

}  // namespace neuron::compile
