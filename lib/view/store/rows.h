// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "view/store.h"

/// Which row of the timeline every event belongs to, and which lane of that row, so that what
/// overlaps in time is stacked.
namespace neuron::view {

enum class RowKind : std::uint8_t { Queue, Instruction, Collective, Throttle, Semaphore };
const char* text_of(RowKind kind);
inline constexpr RowKind kRowKinds[] = {RowKind::Queue, RowKind::Instruction, RowKind::Collective,
                                        RowKind::Throttle, RowKind::Semaphore};

struct Lane {
  std::vector<std::uint32_t> events;  ///< indices in the timeline, in order of their begin
};
struct Row {
  RowKind kind = RowKind::Instruction;
  std::string name;          ///< "VectorE", "qSyncIO0"
  std::uint8_t core = 0;     ///< index in Timeline::cores
  std::uint16_t engine = 0;  ///< of instructions
  std::vector<Lane> lanes;   ///< lowest first
};

/// All rows that hold an event, top to bottom as the profile guide draws them.
std::vector<Row> rows_of(const Timeline& timeline);

/// The span of one event of a kind of row.
Span span_of(const Timeline& timeline, RowKind kind, std::uint32_t index);

}  // namespace neuron::view
