// SPDX-License-Identifier: Apache-2.0
// Operators that pad, crop and fold images.
#include "cpu/kernels.h"

namespace neuron::cpu {
namespace {

/// The place in an axis of `dim` that a place in the padding shows; -1: none, the constant.
std::int64_t shown(std::int64_t i, std::int64_t dim, const std::string& mode) {
  if (i >= 0 && i < dim) return i;
  if (mode == "constant" || dim == 0) return -1;
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, dim - 1);
  if (mode == "wrap") return (i % dim + dim) % dim;
  if (dim == 1) return 0;
  const std::int64_t period = 2 * (dim - 1);
  i = (i % period + period) % period;
  return i < dim ? i : period - i;
}

}  // namespace

void pad(Step& s) {
  const Operand& x = in(s, 0);
  const std::size_t rank = x.shape.size();
  const Ints pads = list(s, 1, "pads").value_or(Ints{});
  Ints axes = has(s, 3) ? fronts(integers(in(s, 3)), rank) : Ints{};
  if (!has(s, 3))
    for (std::size_t i = 0; i < rank; ++i) axes.push_back(static_cast<std::int64_t>(i));
  require(pads.size() == 2 * axes.size(), "as many pads as twice the axes are needed");
  const std::string mode = word(s, "mode", "constant");
  Shape to = x.shape;
  Ints before(rank, 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto axis = static_cast<std::size_t>(axes[i]);
    before[axis] = pads[i];
    to[axis] += pads[i] + pads[axes.size() + i];
  }
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  Tensor fill{x.type, {}, Bytes(size_of(x.type))};
  if (has(s, 2))
    fill.bytes.assign(in(s, 2).bytes.begin(), in(s, 2).bytes.end());
  else
    put<double>(fill.bytes, x.type, 0, real(s, "value", 0));
  const Ints own = strides_of(x.shape), full = strides_of(to);
  for (std::size_t at = 0; at < elements(to); ++at) {
    std::int64_t from = 0;
    bool inside = true;
    for (std::size_t d = 0; d < rank && inside; ++d) {
      const std::int64_t i = static_cast<std::int64_t>(at) / full[d] % to[d] - before[d];
      const std::int64_t place = shown(i, x.shape[d], mode);
      inside = place >= 0;
      from += place * own[d];
    }
    copy_element(inside ? x.bytes : ByteView(fill.bytes),
                 inside ? static_cast<std::size_t>(from) : 0, out, at);
  }
}

/// Both directions: blocks of pixels become channels, or channels blocks.
void shuffle_depth(Step& s) {
  const Operand& x = in(s, 0);
  const std::int64_t b = integer(s, "blocksize", 0);
  require(x.shape.size() == 4 && b > 0, "expected [n,c,h,w] and a blocksize");
  const std::int64_t n = x.shape[0], c = x.shape[1], h = x.shape[2], w = x.shape[3];
  const bool deepens = s.op == "SpaceToDepth";
  require(deepens ? h % b == 0 && w % b == 0 : c % (b * b) == 0, "blocks do not fit");
  const Shape to = deepens ? Shape{n, c * b * b, h / b, w / b} : Shape{n, c / b / b, h * b, w * b};
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  const bool rows_first = word(s, "mode", "DCR") == "DCR" || deepens;
  const std::int64_t wide = deepens ? c : to[1];
  const Shape& image = deepens ? x.shape : to;
  for (std::size_t at = 0; at < elements(image); ++at) {
    const auto place = static_cast<std::int64_t>(at);
    const std::int64_t px = place % image[3], py = place / image[3] % image[2];
    const std::int64_t ch = place / image[3] / image[2] % wide,
                       i = place / image[3] / image[2] / wide;
    const std::int64_t block = py % b * b + px % b;
    const std::int64_t deep = rows_first ? block * wide + ch : ch * b * b + block;
    const auto other = static_cast<std::size_t>(
        ((i * wide * b * b + deep) * (image[2] / b) + py / b) * (image[3] / b) + px / b);
    copy_element(x.bytes, deepens ? at : other, out, deepens ? other : at);
  }
}

void center_crop_pad(Step& s) {
  const Operand& x = in(s, 0);
  const Ints target = integers(in(s, 1));
  Ints axes = attribute<Ints>(s, "axes", {});
  if (axes.empty())
    for (std::size_t i = 0; i < target.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  axes = fronts(axes, x.shape.size());
  require(axes.size() == target.size(), "as many sizes as axes are needed");
  Shape to = x.shape;
  for (std::size_t i = 0; i < axes.size(); ++i) to[static_cast<std::size_t>(axes[i])] = target[i];
  Tensor& out = make(s, 0, x.type, to);
  if (s.only_forms) return;
  Shape both = to;
  const Ints own = strides_of(x.shape), full = strides_of(to);
  std::int64_t from = 0, put_at = 0;
  for (std::size_t d = 0; d < to.size(); ++d) {
    both[d] = std::min(to[d], x.shape[d]);
    from += (x.shape[d] - both[d]) / 2 * own[d];
    put_at += (to[d] - both[d]) / 2 * full[d];
  }
  std::vector<std::size_t> places;
  walk(both, put_at, full, [&](std::size_t, std::size_t at) { places.push_back(at); });
  walk(both, from, own,
       [&](std::size_t i, std::size_t at) { copy_element(x.bytes, at, out, places[i]); });
}

}  // namespace neuron::cpu
