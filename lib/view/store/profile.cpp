// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "view/store/condense.h"
#include "view/store/dependencies.h"
#include "view/store/details.h"

namespace neuron::view {
namespace {

constexpr std::uint32_t kMostPixels = 1 << 16;

/// What the description says of one track, checked.
struct TrackInfo {
  RowKind kind = RowKind::Instruction;
  std::size_t table = 0;
  std::vector<std::pair<int, std::size_t>> levels;  ///< shift and table, finest first
};

Result<TrackInfo> track_info(const Segment& segment, std::uint32_t track) {
  const Json* tracks = json::find(segment.description(), "tracks");
  if (!tracks || !tracks->is_array() || track >= tracks->size())
    return fail(Code::NotFound, "no track {}", track);
  const Json& json = (*tracks)[track];
  TrackInfo info;
  const auto kind = TRY(json::get<std::string>(json, "kind"));
  for (const RowKind known : kRowKinds)
    if (kind == text_of(known)) info.kind = known;
  info.table = TRY(segment.table_in(json, "table"));
  const Json* levels = json::find(json, "levels");
  for (std::size_t i = 0; levels && levels->is_array() && i < levels->size(); ++i) {
    const auto shift = TRY(json::get<int>((*levels)[i], "shift"));
    const auto table = TRY(segment.table_in((*levels)[i], "table"));
    if (shift < 0 || shift > 62) return fail(Code::Malformed, "level of 2^{} ps", shift);
    info.levels.emplace_back(shift, table);
  }
  return info;
}

Span span_at(const Columns& block, std::size_t row, bool is_level) {
  Span span;
  span.begin_ps = block.at(0, row);
  const std::int64_t length = std::max<std::int64_t>(block.at(1, row), 0);
  span.end_ps = span.begin_ps + length;
  span.covered_ps =
      is_level ? std::clamp<std::int64_t>(length - block.at(6, row), 0, length) : length;
  span.color = static_cast<std::uint32_t>(block.at(2, row));
  span.layer = static_cast<std::uint32_t>(block.at(3, row));
  span.index = static_cast<std::uint32_t>(block.at(4, row));
  span.count = static_cast<std::uint32_t>(block.at(5, row));
  return span;
}

/// Calls `visit` for each span of a table that touches the window, in order.
template <class Visit>
Result<> for_each_span(const Segment& segment, std::size_t table, const Window& window,
                       bool is_level, Visit visit) {
  for (const Chunk& chunk : segment.table(table)) {
    if (chunk.last < window.begin_ps || chunk.first > window.end_ps) continue;
    auto block = TRY(segment.read(chunk, is_level ? 7 : 6));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      const std::int64_t begin = block->at(0, row);
      if (begin > window.end_ps) break;
      if (begin + std::max<std::int64_t>(block->at(1, row), 0) < window.begin_ps) continue;
      visit(span_at(*block, row, is_level));
    }
  }
  return {};
}

/// Events in the blocks that touch the window: never fewer than in the window itself.
std::uint64_t rows_near(const Segment& segment, std::size_t table, const Window& window) {
  std::uint64_t rows = 0;
  for (const Chunk& chunk : segment.table(table))
    if (chunk.last >= window.begin_ps && chunk.first <= window.end_ps) rows += chunk.rows;
  return rows;
}

Result<TrackSpans> query_track(const Segment& segment, std::uint32_t track, const Window& window) {
  const TrackInfo info = TRY(track_info(segment, track));
  TrackSpans out{.track = track, .is_exact = true, .spans = {}};
  const std::size_t few = 2 * std::size_t{window.width_px};
  if (info.levels.empty() || rows_near(segment, info.table, window) <= 2 * kSpanRows + few) {
    TRY(for_each_span(segment, info.table, window, false,
                      [&](const Span& span) { out.spans.push_back(span); }));
    if (out.spans.size() <= few) return out;
  }
  const auto pixel_ps =
      static_cast<std::uint64_t>(window.end_ps - window.begin_ps) / window.width_px;
  const int shift = pixel_ps > 1 ? static_cast<int>(std::bit_width(pixel_ps)) - 1 : 0;
  out.is_exact = false;
  std::vector<Span> events = std::move(out.spans);
  out.spans.clear();
  Condenser condenser(shift, out.spans);
  const auto level = std::find_if(info.levels.rbegin(), info.levels.rend(),
                                  [&](const auto& l) { return l.first <= shift; });
  const bool has_level = level != info.levels.rend();
  if (!events.empty()) {
    for (const Span& span : events) condenser.add(span);
  } else {
    TRY(for_each_span(segment, has_level ? level->second : info.table, window, has_level,
                      [&](const Span& span) { condenser.add(span); }));
  }
  condenser.finish();
  return out;
}

Result<> check(const Window& window) {
  constexpr std::int64_t kFar = std::int64_t{1} << 61;
  if (window.begin_ps >= window.end_ps || window.begin_ps < -kFar || window.end_ps > kFar)
    return fail(Code::BadUsage, "window from {} to {} ps is empty or out of range", window.begin_ps,
                window.end_ps);
  if (window.width_px == 0 || window.width_px > kMostPixels)
    return fail(Code::BadUsage, "width {} is not between 1 and {}", window.width_px, kMostPixels);
  return {};
}

}  // namespace

Profile::Profile(std::shared_ptr<Segment> segment) : segment_(std::move(segment)) {}

const Json& Profile::description() const { return segment_->description(); }

