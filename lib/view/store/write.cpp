// SPDX-License-Identifier: Apache-2.0
#include "view/store/write.h"

#include <algorithm>
#include <array>
#include <future>
#include <list>

#include "view/store/condense.h"
#include "view/store/describe.h"
#include "view/store/details.h"
#include "view/store/series.h"

namespace neuron::view {
namespace {

constexpr std::size_t kEventsWithoutLevels = 4096;  // a page reads that many as they are
constexpr std::size_t kCoarsestCells = 1024;
constexpr int kLevelStep = 2;  // each level has buckets four times as wide

struct SpanBuffer {
  ColumnBuffer columns{6};
  std::int64_t first = 0, last = 0;
  void add(const Span& span) {
    if (columns.rows() == 0) {
      first = span.begin_ps;
      last = span.end_ps;
    }
    last = std::max(last, span.end_ps);
    auto& c = columns.columns;
    c[0].push_back(span.begin_ps);
    c[1].push_back(span.end_ps - span.begin_ps);
    c[2].push_back(span.color);
    c[3].push_back(span.layer);
    c[4].push_back(span.index);
    c[5].push_back(span.count);
  }
};

/// Spans of a level have a seventh column: what they leave uncovered.
Result<std::uint32_t> write_level(SegmentPart& out, const std::vector<Span>& cells) {
  const std::uint32_t table = out.add_table();
  SpanBuffer buffer{.columns = ColumnBuffer(7)};
  for (const Span& cell : cells) {
    buffer.add(cell);
    buffer.columns.columns[6].push_back(cell.end_ps - cell.begin_ps - cell.covered_ps);
    if (buffer.columns.rows() == kChunkRows)
      TRY(out.add_chunk(table, buffer.first, buffer.last, buffer.columns));
  }
  TRY(out.add_chunk(table, buffer.first, buffer.last, buffer.columns));
  return table;
}

/// Buckets of the finest level hold about four events each.
int finest_shift(std::int64_t busy_ps, std::size_t events) {
  const auto mean = static_cast<std::uint64_t>(std::max<std::int64_t>(busy_ps, 1)) /
                    std::max<std::size_t>(events, 1);
  return std::clamp(static_cast<int>(std::bit_width(mean)) + 2, 2, 60);
}

/// Writes the finest level, which is `cells`, and all that follow from it.
Result<Json> write_levels(SegmentPart& out, int shift, std::vector<Span> cells) {
  Json levels = Json::array();
  std::vector<Span> coarser;
  for (;; shift += kLevelStep) {
    const std::uint32_t table = TRY(write_level(out, cells));
    levels.push_back({{"shift", shift}, {"table", table}});
    if (cells.size() <= kCoarsestCells || shift + kLevelStep > 60) return levels;
    coarser.clear();
    Condenser next(shift + kLevelStep, coarser);
    for (const Span& cell : cells) next.add(cell);
    next.finish();
    cells.swap(coarser);
  }
}

/// One track on its way into a part, its events in the order of the lane.
class TrackWriter {
 public:
  TrackWriter(SegmentPart& out, const Timeline& timeline, RowKind kind, const Lane& lane)
      : out_(out),
        timeline_(timeline),
        kind_(kind),
        lane_(lane),
        table_(out.add_table()),
        shift_(has_levels() ? shift_of_lane() : 0),
        finest_(shift_, cells_) {}
  TrackWriter(const TrackWriter&) = delete;
  TrackWriter& operator=(const TrackWriter&) = delete;

  /// Writes on until an event has the index `limit` or a greater one.
  Result<> write_until(std::size_t limit) {
    for (; next_ < lane_.events.size() && lane_.events[next_] < limit; ++next_) {
      const Span span = span_of(timeline_, kind_, lane_.events[next_]);
      buffer_.add(span);
      if (has_levels()) finest_.add(span);
      if (buffer_.columns.rows() == kChunkRows)
        TRY(out_.add_chunk(table_, buffer_.first, buffer_.last, buffer_.columns));
    }
    return {};
  }
  Result<Json> finish() {
    TRY(out_.add_chunk(table_, buffer_.first, buffer_.last, buffer_.columns));
    finest_.finish();
    Json levels = Json::array();
    if (has_levels()) levels = TRY(write_levels(out_, shift_, std::move(cells_)));
    return Json{{"kind", text_of(kind_)},
                {"events", lane_.events.size()},
                {"table", table_},
                {"levels", std::move(levels)}};
  }

 private:
  bool has_levels() const { return lane_.events.size() > kEventsWithoutLevels; }
  int shift_of_lane() const {
    const Span front = span_of(timeline_, kind_, lane_.events.front());
    const Span back = span_of(timeline_, kind_, lane_.events.back());
    return finest_shift(back.end_ps - front.begin_ps, lane_.events.size());
  }

