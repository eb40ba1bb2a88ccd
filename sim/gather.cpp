// SPDX-License-Identifier: Apache-2.0
#include "sim/gather.h"

#include <algorithm>

#include "sim/access.h"

namespace neuron::sim {
namespace {

/// Bytes of a partition's row, from the first to the last that tiles touch.
struct Span {
  std::uint32_t begin = ~0u, end = 0;
  std::uint32_t gap = 0;  ///< the widest between two runs of a tile
  void add(const Span& o) {
    *this = {std::min(begin, o.begin), std::max(end, o.end), std::max(gap, o.gap)};
  }
  /// A row of an image may end with padding, in each tile alike.
  bool touches(const Span& next) const { return next.begin <= end + std::max(gap, next.gap); }
};

Span span_of(const Extent& e) {
  Span all;
  for (std::size_t i = 0; i < e.runs.size(); ++i) {
    const auto [begin, bytes] = e.runs[i];
    const bool skips = i > 0 && begin > e.runs[i - 1].first + e.runs[i - 1].second;
    all.add({begin, begin + bytes, skips ? begin - e.runs[i - 1].first - e.runs[i - 1].second : 0});
  }
  return all;
}

}  // namespace

void Gatherer::add(const std::string& name, const Traced& t) {
  if (!t.value || !t.extent) return;
  tiles_[name].insert_or_assign(*t.extent, Tile{turns_++, t.value->bytes});
}

std::vector<Gatherer::Side> Gatherer::sides_of(const Tiles& tiles) {
  std::vector<Side> sides;
  Span last;
  for (const auto& tile : tiles) {  // in the order of memory, type and first byte
    const Span span = span_of(tile.first);
    const Extent* before = sides.empty() ? nullptr : &sides.back().front()->first;
    const bool joins = before && before->psum == tile.first.psum &&
                       before->type == tile.first.type && last.touches(span);
    if (!joins) {
      sides.emplace_back();
      last = {};
    }
    last.add(span);
    sides.back().push_back(&tile);
  }
  return sides;
}

Gatherer::Array Gatherer::array_of(const std::string& name, Side side) {
  const Extent& front = side.front()->first;
  Span all;
  std::uint32_t first = ~0u, last = 0;
  for (const auto* tile : side) {
    all.add(span_of(tile->first));
    first = std::min(first, tile->first.partition);
    last = std::max(last, tile->first.partition + tile->first.partitions);
  }
  std::sort(side.begin(), side.end(),
            [](const auto* a, const auto* b) { return a->second.turn < b->second.turn; });
  const std::size_t row = all.end - all.begin;
  Array out{name, {front.type, {}, Bytes((last - first) * row)}, "", side.size(), true};
  std::vector<bool> written(out.value.bytes.size());
  for (const auto* tile : side) {
    auto from = tile->second.bytes.begin();
    for (std::size_t p = tile->first.partition - first, n = p + tile->first.partitions; p < n; ++p)
      for (const auto& [begin, bytes] : tile->first.runs) {
        const std::size_t to = p * row + begin - all.begin;
        std::copy_n(from, bytes, out.value.bytes.begin() + static_cast<std::ptrdiff_t>(to));
        std::fill_n(written.begin() + static_cast<std::ptrdiff_t>(to), bytes, true);
        from += bytes;
      }
  }
  if (row % size_of(front.type) != 0) out.value.type = DType::UInt8;  // tiles at odd distances
  out.value.shape = {last - first, static_cast<std::int64_t>(row / size_of(out.value.type))};
  out.place = place_of((front.psum ? std::uint64_t{isa::kPsumBase} : 0) +
                       std::uint64_t{first} * isa::kPartitionStride + all.begin);
  out.whole = std::find(written.begin(), written.end(), false) == written.end();
  return out;
}

std::vector<Gatherer::Array> Gatherer::arrays() const {
  std::vector<Array> out;
  for (const auto& [name, tiles] : tiles_)
    for (Side& side : sides_of(tiles)) out.push_back(array_of(name, std::move(side)));
  return out;
}

}  // namespace neuron::sim