Result<std::vector<TrackSpans>> Profile::query(const Window& window,
                                               const std::vector<std::uint32_t>& tracks) const {
  TRY(check(window));
  std::vector<std::uint32_t> wanted = tracks;
  if (const Json* all = json::find(description(), "tracks"); wanted.empty() && all)
    for (std::uint32_t i = 0; i < all->size(); ++i) wanted.push_back(i);
  std::vector<TrackSpans> out;
  for (const auto track : wanted) {
    auto spans = TRY(query_track(*segment_, track, window));
    out.push_back(std::move(spans));
  }
  return out;
}

namespace {

/// Where the steps of a counter lie that suit a window.
struct CounterSteps {
  std::size_t table = 0;
  int shift = 0;  ///< of the stored steps
  bool has_peaks = false;
};

/// The widest stored steps that are no wider than 2^`wanted` ps, or the narrowest.
Result<CounterSteps> steps_for(const Segment& segment, const Json& counter, int wanted) {
  CounterSteps steps;
  steps.table = TRY(segment.table_in(counter, "table"));
  steps.shift = TRY(json::get<int>(counter, "shift"));
  const Json* levels = json::find(counter, "levels");
  for (std::size_t i = 0; levels && levels->is_array() && i < levels->size(); ++i) {
    const auto shift = TRY(json::get<int>((*levels)[i], "shift"));
    if (shift > wanted) break;
    const auto table = TRY(segment.table_in((*levels)[i], "table"));
    steps = {table, shift, true};
  }
  if (steps.shift < 0 || steps.shift > 62)
    return fail(Code::Malformed, "counter of 2^{} ps", steps.shift);
  return steps;
}

}  // namespace

Result<CounterSeries> Profile::counter(std::uint32_t counter, const Window& window) const {
  TRY(check(window));
  const Json* counters = json::find(description(), "counters");
  if (!counters || !counters->is_array() || counter >= counters->size())
    return fail(Code::NotFound, "no counter {}", counter);
  const Json& json = (*counters)[counter];
  const auto scale = TRY(json::get<double>(json, "scale"));
  if (!(scale > 0)) return fail(Code::Malformed, "counter of scale {}", scale);
  const auto pixel_ps =
      static_cast<std::uint64_t>(window.end_ps - window.begin_ps) / window.width_px;
  const int wanted = static_cast<int>(std::bit_width(pixel_ps)) - 1;
  const CounterSteps steps = TRY(steps_for(*segment_, json, wanted));
  const int shift = std::max(steps.shift, wanted);
  const std::int64_t first = std::max<std::int64_t>(window.begin_ps, 0) >> shift;
  const std::int64_t last = std::max<std::int64_t>(window.end_ps, 0) >> shift;
  CounterSeries out{
      .begin_ps = first << shift, .step_ps = std::int64_t{1} << shift, .mean = {}, .peak = {}};
  const int fold = shift - steps.shift;
  const double share = 1.0 / (scale * static_cast<double>(std::int64_t{1} << fold));
  const std::size_t peaks = steps.has_peaks ? 1 : 0;  // column
  for (const Chunk& chunk : segment_->table(steps.table)) {
    if (chunk.last <= first << fold || chunk.first > ((last + 1) << fold) - 1) continue;
    auto block = TRY(segment_->read(chunk, peaks + 1));
    for (std::size_t row = 0; row < block->rows(); ++row) {
      const std::int64_t step = (chunk.first + static_cast<std::int64_t>(row)) >> fold;
      if (step < first || step > last) continue;
      const auto at = static_cast<std::size_t>(step - first);
      if (at >= out.mean.size()) {
        out.mean.resize(at + 1);
        out.peak.resize(at + 1);
      }
      const auto peak = static_cast<double>(block->at(peaks, row));
      out.mean[at] += static_cast<float>(static_cast<double>(block->at(0, row)) * share);
      out.peak[at] = std::max(out.peak[at], static_cast<float>(peak / scale));
    }
  }
  return out;
}

Result<Json> Profile::event(std::uint32_t track, std::uint32_t index) const {
  const TrackInfo info = TRY(track_info(*segment_, track));
  const Json* details = json::find(description(), "details");
  if (!details) return fail(Code::Malformed, "\"details\" is missing");
  const auto table = TRY(segment_->table_in(*details, text_of(info.kind)));
  const auto texts = TRY(segment_->table_in(description(), "texts"));
  Json event = TRY(read_details(*segment_, info.kind, table, texts, index));
  if (info.kind == RowKind::Instruction) {
    Json dependencies = TRY(dependencies_of(*segment_, index));
    event["dependencies"] = std::move(dependencies);
  }
  return event;
}

Result<std::uint32_t> Profile::track_of(const std::string& kind, std::uint32_t index) const {
  const Json* details = json::find(description(), "details");
  for (const RowKind known : kRowKinds) {
    if (!details || kind != text_of(known)) continue;
    const auto table = TRY(segment_->table_in(*details, kind));
    const std::size_t column = details_of(known).size();
    for (const Chunk& chunk : segment_->table(table)) {
      if (index < chunk.first || index >= chunk.last) continue;
      auto block = TRY(segment_->read(chunk, column + 1));
      const auto row = static_cast<std::size_t>(index - chunk.first);
      if (row < block->rows()) return static_cast<std::uint32_t>(block->at(column, row));
    }
  }
  return fail(Code::NotFound, "no event {} of kind \"{}\"", index, kind);
}

}  // namespace neuron::view
