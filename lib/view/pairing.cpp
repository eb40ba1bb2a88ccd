// SPDX-License-Identifier: Apache-2.0
#include "view/pairing.h"

#include <algorithm>

namespace neuron::view {
namespace {

constexpr std::uint8_t kStart = 0, kEnd = 1;
constexpr std::uint8_t kPacketStart = 1, kPacketEnd = 5;
constexpr std::int64_t kOpen = INT64_MIN;  // end_ps of a row that still waits for its end
constexpr std::uint32_t kNone = UINT32_MAX;

/// Queues of open rows by slot, oldest first, as lists through one array.
class OpenRows {
 public:
  explicit OpenRows(std::size_t slots) : lists_(slots) {}

  /// Slots for device addresses that no image holds are made when they come.
  std::uint32_t foreign_slot(std::uint32_t pc20) {
    auto [at, is_new] = foreign_.try_emplace(pc20, static_cast<std::uint32_t>(lists_.size()));
    if (is_new) lists_.emplace_back();
    return at->second;
  }
  void push(std::uint32_t slot, std::uint32_t row) {
    List& list = lists_[slot];
    if (row >= next_.size()) next_.resize(std::max<std::size_t>(row + 1, 2 * next_.size()), kNone);
    (list.last == kNone ? list.first : next_[list.last]) = row;
    list.last = row;
  }
  std::uint32_t pop(std::uint32_t slot) {
    List& list = lists_[slot];
    const std::uint32_t row = list.first;
    if (row == kNone) return kNone;
    list.first = next_[row];
    if (list.first == kNone) list.last = kNone;
    return row;
  }

 private:
  struct List {
    std::uint32_t first = kNone, last = kNone;
  };
  std::vector<List> lists_;
  std::vector<std::uint32_t> next_;
  std::unordered_map<std::uint32_t, std::uint32_t> foreign_;
};

/// Rows that ended, inside the window, in order of begin; times count from the window's begin.
template <class Row>
void keep_whole_rows(std::vector<Row>& rows, const TimeWindow& window, Oddities& oddities) {
  std::erase_if(rows, [&](Row& row) {
    const auto begin = static_cast<std::uint64_t>(row.begin_ps);
    if (row.end_ps == kOpen) return true;
    const auto end = static_cast<std::uint64_t>(row.end_ps);
    if (end < begin || end > kLatestTime) {
      oddities.count(Oddity::negative_durations);
      return true;
    }
    row.begin_ps = window.from_begin(begin);
    row.end_ps = window.from_begin(end);
    return !window.holds(begin, end);
  });
}
template <class Row>
void sort_by_begin(std::vector<Row>& rows) {
  const auto earlier = [](const Row& a, const Row& b) { return a.begin_ps < b.begin_ps; };
  if (!std::is_sorted(rows.begin(), rows.end(), earlier))
    std::stable_sort(rows.begin(), rows.end(), earlier);
}

/// The place of each start in order of time, those of one time in order of arrival; empty where
/// they came in order already. Rows are large: they are made where they will stay.
std::vector<std::uint32_t> places_of_starts(const ntff::CoreTrace& core, std::size_t& count) {
  std::vector<std::pair<std::uint64_t, std::uint32_t>> starts;
  starts.reserve(core.instructions.size() / 2 + 1);
  for (const ntff::InstructionRecord& record : core.instructions)
    if (record.engine < isa::kEngines && record.kind == kStart)
      starts.emplace_back(record.time_ps, static_cast<std::uint32_t>(starts.size()));
  count = starts.size();
  std::vector<std::uint32_t> places;
  if (std::is_sorted(starts.begin(), starts.end())) return places;
  std::sort(starts.begin(), starts.end());
  places.resize(count);
  for (std::uint32_t place = 0; place < count; ++place) places[starts[place].second] = place;
  return places;
}

struct Pairer {
  const ntff::CoreTrace& core;
  std::uint8_t core_index;
  Programs& programs;
  const TimeWindow& window;
  Oddities& oddities;
  std::vector<OpenRows> open{};
  std::vector<Instruction> rows{};
  std::vector<std::uint32_t> places{};
  std::uint32_t started = 0;

