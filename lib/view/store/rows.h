// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>

#include "view/store.h"

/// Which row of the timeline every event belongs to, and which lane of that row, so that what
/// overlaps in time is stacked.
namespace neuron::view {

enum class RowKind : std::uint8_t { Queue, Instruction, Collective, Throttle, Semaphore };
const char* text_of(RowKind kind);

struct Lane {
  std::size_t events = 0;
  std::int64_t first_ps = 0, last_ps = 0;  ///< begin of its first event, end of its last
};
struct Row {
  RowKind kind = RowKind::Instruction;
  std::string name;          ///< "VectorE", "qSyncIO0"
  std::uint8_t core = 0;     ///< index in Timeline::cores
  std::uint16_t engine = 0;  ///< of instructions
  std::vector<Lane> lanes;   ///< lowest first
};

inline constexpr std::array kRowKinds{RowKind::Queue, RowKind::Instruction, RowKind::Collective,
                                      RowKind::Throttle, RowKind::Semaphore};

/// Which track shows each event of a kind.
struct TrackMap {
  std::vector<std::uint32_t> order;  ///< of the events' begin; empty where they lie in that order
  SpoolList<std::uint32_t> lane_of;  ///< by event: a lane in order of its first event
  std::vector<std::uint32_t> track_of_lane;
  std::uint32_t first_track = 0, tracks = 0;
  std::size_t events() const { return lane_of.size(); }
  std::uint32_t track_of(std::size_t event) const { return track_of_lane[lane_of[event]]; }
};
/// All rows that hold an event, top to bottom as the profile guide draws them; their lanes are the
/// tracks, counted from 0.
struct Layout {
  std::vector<Row> rows;
  std::array<TrackMap, kRowKinds.size()> kinds;  ///< by RowKind
  const TrackMap& of(RowKind kind) const { return kinds[static_cast<std::size_t>(kind)]; }
};
Layout layout_of(const Timeline& timeline);

/// The span of one event of a kind of row.
Span span_of(const Timeline& timeline, RowKind kind, std::uint32_t index);

}  // namespace neuron::view
