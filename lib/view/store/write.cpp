// SPDX-License-Identifier: Apache-2.0
#include "view/store/write.h"

#include <algorithm>
#include <array>
#include <future>
#include <optional>

#include "view/store/condense.h"
#include "view/store/describe.h"
#include "view/store/details.h"
#include "view/store/series.h"

namespace neuron::view {
namespace {

constexpr std::size_t kEventsWithoutLevels = 4096;  // a page reads that many as they are
constexpr std::size_t kCoarsestCells = 1024;
constexpr int kLevelStep = 2;  // each level has buckets four times as wide

/// Spans on their way into blocks of a table.
class SpanTable {
 public:
  SpanTable(SegmentPart& out, bool is_level) : out_(out), is_level_(is_level) {
    table_ = out.add_table();
  }
  Result<> add(const Span& span) {
    spans_.push_back(span);
    return spans_.size() < kSpanRows ? Result<>() : flush();
  }
  Result<> flush() {
    if (spans_.empty()) return {};
    // Shared by all tables that this thread writes.
    thread_local ColumnBuffer events(6), cells(7);
    ColumnBuffer& buffer = is_level_ ? cells : events;
    std::int64_t last = spans_[0].end_ps;
    auto& c = buffer.columns;
    for (const Span& span : spans_) {
      last = std::max(last, span.end_ps);
      c[0].push_back(span.begin_ps);
      c[1].push_back(span.end_ps - span.begin_ps);
      c[2].push_back(span.color);
      c[3].push_back(span.layer);
      c[4].push_back(span.index);
      c[5].push_back(span.count);
      // Spans of a level have a seventh column: what they leave uncovered.
      if (is_level_) c[6].push_back(span.end_ps - span.begin_ps - span.covered_ps);
    }
    TRY(out_.add_chunk(table_, spans_[0].begin_ps, last, buffer));
    spans_.clear();
    return {};
  }
  std::uint32_t table() const { return table_; }

 private:
  SegmentPart& out_;
  bool is_level_;
  std::uint32_t table_ = 0;
  std::vector<Span> spans_;
};

/// Buckets of the finest level hold about four events each.
int finest_shift(std::int64_t busy_ps, std::size_t events) {
  const auto mean = static_cast<std::uint64_t>(std::max<std::int64_t>(busy_ps, 1)) /
                    std::max<std::size_t>(events, 1);
  return std::clamp(static_cast<int>(std::bit_width(mean)) + 2, 2, 60);
}

/// A level of detail, made of the one below as that is made. The next one starts when this one
/// turns out to have more cells than a page should read.
class Level {
 public:
  Level(SegmentPart& out, int shift) : out_(out), shift_(shift), table_(out, true) {}
  Level(const Level&) = delete;
  Level& operator=(const Level&) = delete;

  Result<> add(const Span& span) {
    condenser_.add(span);
    return settle(1);  // what comes next may still widen the last cell
  }
  /// Adds what the description says of this level and of those that follow.
  Result<> finish(Json& levels) {
    condenser_.finish();
    TRY(settle(0));
    TRY(table_.flush());
    levels.push_back({{"shift", shift_}, {"table", table_.table()}});
    return next_ ? next_->finish(levels) : Result<>();
  }

 private:
  Result<> settle(std::size_t open) {
    if (cells_.size() <= open) return {};
    const auto settled = cells_.end() - static_cast<std::ptrdiff_t>(open);
    for (auto cell = cells_.begin(); cell != settled; ++cell) TRY(put(*cell));
    cells_.erase(cells_.begin(), settled);
    return {};
  }
  Result<> put(const Span& cell) {
    TRY(table_.add(cell));
    if (next_) return next_->add(cell);
    first_.push_back(cell);
    if (first_.size() <= kCoarsestCells || shift_ + kLevelStep > 60) return {};
    next_ = std::make_unique<Level>(out_, shift_ + kLevelStep);
    for (const Span& one : std::exchange(first_, {})) TRY(next_->add(one));
    return {};
  }

  SegmentPart& out_;
  int shift_;
  SpanTable table_;
  std::vector<Span> cells_, first_;
  Condenser condenser_{shift_, cells_};
  std::unique_ptr<Level> next_;
};

/// One track on its way into a part, its events in the order of the lane.
class TrackWriter {
 public:
  TrackWriter(SegmentPart& out, RowKind kind, const Lane& lane)
      : kind_(kind), lane_(lane), table_(out, false) {
    if (lane.events > kEventsWithoutLevels)
      finest_.emplace(out, finest_shift(lane.last_ps - lane.first_ps, lane.events));
  }
  Result<> add(const Span& span) {
    TRY(table_.add(span));
    return finest_ ? finest_->add(span) : Result<>();
  }
  Result<Json> finish() {
    TRY(table_.flush());
    Json levels = Json::array();
    if (finest_) TRY(finest_->finish(levels));
    return Json{{"kind", text_of(kind_)},
                {"events", lane_.events},
                {"table", table_.table()},
                {"levels", std::move(levels)}};
  }

