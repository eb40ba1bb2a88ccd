// SPDX-License-Identifier: Apache-2.0
// Resizing of images, one axis after the other: every result is a pixel, or two weighted ones.
// Results at equal distances with equal weights are one instruction.
#include <algorithm>
#include <cmath>

#include "compile/ops/spatial.h"

namespace neuron::compile {
namespace {

/// Where a result comes from: pixel `first`, and `weight` of the way to the pixel `second`.
struct Source {
  std::int64_t first = 0, second = 0;
  float weight = 0;
};

/// Position of result `o` among `in` pixels.
double position(const std::string& mode, std::int64_t o, std::int64_t in, std::int64_t out,
                double scale) {
  const auto at = static_cast<double>(o);
  if (mode == "align_corners")
    return out == 1 ? 0 : at * static_cast<double>(in - 1) / static_cast<double>(out - 1);
  if (mode == "asymmetric") return at / scale;
  if (mode == "pytorch_half_pixel" && out == 1) return 0;
  return (at + 0.5) / scale - 0.5;
}

std::int64_t nearest(const std::string& mode, double at) {
  if (mode == "floor") return static_cast<std::int64_t>(std::floor(at));
  if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(at));
  const bool half = at - std::floor(at) == 0.5;
  if (half && mode == "round_prefer_floor") return static_cast<std::int64_t>(std::floor(at));
  return static_cast<std::int64_t>(std::floor(at + 0.5));
}

std::vector<Source> sources_of(const Node& node, std::int64_t in, std::int64_t out, double scale) {
  const std::string mode = string_of(node, "coordinate_transformation_mode", "half_pixel");
  std::vector<Source> all;
  for (std::int64_t o = 0; o < out; ++o) {
    const double at = position(mode, o, in, out, scale);
    Source s;
    if (string_of(node, "mode") == "nearest") {
      const std::string rounding = string_of(node, "nearest_mode", "round_prefer_floor");
      s.first = s.second = std::clamp<std::int64_t>(nearest(rounding, at), 0, in - 1);
    } else {
      const double inside = std::clamp(at, 0.0, static_cast<double>(in - 1));
      s.first = static_cast<std::int64_t>(std::floor(inside));
      s.second = std::min(s.first + 1, in - 1);
      s.weight = static_cast<float>(inside - static_cast<double>(s.first));
    }
    all.push_back(s);
  }
  return all;
}

/// Results first, first + period, ... of which all take their pixels in equal steps.
struct Run {
  std::int64_t first, count, step;
};
Run run_from(const std::vector<Source>& all, std::int64_t first, std::int64_t period) {
  const auto at = [&](std::int64_t i) { return all[static_cast<std::size_t>(first + i * period)]; };
  const auto size = static_cast<std::int64_t>(all.size());
  Run run{first, 1, 1};
  while (first + run.count * period < size) {
    const Source a = at(run.count - 1), b = at(run.count);
    if (run.count == 1) run.step = b.first - a.first;
    const bool same = b.first - a.first == run.step && b.second - a.second == run.step &&
                      std::fabs(a.weight - b.weight) < 1e-6f;
    if (!same) break;
    ++run.count;
  }
  return run;
}

/// One axis of one image: `pixel` and `result` are its steps, `others` the other axis.
struct Line {
  std::uint32_t from, to;
  int channels;
  std::int64_t pixel, result;  ///< elements
  std::int64_t others, pixel_other, result_other;
};

Result<> resize_axis(Lowering& in, const Line& l, const std::vector<Source>& all) {
  Kernel& k = in.kernel;
  const auto size = static_cast<std::int64_t>(all.size());
  // Neighbours that share a pixel, as those in the middle do.
  const std::int64_t middle = all[static_cast<std::size_t>(size / 2)].first;
  std::int64_t period =
      std::count_if(all.begin(), all.end(), [&](const Source& s) { return s.first == middle; });
  if (size % period != 0) period = 1;
  for (std::int64_t phase = 0; phase < period; ++phase)
    for (std::int64_t o = phase; o < size;) {
      const Run run = run_from(all, o, period);
      const Source& s = all[static_cast<std::size_t>(o)];
      const auto view = [&](std::uint32_t base, std::int64_t at, std::int64_t step,
                            std::int64_t other) {
        return grid(static_cast<std::uint32_t>(base + at * kWord), l.channels,
                    {{run.count, step}, {l.others, other}});
      };
      const View y = view(l.to, o * l.result, period * l.result, l.result_other);
      const View a = view(l.from, s.first * l.pixel, run.step * l.pixel, l.pixel_other);
      const Engine engine = k.lighter(run.count * l.others);
      if (s.weight == 0) {
        k.copy(engine, y, a);
      } else {
        const View b = view(l.from, s.second * l.pixel, run.step * l.pixel, l.pixel_other);
        const Tile hold = TRY(in.tile(run.count * l.others * kWord));
        const View t = line(address_of(hold), l.channels, run.count * l.others);
        k.tensor_scalar(engine, t, b, Alu::Mult, s.weight);
        k.tensor_scalar(engine, y, a, Alu::Mult, 1 - s.weight);
        k.tensor_tensor(Engine::Vector, y, y, Alu::Add, t);
      }
      o += run.count * period;
    }
  return {};
}

}  // namespace

Result<> lower_resize(Lowering& in, const Node& node) {
  const char* form = "mode nearest or linear over the rows and columns of [N,C,H,W] that fits SBUF";
  const Shape& x = input_of(in.graph, node, 0).shape;
  const Shape& y = output_of(in.graph, node).shape;
  const auto scales = attribute_or<std::vector<float>>(node, "scales", {});
  if (x.size() != 4 || x[0] != y[0] || x[1] != y[1] || scales.size() != 4)
    return unsupported(node, "other axes", form);
  const auto source = TRY(in.feature(*node.inputs[0]));
  auto sink = TRY(in.make_feature(y));
  if (!source || !sink) return unsupported(node, "an image larger than SBUF", form);
  const std::vector<Source> columns = sources_of(node, x[3], y[3], static_cast<double>(scales[3]));
  const std::vector<Source> rows = sources_of(node, x[2], y[2], static_cast<double>(scales[2]));
  for (std::size_t p = 0; p < sink->pieces.size(); ++p) {
    const Piece &from = source->pieces[p], &to = sink->pieces[p];
    for (std::int64_t n = 0; n < x[0]; ++n) {
      const Tile wide = TRY(in.tile(x[2] * y[3] * kWord));
      const auto a = static_cast<std::uint32_t>(from.address + n * source->s * kWord);
      const auto b = static_cast<std::uint32_t>(to.address + n * sink->s * kWord);
      TRY(resize_axis(in, {a, address_of(wide), to.count, 1, 1, x[2], x[3], y[3]}, columns));
      TRY(resize_axis(in, {address_of(wide), b, to.count, y[3], y[3], y[3], 1, 1}, rows));
    }
  }
  in.define_feature(node.outputs[0], *std::move(sink));
  return {};
}

}  // namespace neuron::compile
