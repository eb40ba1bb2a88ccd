// SPDX-License-Identifier: Apache-2.0
#include "view/store/rows.h"

#include <algorithm>
#include <future>
#include <map>
#include <numeric>

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
  void place(std::uint32_t index, std::int64_t begin_ps, std::int64_t end_ps) {
    std::size_t lane = 0;
    while (lane < ends_.size() && ends_[lane] > begin_ps) ++lane;
    if (lane == limit_)
      lane = static_cast<std::size_t>(std::min_element(ends_.begin(), ends_.end()) - ends_.begin());
    if (lane == ends_.size()) {
      ends_.push_back(0);
      row_.lanes.emplace_back();
    }
    ends_[lane] = std::max(ends_[lane], end_ps);
    row_.lanes[lane].events.push_back(index);
  }

 private:
  Row& row_;
  std::size_t limit_;
  std::vector<std::int64_t> ends_;
};

/// Indices of `events` in order of `begin`; the importer promises that order, a store checks.
template <class Event, class Begin>
std::vector<std::uint32_t> order_of(const std::vector<Event>& events, Begin begin) {
  std::vector<std::uint32_t> order(events.size());
  std::iota(order.begin(), order.end(), 0u);
  const auto earlier = [&](std::uint32_t a, std::uint32_t b) {
    return begin(events[a]) < begin(events[b]);
  };
  if (!std::is_sorted(order.begin(), order.end(), earlier))
    std::stable_sort(order.begin(), order.end(), earlier);
  return order;
}

/// Rows by a key whose order is the order on the page.
template <class Key>
class RowSet {
 public:
  explicit RowSet(std::size_t lanes) : lanes_(lanes) {}
  template <class Make>
  void place(const Key& key, std::uint32_t index, const Span& span, Make make) {
    auto found = rows_.find(key);
    if (found == rows_.end()) {
      auto entry = std::make_unique<Entry>(make(), lanes_);
      found = rows_.emplace(key, std::move(entry)).first;
    }
    found->second->stacker.place(index, span.begin_ps, span.end_ps);
  }
  void move_to(std::vector<Row>& out) {
    for (auto& [key, entry] : rows_) out.push_back(std::move(entry->row));
  }

 private:
  struct Entry {
    Entry(Row made, std::size_t lanes) : row(std::move(made)), stacker(row, lanes) {}
    Row row;
    Stacker stacker;
  };
  std::size_t lanes_;
  std::map<Key, std::unique_ptr<Entry>> rows_;
};

std::string name_on_core(const Timeline& timeline, std::string name, std::uint8_t core) {
  return timeline.cores.size() > 1 ? fmt::format("{} (nc{})", name, core) : name;
}

std::uint64_t ring_key(std::uint8_t core, std::uint16_t engine, std::uint16_t ring) {
  return std::uint64_t{core} << 32 | std::uint64_t{engine} << 16 | ring;
}

void add_queues(const Timeline& timeline, std::vector<Row>& out) {
  std::map<std::uint64_t, std::string> names;
  for (const DmaRing& ring : timeline.rings)
    if (!ring.queue.empty()) names[ring_key(ring.core, ring.engine, ring.ring)] = ring.queue;
  RowSet<std::pair<std::uint8_t, std::string>> rows(kQueueLanes);
  for (const auto i : order_of(timeline.packets, [](const auto& p) { return p.begin_ps; })) {
    const DmaPacket& packet = timeline.packets[i];
    const auto named = names.find(ring_key(packet.core, packet.engine, packet.ring));
    const std::string name =
        named != names.end() ? named->second : fmt::format("DMA-E{:02}", packet.engine);
    rows.place({packet.core, name}, i, span_of(timeline, RowKind::Queue, i), [&] {
      return Row{RowKind::Queue, name_on_core(timeline, name, packet.core), packet.core, 0, {}};
    });
  }
  rows.move_to(out);
}

