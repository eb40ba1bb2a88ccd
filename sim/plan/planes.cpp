// SPDX-License-Identifier: Apache-2.0
#include "sim/plan/planes.h"

#include <algorithm>
#include <map>

namespace neuron::sim {
namespace {

constexpr std::int32_t kNothing = INT32_MIN;  ///< nobody reads it
constexpr std::size_t kSample = 64;           ///< columns

/// The most frequent distance of two elements that one term adds to columns `apart` from each
/// other, among the first ones.
std::int32_t usual_step(const Table& table, std::size_t apart) {
  std::map<std::int32_t, std::size_t> found;
  for (const auto& row : table) {
    const std::size_t end = std::min(row.size(), apart + kSample);
    for (std::size_t n = apart; n < end; ++n)
      if (row[n] != kZero && row[n - apart] != kZero) ++found[row[n] - row[n - apart]];
  }
  const auto most = std::ranges::max_element(found, {}, [](const auto& f) { return f.second; });
  return most == found.end() ? 0 : most->first;
}

/// Rows end where most terms do not go on with the usual step; all of them have the same width, or
/// there is none.
std::uint32_t width_of(const Table& table, std::int32_t step) {
  const auto columns = static_cast<std::uint32_t>(table[0].size());
  std::uint32_t width = columns;
  for (std::uint32_t n = 1; n < columns; ++n) {
    std::size_t ending = 0, going_on = 0;
    for (const auto& row : table) {
      const bool here = row[n] != kZero, before = row[n - 1] != kZero;
      const bool goes_on = here && before && row[n] - row[n - 1] == step;
      going_on += goes_on;
      ending += (here || before) && !goes_on;
    }
    const bool cut = ending > going_on;
    if (cut && width == columns) width = n;
    if (cut != (n % width == 0)) return 0;
  }
  return width;
}

/// Those of `rests`, which are in order, that have a plane to themselves. The others share the
/// plane of one before, whole columns away; the taps of a row of the kernel lie close together.
std::vector<std::int32_t> planes_of(const std::vector<std::int32_t>& rests, std::int32_t column) {
  std::int32_t close = INT32_MAX;
  for (std::size_t i = 1; i < rests.size(); ++i) close = std::min(close, rests[i] - rests[i - 1]);
  std::vector<std::int32_t> planes;
  std::size_t first = 0;  // plane of this row of the kernel
  for (std::size_t i = 0; i < rests.size(); ++i) {
    if (i > 0 && rests[i] - rests[i - 1] > close) first = planes.size();
    const auto fits = [&](std::int32_t plane) { return (rests[i] - plane) % column == 0; };
    if (std::none_of(planes.begin() + static_cast<std::ptrdiff_t>(first), planes.end(), fits))
      planes.push_back(rests[i]);
  }
  return planes;
}

}  // namespace

std::optional<Grid> grid_of(const Table& table) {
  Grid g;
  g.column = usual_step(table, 1);
  g.width = width_of(table, g.column);
  if (g.width == 0) return std::nullopt;
  g.row = usual_step(table, g.width);
  for (const auto& row : table) {
    std::optional<std::int64_t> first;
    for (std::uint32_t n = 0; n < row.size(); ++n) {
      if (row[n] == kZero) continue;
      const std::int64_t here =
          row[n] - std::int64_t{n / g.width} * g.row - std::int64_t{n % g.width} * g.column;
      if (first.value_or(here) != here) return std::nullopt;
      first = here;
    }
    if (!first) return std::nullopt;
    g.first.push_back(static_cast<std::int32_t>(*first));
  }
  return g;
}

std::vector<Spot> spots_of(const Grid& g, std::int32_t element) {
  const std::int32_t lowest = *std::ranges::min_element(g.first);
  const std::int32_t row = g.row > 0 ? g.row : INT32_MAX, column = std::max(g.column, element);
  std::vector<std::int32_t> rests;
  for (const std::int32_t first : g.first) rests.push_back((first - lowest) % row);
  std::ranges::sort(rests);
  rests.erase(std::unique(rests.begin(), rests.end()), rests.end());
  const auto planes = planes_of(rests, column);
  std::vector<Spot> spots;
  for (const std::int32_t first : g.first) {
    const std::int32_t rest = (first - lowest) % row;
    // The last one that is not behind it: that of its own row of the kernel.
    auto plane = std::ranges::upper_bound(planes, rest);
    do --plane;
    while ((rest - *plane) % column != 0);
    spots.push_back({static_cast<std::uint32_t>(plane - planes.begin()),
                     static_cast<std::uint32_t>((first - lowest) / row),
                     static_cast<std::uint32_t>((rest - *plane) / column)});
  }
  return spots;
}

Layout::Layout(const Grid& g, const std::vector<Spot>& spots, std::uint32_t begin,
               std::uint32_t end)
    : grid(g), first_row(begin / g.width), rows((end - 1) / g.width - first_row + 1) {
  const auto most = [&](std::uint32_t Spot::*member) {
    return (*std::ranges::max_element(spots, {}, member)).*member;
  };
  pitch = g.width + most(&Spot::column);
  plane = std::size_t{pitch} * (rows + most(&Spot::row));
  floats = plane * (most(&Spot::plane) + 1);
}

std::optional<Pieces> pieces_of(const Layout& layout, const std::vector<Spot>& spots,
                                const Table& table, std::uint32_t begin, std::uint32_t end,
                                unsigned size) {
  if (layout.floats > kMostFloats) return std::nullopt;
  std::vector<std::int32_t> sources(layout.floats, kNothing);
  for (std::size_t t = 0; t < table.size(); ++t)
    for (std::uint32_t n = begin; n < end; ++n) {
      std::int32_t& source = sources[layout.place(n) + layout.shift(spots[t])];
      if (source != kNothing && source != table[t][n]) return std::nullopt;
      source = table[t][n];
    }
  std::vector<std::int32_t> from, to;
  for (std::size_t i = 0; i < sources.size(); ++i)
    if (sources[i] != kNothing && sources[i] != kZero)
      from.push_back(sources[i]), to.push_back(static_cast<std::int32_t>(i));
  if (from.empty()) return std::nullopt;
  return pieces_of(from, to, 0, static_cast<std::int32_t>(layout.floats), size);
}

}  // namespace neuron::sim
