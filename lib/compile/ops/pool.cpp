// SPDX-License-Identifier: Apache-2.0
// Pooling: one reduction over the two inner axes of a four-dimensional view, window by window. At
// the borders, where windows are cut by the padding, positions with equally cut windows go
// together.
#include <algorithm>

#include "compile/ops/spatial.h"

namespace neuron::compile {
namespace {

/// Positions [from, to) of an axis whose windows see taps [tap, tap + taps).
struct Run {
  std::int64_t from, to, tap, taps, counted;
};

/// Cuts an axis into runs. `counted` is how many taps an average divides by.
std::vector<Run> runs_of(const Axis& axis, bool count_padding, std::int64_t never) {
  std::vector<Run> out;
  for (std::int64_t o = 0; o < axis.out; ++o) {
    std::int64_t tap = axis.kernel, end = 0, counted = 0;
    for (std::int64_t t = 0; t < axis.kernel; ++t) {
      const std::int64_t pixel = axis.pixel(o, t);
      counted += pixel < axis.in + axis.end - never;
      if (pixel < 0 || pixel >= axis.in) continue;
      tap = std::min(tap, t);
      end = t + 1;
    }
    const Run run{o, o + 1, tap, std::max<std::int64_t>(0, end - tap),
                  count_padding ? counted : std::max<std::int64_t>(0, end - tap)};
    const bool same = !out.empty() && out.back().tap == run.tap && out.back().taps == run.taps &&
                      out.back().counted == run.counted;
    if (same)
      out.back().to = o + 1;
    else
      out.push_back(run);
  }
  return out;
}

class Pool {
 public:
  Pool(Lowering& in, const Node& node, Window w)
      : k_(in.kernel),
        node_(node),
        w_(w),
        average_(node.op == "AveragePool"),
        source_(in, *node.inputs[0], w.y.in, w.x.in),
        sink_(in, node.outputs[0], w.y.out, w.x.out) {}

  Result<> run() {
    const bool padding = int_of(node_, "count_include_pad", 0) != 0;
    const auto never = ints_of(node_, "ceil_pads");
    rows_ = runs_of(w_.y, padding, never.size() > 1 ? never[0] : 0);
    columns_ = runs_of(w_.x, padding, never.empty() ? 0 : never.back());
    for (const auto* runs : {&rows_, &columns_})
      for (const Run& r : *runs)
        if (r.taps == 0) return unsupported(node_, "a window sees only padding", "smaller pads");
    TRY(source_.open());
    TRY(sink_.open());
    const std::int64_t band = source_.whole() && sink_.whole() ? w_.y.out : band_rows();
    for (std::int64_t n = 0; n < w_.n; ++n)
      for (std::int64_t y = 0; y < w_.y.out; y += band)
        TRY(rows(n, y, std::min(y + band, w_.y.out)));
    sink_.close();
    return {};
  }

 private:
  /// As many rows as a band of a sixth of SBUF holds on the wider side.
  std::int64_t band_rows() const {
    const std::int64_t pieces = (w_.channels + 127) / 128;
    const std::int64_t row = std::max(w_.x.in * w_.y.stride * pieces, w_.x.out) * kWord;
    return std::max<std::int64_t>(1, resident_bytes(k_.arch) / 4 / row);
  }

  Result<> rows(std::int64_t n, std::int64_t from, std::int64_t to) {
    const std::int64_t first = std::clamp<std::int64_t>(w_.y.pixel(from, 0), 0, w_.y.in - 1);
    const std::int64_t last =
        std::clamp<std::int64_t>(w_.y.pixel(to - 1, w_.y.kernel - 1), first, w_.y.in - 1);
    TRY(source_.need(n, first, last + 1));
    for (std::size_t p = 0; p < source_.pieces().size(); ++p) {
      const std::uint32_t place = TRY(sink_.place(p, n, from, to));
      for (const Run& y : rows_)
        for (const Run& x : columns_) {
          Run part = y;
          part.from = std::max(y.from, from);
          part.to = std::min(y.to, to);
          if (part.from < part.to) windows(n, source_.pieces()[p], part, x, place, from);
        }
      if (average_) scale(p, place, from, to);
      sink_.done(p, n, from, to);
    }
    return {};
  }

  void windows(std::int64_t n, const Piece& piece, const Run& y, const Run& x, std::uint32_t place,
               std::int64_t top) {
    const std::uint32_t from =
        source_.at(piece, n, w_.y.pixel(y.from, y.tap), w_.x.pixel(x.from, x.tap));
    const View src = axes(from, piece.count,
                          {{x.taps, w_.x.dilation},
                           {y.taps, w_.y.dilation * w_.x.in},
                           {x.to - x.from, w_.x.stride},
                           {y.to - y.from, w_.y.stride * w_.x.in}});
    const auto to =
        static_cast<std::uint32_t>(place + ((y.from - top) * w_.x.out + x.from) * kWord);
    const View dst = axes(to, piece.count, {{x.to - x.from, 1}, {y.to - y.from, w_.x.out}});
    k_.reduce(Engine::Vector, dst, src, average_ ? Alu::Add : Alu::Max, 2);
  }

  /// Sums to averages: at once where all windows count alike, else run by run.
  void scale(std::size_t p, std::uint32_t place, std::int64_t from, std::int64_t to) {
    const int count = sink_.count(p);
    const auto multiply = [&](const View& v, std::int64_t taps) {
      k_.tensor_scalar(k_.lighter(static_cast<std::int64_t>(v.at.count())), v, v, Alu::Mult,
                       1.0f / static_cast<float>(taps));
    };
    const bool uniform = [&] {
      for (const Run& y : rows_)
        for (const Run& x : columns_)
          if (y.counted * x.counted != rows_[0].counted * columns_[0].counted) return false;
      return true;
    }();
    if (uniform)
      return multiply(line(place, count, (to - from) * w_.x.out),
                      rows_[0].counted * columns_[0].counted);
    for (const Run& y : rows_)
      for (const Run& x : columns_) {
        const std::int64_t y0 = std::max(y.from, from), y1 = std::min(y.to, to);
        if (y0 >= y1) continue;
        const auto at =
            static_cast<std::uint32_t>(place + ((y0 - from) * w_.x.out + x.from) * kWord);
        multiply(grid(at, count, {{x.to - x.from, 1}, {y1 - y0, w_.x.out}}), y.counted * x.counted);
      }
  }

  Kernel& k_;
  const Node& node_;
  Window w_;
  bool average_;
  ImageSource source_;
  ImageSink sink_;
  std::vector<Run> rows_, columns_;
};

}  // namespace

Result<> lower_pool(Lowering& in, const Node& node) {
  const Window window = TRY(window_of(in, node, ints_of(node, "kernel_shape")));
  return Pool(in, node, window).run();
}

}  // namespace neuron::compile
