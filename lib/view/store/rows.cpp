// SPDX-License-Identifier: Apache-2.0
#include "view/store/rows.h"

#include <algorithm>
#include <future>
#include <map>
#include <numeric>
#include <unordered_map>

#include "isa/isa.h"

namespace neuron::view {
namespace {

using isa::Engine;

// Engine rows top to bottom, as the pictures of the profile guide show them. The tensor engine has
// two: what it loads (TensorE) and what it multiplies (TensorMatrixE).
struct EngineRow {
  const char* name;
  Engine engine;
  bool is_matrix;
};
constexpr EngineRow kEngineRows[] = {
    {"VectorE", Engine::Vector, false}, {"TensorMatrixE", Engine::Tensor, true},
    {"TensorE", Engine::Tensor, false}, {"SyncE", Engine::Sync, false},
    {"ScalarE", Engine::Scalar, false}, {"GpSimdE", Engine::Gpsimd, false}};

constexpr std::size_t kInstructionLanes = 8, kQueueLanes = 16;

/// First lane that is free at the begin of an event; when all are taken, the one that is free next.
class Stacker {
 public:
  Stacker(Row& row, std::size_t limit) : row_(row), limit_(limit) {}
  std::size_t place(std::int64_t begin_ps, std::int64_t end_ps) {
    std::size_t lane = 0;
    while (lane < ends_.size() && ends_[lane] > begin_ps) ++lane;
    if (lane == limit_)
      lane = static_cast<std::size_t>(std::min_element(ends_.begin(), ends_.end()) - ends_.begin());
    if (lane == ends_.size()) {
      ends_.push_back(0);
      row_.lanes.push_back({0, begin_ps, end_ps});
    }
    ends_[lane] = std::max(ends_[lane], end_ps);
    ++row_.lanes[lane].events;
    row_.lanes[lane].last_ps = end_ps;
    return lane;
  }

 private:
  Row& row_;
  std::size_t limit_;
  std::vector<std::int64_t> ends_;
};

/// Rows by a key whose order is the order on the page.
template <class Key>
class RowSet {
 public:
  RowSet(std::size_t lanes, TrackMap& map) : lanes_(lanes), map_(map) {}
  struct Entry {
    Entry(Row made, std::size_t lanes) : row(std::move(made)), stacker(row, lanes) {}
    Row row;
    Stacker stacker;
    std::vector<std::uint32_t> numbers;  ///< of its lanes
  };
  template <class Make>
  Entry& row(const Key& key, Make make) {
    auto found = rows_.find(key);
    if (found == rows_.end()) {
      auto entry = std::make_unique<Entry>(make(), lanes_);
      found = rows_.emplace(key, std::move(entry)).first;
    }
    return *found->second;
  }
  void place(Entry& entry, std::uint32_t index, const Span& span) {
    const std::size_t lane = entry.stacker.place(span.begin_ps, span.end_ps);
    if (lane == entry.numbers.size()) entry.numbers.push_back(map_.tracks++);
    map_.lane_of[index] = entry.numbers[lane];
  }
  void move_to(std::vector<Row>& out) {
    map_.track_of_lane.resize(map_.tracks);
    std::uint32_t track = 0;
    for (auto& [key, entry] : rows_) {
      for (const std::uint32_t number : entry->numbers) map_.track_of_lane[number] = track++;
      out.push_back(std::move(entry->row));
    }
  }

 private:
  std::size_t lanes_;
  TrackMap& map_;
  std::map<Key, std::unique_ptr<Entry>> rows_;
};

/// Calls place(index) for all events in order of their begin.
template <class Event, class Begin, class Place>
void walk(const SpoolList<Event>& events, TrackMap& map, Begin begin, Place place) {
  constexpr std::size_t kStep = 1 << 17;
  map.lane_of = SpoolList<std::uint32_t>(SpoolAllocator<std::uint32_t>(events.get_allocator()));
  extend(map.lane_of, events.size());
  const auto earlier = [&](const auto& a, const auto& b) { return begin(a) < begin(b); };
  if (!is_in_order(events, earlier)) {  // the importer promises that it is
    map.order.resize(events.size());
    std::iota(map.order.begin(), map.order.end(), 0u);
    std::stable_sort(map.order.begin(), map.order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return earlier(events[a], events[b]);
    });
  }
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    place(map.order.empty() ? i : map.order[i]);
    if (i % kStep == 0) release(events, i - std::min<std::size_t>(i, kStep), i);
    if (i % kStep == 0) release(map.lane_of, i - std::min<std::size_t>(i, kStep), i);
  }
}

