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
  /// For at most `rows`.
  OpenRows(std::size_t slots, std::size_t rows, const fs::path& spool)
      : lists_(slots), next_(SpoolAllocator<std::uint32_t>(spool)) {
    if (!spool.empty()) next_.reserve(rows);
  }

  std::uint32_t add_slot() {
    lists_.emplace_back();
    return static_cast<std::uint32_t>(lists_.size() - 1);
  }
  void push(std::uint32_t slot, std::uint32_t row) {
    List& list = lists_[slot];
    if (row >= next_.size()) next_.resize(row + 1, kNone);
    if (next_.size() - let_go_ > kNearBytes / sizeof(std::uint32_t)) {
      release(next_, 0, next_.size());
      let_go_ = next_.size();
    }
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
  SpoolList<std::uint32_t> next_;
  std::size_t let_go_ = 0;
};

/// Rows that ended, inside the window, in order of begin; times count from the window's begin.
template <class Row>
void keep_whole_rows(SpoolList<Row>& rows, const TimeWindow& window, Oddities& oddities) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i % kNearRows == 0 && i > 0) release(rows, kept - std::min(kept, 2 * kNearRows), kept);
    if (i % kNearRows == 0 && i > 0) release(rows, std::max(kept, i - kNearRows), i);
    Row row = rows[i];
    if (row.end_ps == kOpen) continue;
    const auto begin = static_cast<std::uint64_t>(row.begin_ps);
    const auto end = static_cast<std::uint64_t>(row.end_ps);
    if (end < begin || end > kLatestTime) {
      oddities.count(Oddity::negative_durations);
      continue;
    }
    row.begin_ps = window.from_begin(begin);
    row.end_ps = window.from_begin(end);
    if (window.holds(begin, end)) rows[kept++] = row;
  }
  rows.resize(kept);
}
using Place = std::pair<std::uint64_t, std::uint32_t>;  // time and number of arrival

/// The place of each start in order of time, those of one time in order of arrival; empty where
/// they came in order already.
SpoolList<std::uint32_t> places_of_starts(const ntff::CoreTrace& core, const fs::path& spool,
                                          std::size_t& count) {
  SpoolList<Place> starts{SpoolAllocator<Place>(spool)};
  starts.reserve(core.instructions.count() / 2 + 1);
  ntff::for_each(core.instructions, [&](const ntff::InstructionRecord& record) {
    if (record.engine >= isa::kEngines || record.kind != kStart) return;
    starts.emplace_back(record.time_ps, static_cast<std::uint32_t>(starts.size()));
    if (starts.size() % kNearRows == 0) release(starts, 0, starts.size());
  });
  count = starts.size();
  SpoolList<std::uint32_t> places{SpoolAllocator<std::uint32_t>(spool)};
  if (is_in_order(starts, std::less<>())) return places;
  sort_stably(starts, std::less<>());
  extend(places, count);
  std::uint32_t place = 0;
  for (const Place& start : passing(starts)) {
    places[start.second] = place++;
    if (place % kNearRows == 0) release(places, 0, places.size());
  }
  return places;
}

struct Pairer {
  std::uint8_t core_index;
  Programs& programs;
  const TimeWindow& window;
  Timeline& timeline;
  Oddities& oddities;
  SpoolList<Instruction> rows;
  SpoolList<std::uint32_t> places{};
  std::vector<OpenRows> open{};
  std::uint32_t started = 0;

  struct Slot {
    std::uint32_t index = 0;
    const Step* foreign = nullptr;  ///< where no program holds it
  };
  /// Slots for device addresses that no image holds are made when they come.
  std::array<std::unordered_map<std::uint32_t, Slot>, isa::kEngines> foreign{};

  Slot slot_of(const ntff::InstructionRecord& record) {
    Program* program = programs[record.engine].get();
    if (const auto slot = program ? program->slot_of(record.pc20) : std::nullopt)
      return {*slot, nullptr};
    const auto [at, is_new] = foreign[record.engine].try_emplace(record.pc20);
    if (is_new) {
      Step step;
      step.pc = record.pc20;
      step.engine = record.engine;
      step.core = core_index;
      at->second = {open[record.engine].add_slot(), timeline.add_step(step)};
    }
    return at->second;
  }
  void start(const ntff::InstructionRecord& record) {
    const Slot slot = slot_of(record);
    if (slot.foreign && window.holds(record.time_ps, record.time_ps))
      oddities.count(Oddity::foreign_pcs);
    const std::uint32_t place = places.empty() ? started : places[started];
    if (++started % kNearRows == 0) {
      release(rows, 0, started - std::min<std::size_t>(started, 2 * kNearRows));
      release(places, 0, std::min<std::size_t>(started, places.size()));
    }
    if (place >= rows.size()) rows.resize(std::min<std::size_t>(place + 4096, rows.capacity()));
    rows[place] = {.begin_ps = static_cast<std::int64_t>(record.time_ps),
                   .end_ps = kOpen,
                   .step = slot.foreign ? slot.foreign : programs[record.engine]->step(slot.index),
                   .wait_cycles = record.high};
    open[record.engine].push(slot.index, place);
  }
  void end(const ntff::InstructionRecord& record) {
    const std::uint32_t row = open[record.engine].pop(slot_of(record).index);
    if (row == kNone) return oddities.count(Oddity::unmatched_ends);
    rows[row].end_ps = static_cast<std::int64_t>(record.time_ps);
    rows[row].crc_in = record.low;
    rows[row].crc_out = record.high;
  }
};