  SegmentPart& out_;
  const Timeline& timeline_;
  RowKind kind_;
  const Lane& lane_;
  std::uint32_t table_;
  int shift_;
  std::vector<Span> cells_;
  Condenser finest_;
  SpanBuffer buffer_;
  std::size_t next_ = 0;
};

Json row_json(const Row& row, std::size_t first_track) {
  Json tracks = Json::array();
  std::size_t events = 0;
  for (std::size_t i = 0; i < row.lanes.size(); ++i) {
    tracks.push_back(first_track + i);
    events += row.lanes[i].events.size();
  }
  Json json{{"name", row.name}, {"kind", text_of(row.kind)}, {"core", row.core}};
  if (row.kind == RowKind::Instruction) json["engine"] = row.engine;
  json["events"] = events;
  json["tracks"] = std::move(tracks);
  return json;
}

/// Means are stored as whole numbers of `scale`, fine enough for any screen.
Result<Json> write_counter(SegmentPart& out, const Timeline& timeline, const Counter& counter) {
  constexpr double kScale = 1e6;
  const double scale = std::string_view(counter.unit) == "bytes/s" ? 1 : kScale;
  const std::uint32_t table = out.add_table();
  ColumnBuffer buffer(1);
  double peak = 0;
  for (std::size_t i = 0; i < counter.mean.size(); ++i) {
    peak = std::max(peak, counter.mean[i]);
    const double stored = std::min(counter.mean[i] * scale, 9e18);
    buffer.columns[0].push_back(static_cast<std::int64_t>(stored));
    const auto end = static_cast<std::int64_t>(i + 1);
    if (buffer.rows() == kChunkRows || i + 1 == counter.mean.size())
      TRY(out.add_chunk(table, end - static_cast<std::int64_t>(buffer.rows()), end, buffer));
  }
  std::string name = counter.name;
  if (timeline.cores.size() > 1 && !*counter.of) name += fmt::format(" (nc{})", counter.core);
  Json json{
      {"name", name},   {"unit", counter.unit},   {"core", counter.core},         {"peak", peak},
      {"scale", scale}, {"shift", counter.shift}, {"steps", counter.mean.size()}, {"table", table}};
  if (*counter.of) json["of"] = counter.of;
  return json;
}

std::size_t events_of(const Timeline& timeline, RowKind kind) {
  switch (kind) {
    case RowKind::Queue:
      return timeline.packets.size();
    case RowKind::Instruction:
      return timeline.instructions.size();
    case RowKind::Collective:
      return timeline.collectives.size();
    case RowKind::Throttle:
      return timeline.throttles.size();
    case RowKind::Semaphore:
      break;
  }
  return timeline.semaphores.size();
}

/// The tracks of all rows of a kind. They advance together, a piece of the timeline at a time, so
/// that it comes into the cache once and not once for each track.
Result<Json> write_tracks(SegmentPart& out, const Timeline& timeline, const std::vector<Row>& rows,
                          RowKind kind) {
  constexpr std::size_t kPieceRows = 8192;
  std::list<TrackWriter> writers;
  for (const Row& row : rows)
    if (row.kind == kind)
      for (const Lane& lane : row.lanes) writers.emplace_back(out, timeline, kind, lane);
  const std::size_t events = events_of(timeline, kind);
  for (std::size_t begin = 0; begin < events; begin += kPieceRows)
    for (TrackWriter& writer : writers)
      TRY(writer.write_until(std::min(begin + kPieceRows, events)));
  Json tracks = Json::array();
  for (TrackWriter& writer : writers) {
    Json track = TRY(writer.finish());
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

/// The track of every event of a kind; tracks are counted as rows_json() does.
std::vector<std::uint32_t> tracks_of(const Timeline& timeline, const std::vector<Row>& rows,
                                     RowKind kind) {
  std::vector<std::uint32_t> track_of(events_of(timeline, kind));
  std::uint32_t track = 0;
  for (const Row& row : rows)
    for (const Lane& lane : row.lanes) {
      for (const auto index : lane.events)
        if (row.kind == kind) track_of[index] = track;
      ++track;
    }
  return track_of;
}

/// What a click tells of the events of one kind.
Result<Json> write_clicks(SegmentPart& out, const Timeline& timeline, const std::vector<Row>& rows,
                          RowKind kind) {
  const std::uint32_t table =
      TRY(write_details(out, timeline, kind, tracks_of(timeline, rows, kind)));
  return Json{{"table", table}};
}

Result<Json> write_counters(SegmentPart& out, const Timeline& timeline) {
  Json counters = Json::array();
  for (const Counter& counter : counters_of(timeline)) {
    Json json = TRY(write_counter(out, timeline, counter));
    counters.push_back(std::move(json));
  }
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
Task start(Write write) {
  return std::async(std::launch::async, [write]() -> Result<Written> {
    auto part = TRY(SegmentPart::create());
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
  const std::vector<Row> rows = rows_of(timeline);
  std::vector<Task> tracks, clicks;
  for (const RowKind kind : kRowKinds) {
    tracks.push_back(
        start([&, kind](SegmentPart& part) { return write_tracks(part, timeline, rows, kind); }));
    clicks.push_back(
        start([&, kind](SegmentPart& part) { return write_clicks(part, timeline, rows, kind); }));
  }
  Task counters = start([&](SegmentPart& part) { return write_counters(part, timeline); });
  Task texts = start([&](SegmentPart& part) -> Result<Json> {
    const std::uint32_t table = TRY(part.add_texts(timeline.texts));
    return Json{{"table", table}};
  });
  Json description = describe(timeline, summary);
  description["rows"] = rows_json(rows);
  description["tracks"] = Json::array();
  for (Task& task : tracks) {  // rows come in the order of kRowKinds, and so do their tracks
    Json list = TRY(take(out, task));
    for (Json& track : list) description["tracks"].push_back(std::move(track));
  }
  for (std::size_t i = 0; i < std::size(kRowKinds); ++i) {
    const Json click = TRY(take(out, clicks[i]));
    description["details"][text_of(kRowKinds[i])] = click["table"];
  }
  Json list = TRY(take(out, counters));
  description["counters"] = std::move(list);
  const Json text = TRY(take(out, texts));
  description["texts"] = text["table"];
  TRY(out.finish(description));
  return out.bytes();
}

}  // namespace neuron::view