std::string name_on_core(const Timeline& timeline, std::string name, std::uint8_t core) {
  return timeline.cores.size() > 1 ? fmt::format("{} (nc{})", name, core) : name;
}

std::uint64_t ring_key(std::uint8_t core, std::uint16_t engine, std::uint16_t ring) {
  return std::uint64_t{core} << 32 | std::uint64_t{engine} << 16 | ring;
}

void add_queues(const Timeline& timeline, TrackMap& map, std::vector<Row>& out) {
  std::map<std::uint64_t, std::string> names;
  for (const DmaRing& ring : timeline.rings)
    if (!ring.queue.empty()) names[ring_key(ring.core, ring.engine, ring.ring)] = ring.queue;
  RowSet<std::pair<std::uint8_t, std::string>> rows(kQueueLanes, map);
  const auto row_of = [&](const DmaPacket& packet, std::uint64_t key) {
    const auto named = names.find(key);
    const std::string name =
        named != names.end() ? named->second : fmt::format("DMA-E{:02}", packet.engine);
    return &rows.row({packet.core, name}, [&] {
      return Row{RowKind::Queue, name_on_core(timeline, name, packet.core), packet.core, 0, {}};
    });
  };
  std::unordered_map<std::uint64_t, decltype(rows)::Entry*> known;  // by ring
  const auto place = [&](std::uint32_t i) {
    const DmaPacket& packet = timeline.packets[i];
    const std::uint64_t key = ring_key(packet.core, packet.engine, packet.ring);
    const auto [row, is_new] = known.try_emplace(key);
    if (is_new) row->second = row_of(packet, key);
    rows.place(*row->second, i, span_of(timeline, RowKind::Queue, i));
  };
  walk(
      timeline.packets, map, [](const auto& p) { return p.begin_ps; }, place);
  rows.move_to(out);
}

std::size_t engine_row_of(const Instruction& instruction) {
  const bool is_matrix = instruction->engine == static_cast<std::uint8_t>(Engine::Tensor) &&
                         instruction->opcode == isa::matmul::kOpcode;
  for (std::size_t i = 0; i < std::size(kEngineRows); ++i)
    if (static_cast<std::uint8_t>(kEngineRows[i].engine) == instruction->engine &&
        kEngineRows[i].is_matrix == is_matrix)
      return i;
  return std::size(kEngineRows);
}

void add_engines(const Timeline& timeline, TrackMap& map, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::size_t>> rows(kInstructionLanes, map);
  const auto place = [&](std::uint32_t i) {
    const Instruction& e = timeline.instructions[i];
    const std::size_t at = engine_row_of(e);
    auto& row = rows.row({e->core, at}, [&] {
      const std::string name = at < std::size(kEngineRows) ? std::string(kEngineRows[at].name)
                                                           : fmt::format("Engine {}", e->engine);
      return Row{
          RowKind::Instruction, name_on_core(timeline, name, e->core), e->core, e->engine, {}};
    });
    rows.place(row, i, span_of(timeline, RowKind::Instruction, i));
  };
  walk(
      timeline.instructions, map, [](const auto& e) { return e.begin_ps; }, place);
  rows.move_to(out);
}

void add_collectives(const Timeline& timeline, TrackMap& map, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::uint8_t>> rows(2, map);
  const auto place = [&](std::uint32_t i) {
    const Collective& c = timeline.collectives[i];
    auto& row = rows.row({c.core, c.cc_core}, [&] {
      return Row{RowKind::Collective,
                 name_on_core(timeline, fmt::format("CC-core {}", c.cc_core), c.core),
                 c.core,
                 c.engine,
                 {}};
    });
    rows.place(row, i, span_of(timeline, RowKind::Collective, i));
  };
  walk(
      timeline.collectives, map, [](const auto& c) { return c.begin_ps; }, place);
  rows.move_to(out);
}

