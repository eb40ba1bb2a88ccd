// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store/rows.h"
#include "view/store/segment.h"

namespace neuron::view {

enum class DetailKind : std::uint8_t {
  Time,

  Number,
  Hex,
  Bytes,
  Text,
  Opcode,
  Engine,
  Flag
};
inline constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::min();

/// A row of details.def without its expression.
struct DetailInfo {
  const char* field;
  DetailKind kind;
  std::int64_t none;  ///< the value that says nothing; kNever when all say something
  const char* group;
  const char* label;
};
/// The columns of a kind of row, in the order of their table.
std::span<const DetailInfo> details_of(RowKind kind);
/// Column of `field`; the field exists.
std::size_t detail_column(RowKind kind, std::string_view field);

/// Writes every event of a kind, with the track that shows it as last column; returns the table.
Result<std::uint32_t> write_details(SegmentPart& out, const Timeline& timeline, RowKind kind,
                                    const TrackMap& tracks);

/// One event as {"kind", "title", "groups": [{"name", "fields": [...]}]}.
Result<Json> read_details(const Segment& segment, RowKind kind, std::size_t table,
                          std::size_t texts, std::uint32_t index);

}  // namespace neuron::view