  void start(const ntff::InstructionRecord& record) {
    Program* program = programs[record.engine].get();
    const auto slot = program ? program->slot_of(record.pc20) : std::nullopt;
    const std::uint32_t place = places.empty() ? started : places[started];
    ++started;
    Instruction& row = rows[place];
    if (slot) {
      row = program->row(*slot);
    } else {
      row.pc = record.pc20;
      row.engine = record.engine;
      if (window.holds(record.time_ps, record.time_ps)) oddities.count(Oddity::foreign_pcs);
    }
    row.begin_ps = static_cast<std::int64_t>(record.time_ps);
    row.end_ps = kOpen;
    row.wait_cycles = record.high;
    row.core = core_index;
    OpenRows& lists = open[record.engine];
    lists.push(slot ? *slot : lists.foreign_slot(record.pc20), place);
  }
  void end(const ntff::InstructionRecord& record) {
    Program* program = programs[record.engine].get();
    const auto slot = program ? program->slot_of(record.pc20) : std::nullopt;
    OpenRows& lists = open[record.engine];
    const std::uint32_t row = lists.pop(slot ? *slot : lists.foreign_slot(record.pc20));
    if (row == kNone) return oddities.count(Oddity::unmatched_ends);
    rows[row].end_ps = static_cast<std::int64_t>(record.time_ps);
    rows[row].crc_in = record.low;
    rows[row].crc_out = record.high;
  }
};

}  // namespace

std::vector<Instruction> pair_instructions(const ntff::CoreTrace& core, std::uint8_t core_index,
                                           Programs& programs, const TimeWindow& window,
                                           Oddities& oddities) {
  Pairer pairer{core, core_index, programs, window, oddities};
  for (const auto& program : programs) pairer.open.emplace_back(program ? program->size() : 0);
  std::size_t count = 0;
  pairer.places = places_of_starts(core, count);
  pairer.rows.resize(count);
  for (const ntff::InstructionRecord& record : core.instructions) {
    if (record.engine >= isa::kEngines) continue;
    if (record.kind == kStart) pairer.start(record);
    if (record.kind == kEnd) pairer.end(record);
  }
  // The tensor engine's last instruction always runs on when a capture stops; that is no oddity.
  std::uint64_t still_open = 0;
  bool stopped = false;
  for (const Instruction& row : pairer.rows) {
    const auto begin = static_cast<std::uint64_t>(row.begin_ps);
    if (row.end_ps != kOpen || begin < window.begin_ps || begin >= window.end_ps) continue;
    ++still_open;
    stopped = stopped || row.engine == 0;
  }
  oddities.count(Oddity::open_instructions, still_open - stopped);
  keep_whole_rows(pairer.rows, window, oddities);
  return std::move(pairer.rows);
}

std::vector<DmaPacket> pair_packets(const ntff::CoreTrace& core, std::uint8_t core_index,
                                    std::uint16_t first_engine, const TimeWindow& window,
                                    Oddities& oddities) {
  constexpr std::size_t kRings = 64 * 16;
  const auto ring_of = [](std::size_t engine, std::size_t ring) {
    return (engine % 64) * 16 + ring % 16;
  };
  OpenRows open(kRings);
  std::vector<DmaPacket> rows;
  rows.reserve(core.dma.size() / 3 + 1);
  for (const ntff::DmaRecord& record : core.dma) {
    const auto slot = static_cast<std::uint32_t>(ring_of(record.engine, record.ring));
    if (record.kind == kPacketStart) {
      DmaPacket& row = rows.emplace_back();
      row.begin_ps = static_cast<std::int64_t>(record.time_ps);
      row.end_ps = kOpen;
      row.engine = static_cast<std::uint16_t>(first_engine + record.engine);
      row.ring = record.ring;
      row.core = core_index;
      open.push(slot, static_cast<std::uint32_t>(rows.size() - 1));
    } else if (record.kind == kPacketEnd) {
      const std::uint32_t row = open.pop(slot);
      if (row == kNone) {
        oddities.count(Oddity::unmatched_packets);
        continue;
      }
      rows[row].end_ps = static_cast<std::int64_t>(record.time_ps);
      rows[row].bytes = record.size;
      rows[row].crc = record.crc;
    }
  }
  for (const DmaPacket& row : rows)
    if (row.end_ps == kOpen) oddities.count(Oddity::unmatched_packets);
  keep_whole_rows(rows, window, oddities);
  std::vector<std::uint32_t> next(kRings);
  for (DmaPacket& row : rows) row.index = next[ring_of(row.engine, row.ring)]++;
  sort_by_begin(rows);
  return rows;
}

}  // namespace neuron::view