void add_throttles(const Timeline& timeline, TrackMap& map, std::vector<Row>& out) {
  RowSet<std::uint8_t> rows(2, map);
  const auto place = [&](std::uint32_t i) {
    const std::uint8_t core = timeline.throttles[i].core;
    auto& row = rows.row(core, [&] {
      return Row{RowKind::Throttle, name_on_core(timeline, "Throttling", core), core, 0, {}};
    });
    rows.place(row, i, span_of(timeline, RowKind::Throttle, i));
  };
  walk(
      timeline.throttles, map, [](const auto& t) { return t.begin_ps; }, place);
  rows.move_to(out);
}

void add_semaphores(const Timeline& timeline, TrackMap& map, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::uint8_t>> rows(1, map);
  const auto place = [&](std::uint32_t i) {
    const SemaphoreUpdate& update = timeline.semaphores[i];
    auto& row = rows.row({update.core, update.id}, [&] {
      std::string name = fmt::format("Sem {}", update.id);
      if (update.core < timeline.cores.size() &&
          update.id < timeline.cores[update.core].semaphore_names.size())
        if (const auto& given = timeline.cores[update.core].semaphore_names[update.id];
            !given.empty())
          name += " " + given;
      return Row{RowKind::Semaphore, name_on_core(timeline, name, update.core), update.core, 0, {}};
    });
    rows.place(row, i, span_of(timeline, RowKind::Semaphore, i));
  };
  walk(
      timeline.semaphores, map, [](const auto& s) { return s.at_ps; }, place);
  rows.move_to(out);
}

}  // namespace

const char* text_of(RowKind kind) {
  constexpr const char* kTexts[] = {"queue", "instruction", "collective", "throttle", "semaphore"};
  return kTexts[static_cast<std::size_t>(kind)];
}

Layout layout_of(const Timeline& timeline) {
  Layout layout;
  std::vector<std::future<std::vector<Row>>> kinds;
  std::size_t kind = 0;  // in the order of RowKind
  for (const auto add : {add_queues, add_engines, add_collectives, add_throttles, add_semaphores})
    kinds.push_back(std::async(std::launch::async, [add, &timeline, &map = layout.kinds[kind++]] {
      std::vector<Row> rows;
      add(timeline, map, rows);
      return rows;
    }));
  std::uint32_t tracks = 0;
  for (kind = 0; kind < kinds.size(); ++kind) {
    for (Row& row : kinds[kind].get()) layout.rows.push_back(std::move(row));
    TrackMap& map = layout.kinds[kind];
    map.first_track = tracks;
    for (std::uint32_t& track : map.track_of_lane) track += tracks;
    tracks += map.tracks;
  }
  return layout;
}

Span span_of(const Timeline& timeline, RowKind kind, std::uint32_t index) {
  Span span;
  const auto set = [&](std::int64_t begin, std::int64_t end, std::uint32_t color,
                       std::uint32_t layer) {
    end = std::max(begin, end);
    span = {begin, end, end - begin, color, layer, index, 1};
  };
  switch (kind) {
    case RowKind::Instruction: {
      const Instruction& e = timeline.instructions[index];
      set(e.begin_ps, e.end_ps, e->opcode, e->layer.value);
      break;
    }
    case RowKind::Queue: {
      const DmaPacket& p = timeline.packets[index];
      const bool is_known = p.transfer && p.transfer <= timeline.transfers.size();
      set(p.begin_ps, p.end_ps, p.engine,
          is_known ? timeline.transfers[p.transfer - 1].variable.value : 0);
      break;
    }
    case RowKind::Collective: {
      const Collective& c = timeline.collectives[index];
      set(c.begin_ps, c.end_ps, c.operation.value, 0);
      break;
    }
    case RowKind::Throttle: {
      const Throttle& t = timeline.throttles[index];
      set(t.begin_ps, t.end_ps, t.kind, 0);
      break;
    }
    case RowKind::Semaphore: {
      const SemaphoreUpdate& s = timeline.semaphores[index];
      set(s.at_ps, s.at_ps, s.value, 0);
      break;
    }
  }
  return span;
}

}  // namespace neuron::view
