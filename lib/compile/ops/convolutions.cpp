// SPDX-License-Identifier: Apache-2.0
// The operators that are convolutions: Conv, plain or stacked; ConvTranspose, by phases of its
// output; LRN, whose sum over channels has a band of weights.
#include <algorithm>
#include <numeric>

#include "compile/ops/convolution.h"

namespace neuron::compile {
namespace {

/// How to put taps on partitions, when that pays: the array sums more at once, but every tap is a
/// transfer of its own.
std::optional<Stack> stack_for(const Lowering& in, const Window& w) {
  const std::int64_t taps = w.y.kernel * w.x.kernel;
  const bool all = w.channels * taps <= isa::kPartitions;
  if (taps == 1 || w.channels * w.y.kernel > isa::kPartitions || w.x.out > kBankColumns)
    return std::nullopt;
  Stack s{w, all ? w.x.kernel : 1, 0, 0};
  const std::int64_t reach = (w.x.out - 1) * w.x.stride + 1;
  s.width = all ? reach : reach + (w.x.kernel - 1) * w.x.dilation;
  const std::int64_t room = resident_bytes(in.kernel.arch) / 4;
  s.rows = band_rows(w, room, s.width * kWord, true);
  if (s.rows * s.width * kWord > room) return std::nullopt;
  // Nanoseconds: four passes of a column a tap; runs of a row over all rings, and their latency.
  const isa::Arch& arch = in.kernel.arch;
  const double column = 4 / arch.tensor_ghz, outputs = static_cast<double>(w.n * w.y.out * w.x.out);
  const double run = 8 + static_cast<double>(w.x.in * kWord) / arch.dma_bytes_per_ns;
  const double moved = static_cast<double>(s.partitions() * w.n * w.y.out) * run / arch.dma_engines;
  const double left = outputs * column * static_cast<double>(taps / (w.y.kernel * s.columns));
  const double plain = outputs * column * static_cast<double>(taps);
  if (std::max(left, moved) + 4000 > plain) return std::nullopt;
  return s;
}

/// Weights [outputs, inputs of a group, ky, kx] for a stack: dense over groups, rows as it stacks.
std::vector<float> stacked_weights(const Stack& s, const std::vector<float>& from,
                                   std::int64_t outputs, std::int64_t group) {
  const Window& w = s.window;
  const std::int64_t in_group = w.channels / group, out_group = outputs / group;
  const std::int64_t rest = w.x.kernel / s.columns;
  std::vector<float> out(static_cast<std::size_t>(outputs * s.partitions() * rest));
  std::size_t at = 0;
  for (std::int64_t o = 0; o < outputs; ++o)
    for (std::int64_t i = 0; i < in_group; ++i)
      for (std::int64_t ky = 0; ky < w.y.kernel; ++ky)
        for (std::int64_t kx = 0; kx < w.x.kernel; ++kx) {
          const std::int64_t c = o / out_group * in_group + i;
          const std::int64_t row = (ky * s.columns + (rest == 1 ? kx : 0)) * w.channels + c;
          out[static_cast<std::size_t>((o * s.partitions() + row) * rest + (rest == 1 ? 0 : kx))] =
              from[at++];
        }
  return out;
}

/// The convolution over a stack: one row of what taps are left, no padding, no groups.
Window stacked_window(const Stack& s) {
  Window w = s.window;
  w.channels = s.partitions();
  w.y = {s.window.y.out, s.window.y.out, 1, 1, 1, 0, 0};
  w.x.in = s.width;
  w.x.kernel /= s.columns;
  w.x.begin = w.x.end = 0;
  return w;
}

/// Band of an image that is read as it lies.
std::int64_t plain_band(const Lowering& in, const Window& w) {
  const std::int64_t pieces = (w.channels + isa::kPartitions - 1) / isa::kPartitions;
  return band_rows(w, resident_bytes(in.kernel.arch) / 2, pieces * w.x.in * kWord, false);
}

/// Taps of one axis of a transposed convolution that reach positions phase, phase + stride, ...
struct Phase {
  Axis axis;  ///< over those positions
  std::vector<std::int64_t> taps;
};
Phase phase_of(const Axis& a, std::int64_t phase) {
  Phase p;
  p.axis.in = a.in;
  p.axis.out = (a.out - phase + a.stride - 1) / a.stride;
  p.axis.dilation = -(a.dilation / std::gcd(a.dilation, a.stride));
  for (std::int64_t t = 0; t < a.kernel; ++t) {
    const std::int64_t reach = phase + a.begin - t * a.dilation;
    if (reach % a.stride != 0) continue;
    if (p.taps.empty()) p.axis.begin = -(reach / a.stride);
    p.taps.push_back(t);
  }
  p.axis.kernel = static_cast<std::int64_t>(p.taps.size());
  return p;
}

/// Weights [channels, outputs of a group, ky, kx] of the taps of two phases, as a plain convolution
/// has them.
std::vector<float> phase_weights(const std::vector<float>& from, const Window& w,
                                 std::int64_t outputs, std::int64_t group, const Phase& y,
                                 const Phase& x) {
  const std::int64_t in_group = w.channels / group, out_group = outputs / group;
  std::vector<float> out;
  for (std::int64_t o = 0; o < outputs; ++o)
    for (std::int64_t i = 0; i < in_group; ++i) {
      const std::int64_t c = o / out_group * in_group + i;
      for (std::int64_t ky : y.taps)
        for (std::int64_t kx : x.taps)
          out.push_back(from[static_cast<std::size_t>(
              ((c * out_group + o % out_group) * w.y.kernel + ky) * w.x.kernel + kx)]);
    }
  return out;
}

}  // namespace

Result<> lower_conv(Lowering& in, const Node& node) {
  const Shape& shape = input_of(in.graph, node, 1).shape;
  const Window w = TRY(window_of(in, node, Shape(shape.begin() + 2, shape.end())));
  std::vector<float> values = in.floats(*node.inputs[1]);
  const std::int64_t group = int_of(node, "group", 1), outputs = shape[0];
  std::optional<Place> computed;
  if (values.empty() && group != 1)
    return unsupported(node, "weights are computed", "constant weights, or one group");
  if (values.empty()) computed = TRY(in.device(*node.inputs[1]));
  in.kernel.macs += static_cast<std::uint64_t>(count_of(output_of(in.graph, node).shape) *
                                               (count_of(shape) / outputs));
  ImageSink sink(in, node.outputs[0], w.y.out, w.x.out);
  TRY(sink.open(in.chip_type(node.outputs[0])));
  const auto stack = computed ? std::nullopt : stack_for(in, w);
  if (stack)
    TRY(convolve(in, node,
                 {stacked_window(*stack),
                  outputs,
                  1,
                  stacked_weights(*stack, values, outputs, group),
                  stack->rows,
                  {}},
                 ImageSource(in, *node.inputs[0], *stack), sink));
  else
    TRY(convolve(in, node, {w, outputs, group, std::move(values), plain_band(in, w), computed},
                 ImageSource(in, *node.inputs[0], w.y.in, w.x.in), sink));
  sink.close();
  return {};
}

/// Each phase of the output is a plain convolution with the taps that reach it.
Result<> lower_conv_transpose(Lowering& in, const Node& node) {
  const Shape& shape = input_of(in.graph, node, 1).shape;
  const Window w = TRY(window_of(in, node, Shape(shape.begin() + 2, shape.end())));
  const std::vector<float> values = in.floats(*node.inputs[1]);
  if (values.empty()) return unsupported(node, "weights are computed", "constant weights");
  const std::int64_t outputs = output_of(in.graph, node).shape[1];
  const std::int64_t group = int_of(node, "group", 1);
  in.kernel.macs += static_cast<std::uint64_t>(count_of(input_of(in.graph, node, 0).shape) *
                                               (count_of(shape) / shape[0]));
  ImageSink sink(in, node.outputs[0], w.y.out, w.x.out);
  TRY(sink.open());
  for (std::int64_t py = 0; py < std::min(w.y.stride, w.y.out); ++py)
    for (std::int64_t px = 0; px < std::min(w.x.stride, w.x.out); ++px) {
      const Phase y = phase_of(w.y, py), x = phase_of(w.x, px);
      sink.lattice({py, w.y.stride, px, w.x.stride, x.axis.out});
      const Window part{w.n, w.channels, y.axis, x.axis};
      TRY(convolve(in, node,
                   {part,
                    outputs,
                    group,
                    phase_weights(values, w, outputs, group, y, x),
                    plain_band(in, part),
                    {}},
                   ImageSource(in, *node.inputs[0], w.y.in, w.x.in), sink));
    }
  sink.close();
  return {};
}

/// x / (bias + alpha / size * sum of squares of `size` neighbouring channels) ^ beta: the sum is a
/// convolution of one tap whose weights are a band.
Result<> lower_lrn(Lowering& in, const Node& node) {
  const char* form = "float32 images [N,C,spatial] that fit SBUF twice";
  const Shape& shape = input_of(in.graph, node, 0).shape;
  if (shape.size() < 3 || shape.size() > 4) return unsupported(node, "another rank", form);
  const Window w = TRY(window_of(in, node, Shape(shape.size() - 2, 1)));
  const auto x = TRY(in.feature(*node.inputs[0]));
  auto squares = TRY(in.make_feature(shape));
  if (!x || !squares) return unsupported(node, "an image larger than SBUF", form);
  Kernel& k = in.kernel;
  for (std::size_t p = 0; p < x->pieces.size(); ++p)
    k.tensor_tensor(Engine::Vector, squares->all(squares->pieces[p]), x->all(x->pieces[p]),
                    Alu::Mult, x->all(x->pieces[p]));
  const std::int64_t size = int_of(node, "size", 1), c = w.channels;
  std::vector<float> band(static_cast<std::size_t>(c * c));
  for (std::int64_t o = 0; o < c; ++o)
    for (std::int64_t i = std::max<std::int64_t>(0, o - (size - 1) / 2);
         i <= std::min(c - 1, o + size / 2); ++i)
      band[static_cast<std::size_t>(o * c + i)] =
          float_of(node, "alpha", 1e-4f) / static_cast<float>(size);
  ImageSink sink(in, node.outputs[0], w.y.out, w.x.out);
  TRY(sink.open());
  TRY(convolve(in, node, {w, c, 1, std::move(band), w.y.out, {}},
               ImageSource(in, *std::move(squares), w.y.in, w.x.in), sink));
  sink.close();
  const auto y = TRY(in.resident(node.outputs[0]));
  if (!y) return unsupported(node, "an image larger than SBUF", form);
  for (std::size_t p = 0; p < y->pieces.size(); ++p) {
    const View out = y->all(y->pieces[p]);
    k.activate(out, out, isa::Activation::Log, 1, float_of(node, "bias", 1));
    k.activate(out, out, isa::Activation::Exp, -float_of(node, "beta", 0.75f));
    k.tensor_tensor(Engine::Vector, out, out, Alu::Mult, x->all(x->pieces[p]));
  }
  return {};
}

}  // namespace neuron::compile
