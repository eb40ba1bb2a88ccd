// SPDX-License-Identifier: Apache-2.0
// Weights that stand alone: the elements that each column of a panel sums, vector by vector.
#include <algorithm>

#include "sim/plan/panels.h"

namespace neuron::sim {
namespace {

template <class Use>
void each_piece(const Panel& panel, Use use) {
  for (const auto& parts : panel.parts)
    for (const PanelPart& part : parts)
      for (const Piece& piece : part.pieces.runs) use(part, piece);
}

/// Columns where most runs of elements begin or end: rows of an image.
std::vector<unsigned> cuts_of(const Panel& panel, unsigned columns) {
  std::vector<unsigned> touching(columns + 1), crossing(columns + 1);
  each_piece(panel, [&](const PanelPart&, const Piece& piece) {
    const unsigned first = piece.to, end = first + piece.count;
    ++touching[first], ++touching[end];
    for (unsigned c = first + 1; c < end; ++c) ++touching[c], ++crossing[c];
  });
  std::vector<unsigned> cuts{0};
  for (unsigned c = 1; c < columns; ++c)
    if (crossing[c] * 2 < touching[c]) cuts.push_back(c);
  cuts.push_back(columns);
  return cuts;
}

/// Vectors of about equal length between cuts.
std::vector<TapVector> vectors_of(const Panel& panel, unsigned columns) {
  const auto cuts = cuts_of(panel, columns);
  std::vector<TapVector> vectors;
  for (std::size_t i = 1; i < cuts.size(); ++i) {
    const unsigned length = cuts[i] - cuts[i - 1], count = (length + kTapColumns - 1) / kTapColumns;
    for (unsigned j = 0; j < count; ++j) {
      const unsigned begin = length * j / count, end = length * (j + 1) / count;
      vectors.push_back({static_cast<std::uint16_t>(cuts[i - 1] + begin),
                         static_cast<std::uint16_t>(end - begin), 0});
    }
  }
  return vectors;
}

}  // namespace

void plan_taps(const PlannedProduct& p, Panel& panel) {
  bool even = true;
  each_piece(panel, [&](const PanelPart&, const Piece& piece) {
    even &= piece.count == 1 || piece.step == 1 || piece.step == 2;
  });
  if (!even) return;
  panel.vectors = vectors_of(panel, panel.end - panel.begin);
  const auto origin = static_cast<std::int32_t>(p.sum.terms[0].moving.at);
  for (TapVector& v : panel.vectors) {
    each_piece(panel, [&](const PanelPart& part, const Piece& piece) {
      const int begin = std::max<int>(v.to, piece.to) - v.to,
                end = std::min(v.to + v.count, piece.to + piece.count) - v.to;
      if (begin >= end) return;
      const auto at = static_cast<std::int32_t>(p.sum.terms[part.term].moving.at) - origin;
      panel.taps.push_back({at + piece.from + (v.to - piece.to) * piece.step * 4,
                            static_cast<std::uint16_t>(part.term),
                            static_cast<std::uint16_t>((1u << end) - (1u << begin)),
                            piece.step == 2});
    });
    v.end = static_cast<std::uint32_t>(panel.taps.size());
  }
}

}  // namespace neuron::sim
