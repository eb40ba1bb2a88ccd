// SPDX-License-Identifier: Apache-2.0
// Stacked images: transfers put the taps of a kernel on partitions of their own, so that the array
// sums over taps and channels at once.
#include <algorithm>

#include "compile/ops/spatial.h"

namespace neuron::compile {
namespace {

constexpr std::size_t kPiles = 3;  // one is filled, one is read, one waits

/// Columns [first, last) of a stacked row that tap kx fills, and the pixel that the first one is.
struct Fill {
  std::int64_t first, last, pixel;
};
Fill fill_of(const Stack& s, std::int64_t kx) {
  const Axis& x = s.window.x;
  const std::int64_t shift = x.begin - kx * x.dilation;
  const std::int64_t first = std::clamp<std::int64_t>(shift, 0, s.width);
  return {first, std::clamp<std::int64_t>(shift + x.in, first, s.width), first - shift};
}

View block(const Stack& s, std::uint32_t tile, std::int64_t row, std::int64_t rows,
           std::int64_t column, std::int64_t columns) {
  return grid(static_cast<std::uint32_t>(tile + (row * s.width + column) * kWord),
              static_cast<int>(s.partitions()), {{columns, 1}, {rows, s.width}});
}

}  // namespace

/// Zeroes the columns that some tap never fills, once: transfers leave them alone.
Result<> ImageSource::open_stack() {
  feature_ = TRY(in_.resident(id_));
  const Stack& s = *stack_;
  std::int64_t left = 0, right = s.width;
  for (std::int64_t kx = 0; kx < s.columns; ++kx) {
    left = std::max(left, fill_of(s, kx).first);
    right = std::min(right, fill_of(s, kx).last);
  }
  for (std::size_t p = 0; p < kPiles; ++p) {
    auto tile = TRY(in_.tile(s.rows * s.width * kWord));
    piles_.push_back(tile);
    const std::uint32_t at = address_of(piles_.back());
    if (left > 0) in_.kernel.memset(Engine::Gpsimd, block(s, at, 0, s.rows, 0, left), 0);
    if (right < s.width)
      in_.kernel.memset(Engine::Gpsimd, block(s, at, 0, s.rows, right, s.width - right), 0);
  }
  return {};
}

Result<> ImageSource::pile(std::int64_t n, std::int64_t from, std::int64_t to) {
  const Stack& s = *stack_;
  const Window& w = s.window;
  const std::int64_t image = w.y.in * w.x.in;
  const Tile& tile = piles_[turn_++ % kPiles];
  Place source;
  if (feature_)
    source = Place{kLocal, feature_->pieces[0].address + n * image * kWord};
  else
    source = TRY(in_.device(id_));
  const std::int64_t base = feature_ ? 0 : n * w.channels * image * kWord;
  const std::int64_t step = feature_ ? std::int64_t{isa::kPartitionStride} : image * kWord;
  std::int64_t top = from, bottom = to;
  std::vector<Move> moves;
  for (std::int64_t ky = 0; ky < w.y.kernel; ++ky) {
    const auto [first, last] = w.y.covered(ky, from, to);
    top = std::max(top, first);
    bottom = std::min(bottom, last);
    for (std::int64_t kx = 0; kx < s.columns; ++kx) {
      const Fill x = fill_of(s, kx);
      if (first == last || x.first == x.last) continue;
      const std::int64_t partition = (ky * s.columns + kx) * w.channels;
      const Place at{source.variable,
                     source.offset + base + (w.y.pixel(first, ky) * w.x.in + x.pixel) * kWord};
      const Place to_place{kLocal, address_of(tile) + partition * isa::kPartitionStride +
                                       ((first - from) * s.width + x.first) * kWord};
      moves.push_back({at,
                       to_place,
                       (x.last - x.first) * kWord,
                       {{last - first, w.y.stride * w.x.in * kWord, s.width * kWord},
                        {w.channels, step, isa::kPartitionStride}}});
    }
  }
  const auto clear = [&](std::int64_t row, std::int64_t rows) {
    if (rows > 0)
      in_.kernel.memset(Engine::Gpsimd, block(s, address_of(tile), row, rows, 0, s.width), 0);
  };
  clear(0, std::min(top, to) - from);
  clear(std::max(bottom, top) - from, to - std::max(bottom, top));
  in_.kernel.load(std::move(moves));
  band_ = {Piece{tile, address_of(tile), 0, static_cast<int>(s.partitions())}};
  TRY(narrow(band_[0], (to - from) * s.width));
  first_row_ = from;
  return {};
}

}  // namespace neuron::compile