std::size_t engine_row_of(const Instruction& instruction) {
  const bool is_matrix = instruction.engine == static_cast<std::uint8_t>(Engine::Tensor) &&
                         instruction.opcode == isa::matmul::kOpcode;
  for (std::size_t i = 0; i < std::size(kEngineRows); ++i)
    if (static_cast<std::uint8_t>(kEngineRows[i].engine) == instruction.engine &&
        kEngineRows[i].is_matrix == is_matrix)
      return i;
  return std::size(kEngineRows);
}

void add_engines(const Timeline& timeline, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::size_t>> rows(kInstructionLanes);
  for (const auto i : order_of(timeline.instructions, [](const auto& e) { return e.begin_ps; })) {
    const Instruction& e = timeline.instructions[i];
    const std::size_t at = engine_row_of(e);
    rows.place({e.core, at}, i, span_of(timeline, RowKind::Instruction, i), [&] {
      const std::string name = at < std::size(kEngineRows) ? std::string(kEngineRows[at].name)
                                                           : fmt::format("Engine {}", e.engine);
      return Row{RowKind::Instruction, name_on_core(timeline, name, e.core), e.core, e.engine, {}};
    });
  }
  rows.move_to(out);
}

void add_collectives(const Timeline& timeline, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::uint8_t>> rows(2);
  for (const auto i : order_of(timeline.collectives, [](const auto& c) { return c.begin_ps; })) {
    const Collective& c = timeline.collectives[i];
    rows.place({c.core, c.cc_core}, i, span_of(timeline, RowKind::Collective, i), [&] {
      return Row{RowKind::Collective,
                 name_on_core(timeline, fmt::format("CC-core {}", c.cc_core), c.core),
                 c.core,
                 c.engine,
                 {}};
    });
  }
  rows.move_to(out);
}

void add_throttles(const Timeline& timeline, std::vector<Row>& out) {
  RowSet<std::uint8_t> rows(2);
  for (const auto i : order_of(timeline.throttles, [](const auto& t) { return t.begin_ps; })) {
    const std::uint8_t core = timeline.throttles[i].core;
    rows.place(core, i, span_of(timeline, RowKind::Throttle, i), [&] {
      return Row{RowKind::Throttle, name_on_core(timeline, "Throttling", core), core, 0, {}};
    });
  }
  rows.move_to(out);
}

void add_semaphores(const Timeline& timeline, std::vector<Row>& out) {
  RowSet<std::pair<std::uint8_t, std::uint8_t>> rows(1);
  for (const auto i : order_of(timeline.semaphores, [](const auto& s) { return s.at_ps; })) {
    const SemaphoreUpdate& update = timeline.semaphores[i];
    rows.place({update.core, update.id}, i, span_of(timeline, RowKind::Semaphore, i), [&] {
      std::string name = fmt::format("Sem {}", update.id);
      if (update.core < timeline.cores.size() &&
          update.id < timeline.cores[update.core].semaphore_names.size())
        if (const auto& given = timeline.cores[update.core].semaphore_names[update.id];
            !given.empty())
          name += " " + given;
      return Row{RowKind::Semaphore, name_on_core(timeline, name, update.core), update.core, 0, {}};
    });
  }
  rows.move_to(out);
}

}  // namespace

const char* text_of(RowKind kind) {
  constexpr const char* kTexts[] = {"queue", "instruction", "collective", "throttle", "semaphore"};
  return kTexts[static_cast<std::size_t>(kind)];
}

std::vector<Row> rows_of(const Timeline& timeline) {
  std::vector<std::future<std::vector<Row>>> kinds;
  for (const auto add : {add_queues, add_engines, add_collectives, add_throttles, add_semaphores})
    kinds.push_back(std::async(std::launch::async, [add, &timeline] {
      std::vector<Row> rows;
      add(timeline, rows);
      return rows;
    }));
  std::vector<Row> all;
  for (auto& kind : kinds)
    for (Row& row : kind.get()) all.push_back(std::move(row));
  return all;
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
      set(e.begin_ps, e.end_ps, e.opcode, e.layer.value);
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