/// The tensor engine's last instruction always runs on when a capture stops; that is no oddity.
void count_open(const SpoolList<Instruction>& rows, const TimeWindow& window, Oddities& oddities) {
  std::uint64_t still_open = 0;
  bool stopped = false;
  for (const Instruction& row : passing(rows)) {
    const auto begin = static_cast<std::uint64_t>(row.begin_ps);
    if (row.end_ps != kOpen || begin < window.begin_ps || begin >= window.end_ps) continue;
    ++still_open;
    stopped = stopped || row->engine == 0;
  }
  oddities.count(Oddity::open_instructions, still_open - stopped);
}

}  // namespace

SpoolList<Instruction> pair_instructions(const ntff::CoreTrace& core, std::uint8_t core_index,
                                         Programs& programs, const TimeWindow& window,
                                         const fs::path& spool, Timeline& timeline,
                                         Oddities& oddities) {
  Pairer pairer{core_index, programs, window,
                timeline,   oddities, SpoolList<Instruction>{SpoolAllocator<Instruction>(spool)}};
  std::size_t count = 0;
  pairer.places = places_of_starts(core, spool, count);
  for (const auto& program : programs)
    pairer.open.emplace_back(program ? program->size() : 0, count, spool);
  pairer.rows.reserve(count);
  ntff::for_each(core.instructions, [&](const ntff::InstructionRecord& record) {
    if (record.engine >= isa::kEngines) return;
    if (record.kind == kStart) pairer.start(record);
    if (record.kind == kEnd) pairer.end(record);
  });
  pairer.rows.resize(count);
  count_open(pairer.rows, window, oddities);
  keep_whole_rows(pairer.rows, window, oddities);
  return std::move(pairer.rows);
}

SpoolList<DmaPacket> pair_packets(const ntff::CoreTrace& core, std::uint8_t core_index,
                                  std::uint16_t first_engine, const TimeWindow& window,
                                  const fs::path& spool, Oddities& oddities) {
  constexpr std::size_t kRings = 64 * 16;
  const auto ring_of = [](std::size_t engine, std::size_t ring) {
    return (engine % 64) * 16 + ring % 16;
  };
  OpenRows open(kRings, core.dma.count() / 2 + 1, spool);
  SpoolList<DmaPacket> rows{SpoolAllocator<DmaPacket>(spool)};
  rows.reserve(core.dma.count() / 2 + 1);
  ntff::for_each(core.dma, [&](const ntff::DmaRecord& record) {
    const auto slot = static_cast<std::uint32_t>(ring_of(record.engine, record.ring));
    if (record.kind == kPacketStart) {
      DmaPacket& row = rows.emplace_back();
      row.begin_ps = static_cast<std::int64_t>(record.time_ps);
      row.end_ps = kOpen;
      row.engine = static_cast<std::uint16_t>(first_engine + record.engine);
      row.ring = record.ring;
      row.core = core_index;
      open.push(slot, static_cast<std::uint32_t>(rows.size() - 1));
      if (rows.size() % kNearRows == 0)
        release(rows, 0, rows.size() - std::min(rows.size(), kNearRows));
    } else if (record.kind == kPacketEnd) {
      const std::uint32_t row = open.pop(slot);
      if (row == kNone) return oddities.count(Oddity::unmatched_packets);
      rows[row].end_ps = static_cast<std::int64_t>(record.time_ps);
      rows[row].bytes = record.size;
      rows[row].crc = record.crc;
    }
  });
  for (const DmaPacket& row : passing(rows))
    if (row.end_ps == kOpen) oddities.count(Oddity::unmatched_packets);
  keep_whole_rows(rows, window, oddities);
  std::vector<std::uint32_t> next(kRings);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].index = next[ring_of(rows[i].engine, rows[i].ring)]++;
    if (i % kNearRows == 0) release(rows, 0, i);
  }
  sort_stably(rows, [](const auto& a, const auto& b) { return a.begin_ps < b.begin_ps; });
  return rows;
}

}  // namespace neuron::view
