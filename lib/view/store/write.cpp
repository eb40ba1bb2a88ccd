// SPDX-License-Identifier: Apache-2.0
#include "view/store/write.h"

#include <algorithm>
#include <array>
#include <future>

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
Result<std::uint32_t> write_level(SegmentWriter& out, const std::vector<Span>& cells) {
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

Result<Json> write_levels(SegmentWriter& out, const Timeline& timeline, RowKind kind,
                          const Lane& lane) {
  Json levels = Json::array();
  if (lane.events.size() <= kEventsWithoutLevels) return levels;
  const Span front = span_of(timeline, kind, lane.events.front());
  const Span back = span_of(timeline, kind, lane.events.back());
  int shift = finest_shift(back.end_ps - front.begin_ps, lane.events.size());
  std::vector<Span> cells, coarser;
  Condenser finest(shift, cells);
  for (const auto index : lane.events) finest.add(span_of(timeline, kind, index));
  finest.finish();
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

Result<Json> write_track(SegmentWriter& out, const Timeline& timeline, RowKind kind,
                         const Lane& lane) {
  const std::uint32_t table = out.add_table();
  SpanBuffer buffer;
  for (const auto index : lane.events) {
    buffer.add(span_of(timeline, kind, index));
    if (buffer.columns.rows() == kChunkRows)
      TRY(out.add_chunk(table, buffer.first, buffer.last, buffer.columns));
  }
  TRY(out.add_chunk(table, buffer.first, buffer.last, buffer.columns));
  Json levels = TRY(write_levels(out, timeline, kind, lane));
  return Json{{"kind", text_of(kind)},
              {"events", lane.events.size()},
              {"table", table},
              {"levels", std::move(levels)}};
}

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
Result<Json> write_counter(SegmentWriter& out, const Timeline& timeline, const Counter& counter) {
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

constexpr std::array kKinds{RowKind::Queue, RowKind::Instruction, RowKind::Throttle,
                            RowKind::Semaphore};

std::size_t events_of(const Timeline& timeline, RowKind kind) {
  switch (kind) {
    case RowKind::Queue:
      return timeline.packets.size();
    case RowKind::Instruction:
      return timeline.instructions.size();
    case RowKind::Throttle:
      return timeline.throttles.size();
    case RowKind::Semaphore:
      break;
  }
  return timeline.semaphores.size();
}

Result<> write_rows(SegmentWriter& out, const Timeline& timeline, const std::vector<Row>& rows,
                    Json& description) {
  Json row_list = Json::array(), tracks = Json::array();
  for (const Row& row : rows) {
    row_list.push_back(row_json(row, tracks.size()));
    for (const Lane& lane : row.lanes) {
      Json track = TRY(write_track(out, timeline, row.kind, lane));
      tracks.push_back(std::move(track));
    }
  }
  description["rows"] = std::move(row_list);
  description["tracks"] = std::move(tracks);
  return {};
}

/// The track of every event of a kind; tracks are counted as write_rows() does.
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
Result<std::uint32_t> write_clicks(SegmentWriter& out, const Timeline& timeline,
                                   const std::vector<Row>& rows, RowKind kind) {
  return write_details(out, timeline, kind, tracks_of(timeline, rows, kind));
}

Result<Json> write_counters(SegmentWriter& out, const Timeline& timeline) {
  Json counters = Json::array();
  for (const Counter& counter : counters_of(timeline)) {
    Json json = TRY(write_counter(out, timeline, counter));
    counters.push_back(std::move(json));
  }
  return counters;
}

/// All that is no row: what a click tells, the counters, the texts. Packing and compressing take
/// the time, so each kind is a task of its own.
Result<Json> write_rest(SegmentWriter& out, const Timeline& timeline,
                        const std::vector<Row>& rows) {
  std::vector<std::future<Result<std::uint32_t>>> clicks;
  for (const RowKind kind : kKinds)
    clicks.push_back(std::async(std::launch::async,
                                [&, kind] { return write_clicks(out, timeline, rows, kind); }));
  auto counters = write_counters(out, timeline);
  Json rest{{"details", Json::object()}};
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    const std::uint32_t table = TRY(clicks[i].get());
    rest["details"][text_of(kKinds[i])] = table;
  }
  if (!counters) return std::move(counters).error();
  rest["counters"] = *std::move(counters);
  const std::uint32_t texts = TRY(out.add_texts(timeline.texts));
  rest["texts"] = texts;
  return rest;
}

}  // namespace

Result<std::uint64_t> write_segment(const fs::path& path, const Timeline& timeline,
                                    const std::vector<Metric>& summary) {
  if (std::max({timeline.instructions.size(), timeline.packets.size(), timeline.semaphores.size(),
                timeline.throttles.size()}) > std::numeric_limits<std::uint32_t>::max())
    return fail(Code::NoResource, "more than 2^32 events of a kind");
  auto out = TRY(SegmentWriter::create(path));
  const std::vector<Row> rows = rows_of(timeline);
  auto rest = std::async(std::launch::async, [&] { return write_rest(out, timeline, rows); });
  Json description = describe(timeline, summary);
  auto rows_written = write_rows(out, timeline, rows, description);
  auto written = rest.get();
  if (!rows_written) return std::move(rows_written).error();
  const Json others = TRY(std::move(written));
  description.update(others);
  TRY(out.finish(description));
  return out.bytes();
}

}  // namespace neuron::view
