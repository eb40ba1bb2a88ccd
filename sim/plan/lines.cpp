// SPDX-License-Identifier: Apache-2.0
// Constants that move through weights of one column, as those of a last layer do: there is one
// product for each number read, so all that counts is to read them in the order in which they lie.
#include <algorithm>
#include <cstring>

#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

constexpr unsigned kAtOnce = 8;  ///< rows

/// A panel of one of the products.
struct Line {
  std::size_t product;
  const Panel* panel;
  unsigned begin;  ///< columns of all panels before it
  float* sums;
};

/// The panels of all products, one after the other, and where each has its sums.
std::vector<Line> lines_of(const Products& group, float* sums) {
  std::vector<Line> lines;
  unsigned columns = 0;
  for (std::size_t j = 0; j < group.size(); ++j)
    for (const Panel& panel : group[j]->panels) {
      lines.push_back({j, &panel, columns, sums + lines.size() * kLineColumns});
      columns += panel.lanes * kLanes;
    }
  return lines;
}

/// use(chunk, its first row and the number of rows) for as many rows as are read at once.
template <class Use>
void each_few(const PlannedProduct& p, Use use) {
  for (std::size_t c = 0; c < p.chunks.size(); ++c)
    for (unsigned k = 0; k < p.chunks[c].rows; k += kAtOnce)
      use(c, k, std::min(kAtOnce, p.chunks[c].rows - k));
}

/// Row `k` of a chunk, one term, where it lies.
Rows<const float> row_at(const PlannedProduct& p, std::size_t chunk, const Line& line, unsigned k) {
  const PanelPart& part = line.panel->parts[chunk].front();
  const ConstantRows& rows = p.sum.terms[part.term].constant;
  const std::byte* first = rows.data + part.pieces.runs[0].from + k * rows.pitch;
  return {reinterpret_cast<const float*>(first), rows.pitch / sizeof(float)};
}

/// Rows [k, k + count) of a chunk in one panel; packed ones lie tile by tile.
void sum_rows(const PlannedProduct& p, std::size_t chunk, const Line& line, unsigned k,
              unsigned count, Rows<const float> rows, bool packed) {
  TileArguments t{};
  t.a = p.storage->values.data() + p.chunks[chunk].weights + std::size_t{k} * kTileRows;
  t.k = count;
  t.fresh = chunk == 0 && k == 0;
  each_lanes(line.panel->lanes, [&](unsigned lane, unsigned lanes) {
    t.b = rows.at + lane * kLanes * (packed ? count : 1);
    t.b_step = packed ? lanes * kLanes : rows.step;
    t.c = line.sums + lane * kLanes;
    tile_kernels().line[lanes - 1](t);
  });
}

/// Asks for rows where they lie: those behind the ones that are read next.
void ask_for(Rows<const float> rows, const Line& line, unsigned left) {
  for (unsigned ahead = kAtOnce; ahead < std::min(2 * kAtOnce, left); ++ahead)
    for (unsigned n = 0; n < line.panel->lanes; n += kLine / sizeof(float) / kLanes)
      __builtin_prefetch(rows.at + ahead * rows.step + n * kLanes);
}

}  // namespace

bool is_lines(const PlannedProduct& p) {
  if (p.columns != 1 || p.narrow || p.sum.accumulate || p.storage->sparse) return false;
  const auto lies_in_rows = [](const Term& t) {
    return t.constant && !t.high && t.moving.type == DType::Float32 &&
           reinterpret_cast<std::uintptr_t>(t.constant.data) % alignof(float) == 0 &&
           t.constant.pitch % sizeof(float) == 0;
  };
  const auto in_place = [](const Panel& panel) {
    return panel.is_whole() && std::ranges::all_of(panel.parts, [](const auto& parts) {
             return parts.size() == 1 && parts[0].pieces.single();
           });
  };
  return std::ranges::all_of(p.sum.terms, lies_in_rows) && std::ranges::all_of(p.panels, in_place);
}

void pack_lines(const Products& group, Floats& packed) {
  constexpr std::size_t kMost = 4'000'000;  ///< floats: more would cost too much memory
  const PlannedProduct& first = *group[0];
  const auto lines = lines_of(group, nullptr);
  std::size_t rows = 0;
  for (const Chunk& c : first.chunks) rows += c.rows;
  const std::size_t columns = lines.back().begin + lines.back().panel->lanes * kLanes;
  if (rows * columns > kMost) return;
  packed.resize(rows * columns);
  float* to = packed.data();
  each_few(first, [&](std::size_t c, unsigned k, unsigned count) {
    for (const Line& line : lines)
      each_lanes(line.panel->lanes, [&](unsigned lane, unsigned lanes) {
        auto from = row_at(*group[line.product], c, line, k);
        for (unsigned r = 0; r < count; ++r, from.at += from.step, to += lanes * kLanes)
          std::memcpy(to, from.at + lane * kLanes, lanes * kLanes * sizeof(float));
      });
  });
}

void run_lines(const Products& group, const Floats& packed, const Memory& m, Worker& w,
               unsigned begin, unsigned end) {
  open_group(group, m, w);
  const auto all = lines_of(group, w.sums.data());
  const auto lines = std::span(all).subspan(begin, end - begin);
  const std::size_t columns = all.back().begin + all.back().panel->lanes * kLanes;
  std::size_t row = 0;
  each_few(*group[0], [&](std::size_t c, unsigned k, unsigned count) {
    for (const Line& line : lines) {
      const PlannedProduct& p = *group[line.product];
      auto rows = row_at(p, c, line, k);
      if (packed.empty())
        ask_for(rows, line, p.chunks[c].rows - k);
      else
        rows.at = packed.data() + row * columns + count * std::size_t{line.begin};
      sum_rows(p, c, line, k, count, rows, !packed.empty());
    }
    row += count;
  });
  for (const Line& line : lines) take_rows(group, line.product, *line.panel, m, w, 0, 1, line.sums);
}

}  // namespace neuron::sim