 private:
  RowKind kind_;
  const Lane& lane_;
  SpanTable table_;
  std::optional<Level> finest_;
};

Json row_json(const Row& row, std::size_t first_track) {
  Json tracks = Json::array();
  std::size_t events = 0;
  for (std::size_t i = 0; i < row.lanes.size(); ++i) {
    tracks.push_back(first_track + i);
    events += row.lanes[i].events;
  }
  Json json{{"name", row.name}, {"kind", text_of(row.kind)}, {"core", row.core}};
  if (row.kind == RowKind::Instruction) json["engine"] = row.engine;
  json["events"] = events;
  json["tracks"] = std::move(tracks);
  return json;
}

/// Writes steps of a counter as whole numbers of 1/scale, fine enough for any screen: `mean`, and
/// where it has one `peak`.
Result<std::uint32_t> write_steps(SegmentPart& out, double scale, const std::vector<double>& mean,
                                  const std::vector<double>& peak) {
  const std::uint32_t table = out.add_table();
  ColumnBuffer buffer(peak.empty() ? 1 : 2);
  const auto stored = [&](double value) {
    return static_cast<std::int64_t>(std::min(value * scale, 9e18));
  };
  for (std::size_t i = 0; i < mean.size(); ++i) {
    buffer.columns[0].push_back(stored(mean[i]));
    if (!peak.empty()) buffer.columns[1].push_back(stored(peak[i]));
    const auto end = static_cast<std::int64_t>(i + 1);
    if (buffer.rows() == kChunkRows || i + 1 == mean.size())
      TRY(out.add_chunk(table, end - static_cast<std::int64_t>(buffer.rows()), end, buffer));
  }
  return table;
}

/// Ever wider steps of a counter, down to about as many as a screen has pixels.
Result<Json> write_counter_levels(SegmentPart& out, double scale, const Counter& counter) {
  constexpr int kFold = 3;  // eight steps become one
  Json levels = Json::array();
  std::vector<double> mean = counter.mean, peak = counter.mean;
  for (int shift = counter.shift; mean.size() > kCoarsestCells;) {
    shift += kFold;
    std::vector<double> means((mean.size() + (1 << kFold) - 1) >> kFold), peaks(means.size());
    for (std::size_t i = 0; i < mean.size(); ++i) {
      means[i >> kFold] += mean[i] / (1 << kFold);
      peaks[i >> kFold] = std::max(peaks[i >> kFold], peak[i]);
    }
    mean.swap(means);
    peak.swap(peaks);
    const std::uint32_t table = TRY(write_steps(out, scale, mean, peak));
    levels.push_back({{"shift", shift}, {"table", table}});
  }
  return levels;
}

Result<Json> write_counter(SegmentPart& out, const Timeline& timeline, const Counter& counter) {
  constexpr double kScale = 1e6;
  const double scale = std::string_view(counter.unit) == "bytes/s" ? 1 : kScale;
  const std::uint32_t table = TRY(write_steps(out, scale, counter.mean, {}));
  Json levels = TRY(write_counter_levels(out, scale, counter));
  double peak = 0;
  for (const double mean : counter.mean) peak = std::max(peak, mean);
  std::string name = counter.name;
  if (timeline.cores.size() > 1 && !*counter.of) name += fmt::format(" (nc{})", counter.core);
  Json json{{"name", name},
            {"unit", counter.unit},
            {"core", counter.core},
            {"peak", peak},
            {"scale", scale},
            {"shift", counter.shift},
            {"steps", counter.mean.size()},
            {"table", table},
            {"levels", std::move(levels)}};
  if (*counter.of) json["of"] = counter.of;
  return json;
}

/// Lets go of events that a walk has left behind.
void let_go(const Timeline& timeline, const TrackMap& map, RowKind kind, std::size_t begin,
            std::size_t end) {
  release(map.lane_of, begin, end);
  switch (kind) {
    case RowKind::Queue:
      return release(timeline.packets, begin, end);
    case RowKind::Instruction:
      return release(timeline.instructions, begin, end);
    case RowKind::Collective:
      return release(timeline.collectives, begin, end);
    case RowKind::Semaphore:
      return release(timeline.semaphores, begin, end);
    case RowKind::Throttle:
      return release(timeline.throttles, begin, end);
  }
}

/// The tracks of all rows of a kind, in one walk through its events.
Result<Json> write_tracks(SegmentPart& out, const Timeline& timeline, const Layout& layout,
                          RowKind kind) {
  constexpr std::size_t kStep = 1 << 17;
  const TrackMap& map = layout.of(kind);
  std::vector<std::unique_ptr<TrackWriter>> writers;
  for (const Row& row : layout.rows)
    if (row.kind == kind)
      for (const Lane& lane : row.lanes)
        writers.push_back(std::make_unique<TrackWriter>(out, kind, lane));
  for (std::uint32_t i = 0; i < map.events(); ++i) {
    const std::uint32_t event = map.order.empty() ? i : map.order[i];
    TRY(writers[map.track_of(event) - map.first_track]->add(span_of(timeline, kind, event)));
    if (i % kStep == 0) let_go(timeline, map, kind, i - std::min<std::size_t>(i, kStep), i);
  }
  Json tracks = Json::array();
  for (const auto& writer : writers) {
    Json track = TRY(writer->finish());
    tracks.push_back(std::move(track));
  }
  return tracks;
}

Json rows_json(const std::vector<Row>& rows) {
  Json list = Json::array();
  std::size_t tracks = 0;
  for (const Row& row : rows) {
    list.push_back(row_json(row, tracks));
    tracks += row.lanes.size();
  }
  return list;
}

Result<Json> write_counters(SegmentPart& out, const Timeline& timeline, CounterGroup group) {
  Json counters = Json::array();
  Result<> done;
  for_each_counter(timeline, group, [&](Counter&& counter) {
    if (!done) return;
    auto json = write_counter(out, timeline, counter);
    if (json)
      counters.push_back(std::move(*json));
    else
      done = std::move(json).error();
  });
  if (!done) return std::move(done).error();
  return counters;
}

/// Counters as the page has its rows, parts behind what they are parts of.
Json in_row_order(std::vector<Json> counters) {
  const auto key = [](const Json& json) {
    const bool is_part = json.contains("of");
    std::string name = (is_part ? json["of"] : json["name"]).get<std::string>();
    name.resize(std::min(name.find(" ("), name.size()));
    return std::tuple(json["core"].get<int>(), row_of_counter(name), is_part);
  };
  std::stable_sort(counters.begin(), counters.end(),
                   [&](const Json& a, const Json& b) { return key(a) < key(b); });
  return counters;
}

/// What a thread makes of a part of a segment: its tables, and what the description says of them.
struct Written {
  SegmentPart part;
  Json json;
};
using Task = std::future<Result<Written>>;

/// Packing and compressing take the time, so each part is a task of its own.
template <class Write>
Task start(const fs::path& directory, Write write) {
  return std::async(std::launch::async, [directory, write]() -> Result<Written> {
    SegmentPart part(directory);
    Json json = TRY(write(part));
    return Written{std::move(part), std::move(json)};
  });
}

/// Adds `first` to every "table" in `json`.
void renumber(Json& json, std::uint32_t first) {
  for (auto& [key, value] : json.items())
    if (key == "table")
      value = value.get<std::uint32_t>() + first;
    else if (value.is_structured())
      renumber(value, first);
}

/// Waits for a task and takes its part in.
Result<Json> take(SegmentWriter& out, Task& task) {
  Written written = TRY(task.get());
  const std::uint32_t first = TRY(out.add(std::move(written.part)));
  renumber(written.json, first);
  return std::move(written.json);
}

}  // namespace

Result<std::uint64_t> write_segment(const fs::path& path, const Timeline& timeline,
                                    const std::vector<Metric>& summary) {
  if (std::max({timeline.instructions.size(), timeline.packets.size(), timeline.semaphores.size(),
                timeline.throttles.size(), timeline.collectives.size()}) >
      std::numeric_limits<std::uint32_t>::max())
    return fail(Code::NoResource, "more than 2^32 events of a kind");
  auto out = TRY(SegmentWriter::create(path));
  const Layout layout = layout_of(timeline);
  const auto begin = [&](auto write) { return start(path.parent_path(), write); };
  std::vector<Task> tracks, clicks, counters;
  for (const CounterGroup group : kCounterGroups)
    counters.push_back(
        begin([&, group](SegmentPart& part) { return write_counters(part, timeline, group); }));
  for (const RowKind kind : kRowKinds) {
    tracks.push_back(
        begin([&, kind](SegmentPart& part) { return write_tracks(part, timeline, layout, kind); }));
    clicks.push_back(begin([&, kind](SegmentPart& part) -> Result<Json> {
      const std::uint32_t table = TRY(write_details(part, timeline, kind, layout.of(kind)));
      return Json{{"table", table}};
    }));
  }
  Task texts = begin([&](SegmentPart& part) -> Result<Json> {
    const std::uint32_t table = TRY(part.add_texts(timeline.texts));
    return Json{{"table", table}};
  });
  Json description = describe(timeline, summary);
  description["rows"] = rows_json(layout.rows);
  description["tracks"] = Json::array();
  for (Task& task : tracks) {  // rows come in the order of kRowKinds, and so do their tracks
    Json list = TRY(take(out, task));
    for (Json& track : list) description["tracks"].push_back(std::move(track));
  }
  for (std::size_t i = 0; i < kRowKinds.size(); ++i) {
    const Json click = TRY(take(out, clicks[i]));
    description["details"][text_of(kRowKinds[i])] = click["table"];
  }
  std::vector<Json> rows;
  for (Task& task : counters) {
    Json list = TRY(take(out, task));
    for (Json& counter : list) rows.push_back(std::move(counter));
  }
  description["counters"] = in_row_order(std::move(rows));
  const Json text = TRY(take(out, texts));
  description["texts"] = text["table"];
  TRY(out.finish(description));
  return out.bytes();
}

}  // namespace neuron::view
